package origin

import (
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
)

// Proxied are the hosts, with ports, that clients connected to through the
// proxy, in their order.
func (o *Origin) Proxied() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.proxied)
}

// Refuse makes the proxy answer 403 to whoever wants to get to the host.
func (o *Origin) Refuse(host string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refused[host] = true
}

// connect is the proxy. A connection to any host is handed to this server's own
// listeners, so what happens to it happens to the client's very connection.
func (o *Origin) connect(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.proxied = append(o.proxied, r.Host)
	refused := o.refused[hostname(r.Host)]
	o.mu.Unlock()
	switch {
	case refused:
		http.Error(w, "not through me", http.StatusForbidden)
	case r.Method == http.MethodConnect:
		o.hand(w, r)
	default: // a plain request for an absolute URL
		o.answer(w, r)
	}
}

func (o *Origin) hand(w http.ResponseWriter, r *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	if _, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		conn.Close()
		return
	}
	to := o.viaTLS
	if _, port, _ := net.SplitHostPort(r.Host); port == "80" {
		to = o.viaPlain
	}
	to.hand(conn)
}

// handed is a listener whose connections somebody else has accepted.
type handed struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newHanded(addr net.Addr) *handed {
	return &handed{addr: addr, conns: make(chan net.Conn), done: make(chan struct{})}
}

func (h *handed) hand(conn net.Conn) {
	select {
	case h.conns <- conn:
	case <-h.done:
		conn.Close()
	}
}

func (h *handed) Accept() (net.Conn, error) {
	select {
	case conn := <-h.conns:
		return conn, nil
	case <-h.done:
		return nil, net.ErrClosed
	}
}

func (h *handed) Close() error {
	h.once.Do(func() { close(h.done) })
	return nil
}

func (h *handed) Addr() net.Addr { return h.addr }
