package registrytest

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// silent is for servers that are meant to meet clients that break off.
var silent = log.New(io.Discard, "", 0)

// Server is an HTTP server of ours on an address of loopback. It remembers what
// it was asked, and misbehaves as it is told.
type Server struct {
	Host string // IP:PORT
	URL  string // http://IP:PORT or https://IP:PORT

	handler http.Handler

	mu     sync.Mutex
	log    []*Request
	faults []*injected
}

// Request is one that a server got.
type Request struct {
	Method, Path, Query string
	Host                string // as the client calls the server
	Authorization       string
	Header              http.Header
	Form                string // the body of a form
	Status              int
	Bytes               int64 // of the answer's body, as far as they left
}

// serve starts a server that ends with the test; with an authority it speaks TLS.
func serve(tb testing.TB, ip string, a *authority, h http.Handler) *Server {
	tb.Helper()
	l, err := net.Listen("tcp", ip+":0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{Host: l.Addr().String(), handler: h}
	s.URL = "http://" + s.Host
	web := &http.Server{Handler: s, ErrorLog: silent}
	if a != nil {
		s.URL = "https://" + s.Host
		web.TLSConfig = &tls.Config{Certificates: []tls.Certificate{a.server}}
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if a != nil {
			_ = web.ServeTLS(l, "", "")
		} else {
			_ = web.Serve(l)
		}
	}()
	tb.Cleanup(func() {
		web.Close() // stalled answers see it by their request's context
		<-ended
	})
	return s
}

// ServeHTTP logs the request, and lets a fault answer it or the server's own
// handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	entry := &Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Host: r.Host,
		Authorization: r.Header.Get("Authorization"), Header: r.Header.Clone(),
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		_ = r.ParseForm()
		entry.Form = r.PostForm.Encode()
	}
	fault := s.begin(entry)
	counted := &counter{ResponseWriter: w, server: s, entry: entry}
	if fault != nil {
		fault(counted, r, s.handler)
		return
	}
	s.handler.ServeHTTP(counted, r)
}

// begin logs a request and finds the fault that it is to meet.
func (s *Server) begin(entry *Request) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, entry)
	// The latest comes first: what a test injects goes before what the server
	// came with.
	for i := len(s.faults) - 1; i >= 0; i-- {
		if f := s.faults[i]; f.takes(entry) {
			return f.fault
		}
	}
	return nil
}

// Requests lists what was asked for so far: of one method ("" is any), and with
// part in its path and query.
func (s *Server) Requests(method, part string) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Request
	for _, r := range s.log {
		if (method == "" || r.Method == method) && strings.Contains(r.Path+"?"+r.Query, part) {
			found = append(found, *r)
		}
	}
	return found
}

// Served is how many bytes of bodies left for requests with part in their path.
func (s *Server) Served(part string) int64 {
	var sum int64
	for _, r := range s.Requests("", part) {
		sum += r.Bytes
	}
	return sum
}

// Forget empties the log.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
}

// counter counts what leaves, as it leaves: an answer that is cut counts too.
type counter struct {
	http.ResponseWriter
	server *Server
	entry  *Request
}

func (c *counter) WriteHeader(status int) {
	c.server.mu.Lock()
	c.entry.Status = status
	c.server.mu.Unlock()
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.entry.Bytes += int64(n)
	if c.entry.Status == 0 {
		c.entry.Status = http.StatusOK
	}
	return n, err
}

// Unwrap is how http.ResponseController reaches Flush.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }
