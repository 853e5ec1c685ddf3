// Package origin is a real web server on loopback for tests: files and pages on
// as many hosts as a test names, over HTTPS with a certificate authority of its
// own and over plain HTTP, and faults that happen in the order in which they
// were asked for.
//
//	o := origin.Start(t)
//	file := o.Host("example.com").File("/app.aci", data)
//	file.Fault(origin.CutAfter(1000), origin.Status(503, "Retry-After", "1"))
//	… run something with o.Env() …
//	o.Served("/app.aci")     // bytes, over all requests
//	o.RequestsTo("cdn.test") // with headers: did a credential get there?
//
// A host that is called 127.0.0.1 or localhost is reached directly, at URL. All
// others are reached through Proxy, which takes every name to be this server's,
// with a certificate for that name on port 443: the environment of Env is all
// that a program needs to find example.com here.
package origin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Local is the host that File and Page of an Origin are about.
const Local = "127.0.0.1"

// Origin is a running server. Its methods may be called from any goroutine.
type Origin struct {
	authority *authority
	folder    string // of the CA file

	tls, plain, proxy net.Listener
	viaTLS, viaPlain  *handed // connections that came through the proxy
	servers           []*http.Server
	closing           chan struct{} // wakes those who stall
	running           sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	hosts   map[string]*Host
	log     []*exchange
	proxied []string
	refused map[string]bool
}

// Start runs a server for as long as the test.
func Start(tb testing.TB) *Origin {
	tb.Helper()
	o, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(o.Close)
	return o
}

// New runs a server until Close.
func New() (*Origin, error) {
	o := &Origin{closing: make(chan struct{}), hosts: make(map[string]*Host), refused: make(map[string]bool)}
	for _, l := range []*net.Listener{&o.tls, &o.plain, &o.proxy} {
		var err error
		if *l, err = net.Listen("tcp", Local+":0"); err != nil {
			o.closeListeners()
			return nil, err
		}
	}
	if err := o.certify(); err != nil {
		o.closeListeners()
		return nil, err
	}
	o.viaTLS, o.viaPlain = newHanded(o.tls.Addr()), newHanded(o.plain.Addr())
	secure := &tls.Config{GetCertificate: o.certificate, NextProtos: []string{"http/1.1"}}
	o.serve(http.HandlerFunc(o.answer), tls.NewListener(o.tls, secure), tls.NewListener(o.viaTLS, secure))
	o.serve(http.HandlerFunc(o.answer), o.plain, o.viaPlain)
	o.serve(http.HandlerFunc(o.connect), o.proxy)
	return o, nil
}

func (o *Origin) certify() (err error) {
	if o.authority, err = newAuthority(); err != nil {
		return err
	}
	if o.folder, err = os.MkdirTemp("", "origin-"); err != nil {
		return err
	}
	return os.WriteFile(o.CAFile(), o.authority.pem, 0o644)
}

func (o *Origin) serve(handler http.Handler, listeners ...net.Listener) {
	server := &http.Server{
		Handler:     handler,
		ErrorLog:    log.New(io.Discard, "", 0), // clients that end a handshake are what tests are about
		ConnContext: withConn,
	}
	o.servers = append(o.servers, server)
	for _, l := range listeners {
		o.running.Go(func() {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				panic(err)
			}
		})
	}
}

func (o *Origin) closeListeners() {
	for _, l := range []net.Listener{o.tls, o.plain, o.proxy} {
		if l != nil {
			l.Close()
		}
	}
}

// Close ends the server and everything that is being served.
func (o *Origin) Close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	close(o.closing)
	for _, server := range o.servers {
		server.Close()
	}
	o.running.Wait()
	os.RemoveAll(o.folder)
}

// URL is the URL of a path on this server over HTTPS, without a proxy.
func (o *Origin) URL(path string) string { return "https://" + o.tls.Addr().String() + path }

// PlainURL is the URL of a path on this server over plain HTTP.
func (o *Origin) PlainURL(path string) string { return "http://" + o.plain.Addr().String() + path }

// CAs trusts this server.
func (o *Origin) CAs() *x509.CertPool { return o.authority.pool() }

// CAFile is a file with the certificate of the server's authority, for
// SSL_CERT_FILE.
func (o *Origin) CAFile() string { return filepath.Join(o.folder, "ca.pem") }

// Proxy is the URL of the proxy through which every host is this server.
func (o *Origin) Proxy() string { return "http://" + o.proxy.Addr().String() }

// Env is the environment of a program that shall take this server for the
// Internet.
func (o *Origin) Env() []string {
	return []string{
		"HTTPS_PROXY=" + o.Proxy(), "HTTP_PROXY=" + o.Proxy(), "NO_PROXY=",
		"SSL_CERT_FILE=" + o.CAFile(),
	}
}

// Host returns the host of that name, making it if it is new.
func (o *Origin) Host(name string) *Host {
	name = strings.ToLower(name)
	o.mu.Lock()
	defer o.mu.Unlock()
	h := o.hosts[name]
	if h == nil {
		h = &Host{origin: o, name: name, resources: make(map[string]*Resource)}
		o.hosts[name] = h
	}
	return h
}

// File serves data at a path of the host that is reached directly.
func (o *Origin) File(path string, data []byte) *Resource { return o.Host(Local).File(path, data) }

// Page serves HTML there.
func (o *Origin) Page(path, html string) *Resource { return o.Host(Local).Page(path, html) }

// answer serves a request to whatever host.
func (o *Origin) answer(w http.ResponseWriter, r *http.Request) {
	x := &exchange{
		conn: connOf(r), closing: o.closing,
		request: Request{
			Host: hostname(r.Host), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery,
			Header: r.Header.Clone(), Plain: r.TLS == nil,
		},
	}
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		panic(http.ErrAbortHandler)
	}
	o.running.Add(1) // not once Close may be waiting
	defer o.running.Done()
	o.log = append(o.log, x)
	host := o.hosts[x.request.Host]
	o.mu.Unlock()
	counted := &counter{ResponseWriter: w, x: x}
	r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
	resource := host.at(r.URL.Path)
	if resource == nil {
		http.NotFound(counted, r)
		return
	}
	resource.ServeHTTP(counted, r)
}

func hostname(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		hostport = host
	}
	return strings.ToLower(hostport)
}
