package origin

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Request is one that reached the server.
type Request struct {
	Host   string // without port, in lower case
	Method string
	Path   string
	Query  string
	Header http.Header
	Plain  bool  // it came without TLS
	Status int   // of the answer; 0: there was none
	Bytes  int64 // of content that was sent
}

// Requests are all that came so far, in their order.
func (o *Origin) Requests() []Request {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := make([]Request, len(o.log))
	for i, x := range o.log {
		list[i] = x.told()
	}
	return list
}

// RequestsTo are those to one host.
func (o *Origin) RequestsTo(host string) []Request {
	return slices.DeleteFunc(o.Requests(), func(r Request) bool { return r.Host != host })
}

// Served is how many bytes of content were sent for a path, on all hosts, by all
// requests together.
func (o *Origin) Served(path string) (bytes int64) {
	for _, r := range o.Requests() {
		if r.Path == path {
			bytes += r.Bytes
		}
	}
	return bytes
}

// Forget empties the log.
func (o *Origin) Forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.log = nil
}

// exchange is a request, and what is being answered to it.
type exchange struct {
	conn    *net.TCPConn
	closing <-chan struct{}

	mu      sync.Mutex
	request Request
}

type (
	exchangeKey struct{}
	connKey     struct{}
)

func exchangeOf(r *http.Request) *exchange { return r.Context().Value(exchangeKey{}).(*exchange) }

func (x *exchange) told() Request {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.request
}

func (x *exchange) sent(status, bytes int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.request.Status == 0 {
		x.request.Status = status
	}
	x.request.Bytes += int64(bytes)
}

func withConn(ctx context.Context, conn net.Conn) context.Context {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	return context.WithValue(ctx, connKey{}, conn)
}

func connOf(r *http.Request) *net.TCPConn { return r.Context().Value(connKey{}).(*net.TCPConn) }

// reset ends the connection as a crash does, after what was written has reached
// the client: what is still on its way would be lost with it, and no test could
// count on where the cut is.
func (x *exchange) reset() {
	if raw, err := x.conn.SyscallConn(); err == nil {
		for range 1000 {
			waiting := 0
			raw.Control(func(fd uintptr) { waiting, _ = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) }) //nolint:errcheck // gone is as good as sent
			if waiting == 0 {
				break
			}
			time.Sleep(time.Millisecond)
		}
	}
	_ = x.conn.SetLinger(0) // it is closed anyway
	x.conn.Close()
}

// wait ends with the client's patience, or with the server.
func (x *exchange) wait(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-x.closing:
	}
}

// counter counts what is sent.
type counter struct {
	http.ResponseWriter
	x *exchange
}

func (c *counter) WriteHeader(status int) {
	c.x.sent(status, 0)
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(b []byte) (int, error) {
	// Before the client can have them: a test asks as soon as it has the last one.
	c.x.sent(http.StatusOK, len(b))
	n, err := c.ResponseWriter.Write(b)
	c.x.sent(http.StatusOK, n-len(b))
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }
