// Package transfer is podtui's HTTP client: it gets documents whole and
// downloads that go on after a cut, from servers that nobody vouches for. All
// that crosses the network for an image passes here, so this is where the rules
// for it are kept:
//
//   - Credentials go to the scheme, host and port that was asked first, never to
//     where a redirect leads, and over plain HTTP only to this host itself.
//   - From https nothing leads to http, and plain HTTP reaches no other host,
//     unless somebody allowed it.
//   - Nothing is unbounded: headers, documents, redirects, retries, what a server
//     tells to wait, and the time without a byte.
//   - Bytes arrive as they were sent: nothing is decompressed on the way.
//
// It knows no images, registries or credentials; who calls it says what may be
// asked, and where the bytes are kept.
package transfer

import (
	"crypto/tls"
	"crypto/x509"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Defaults and bounds.
const (
	defaultStall   = 30 * time.Second
	defaultRetries = 5
	maxTries       = 1000             // ends a download that is cut again and again, a byte further each time
	maxHeader      = 256 << 10        // bytes of a response's header
	maxRetryAfter  = 60 * time.Second // what a server may make us wait
)

// Options say how a Client behaves. The zero value is what users get.
type Options struct {
	SkipTLS   bool           // certificates are not checked
	AllowHTTP bool           // plain HTTP to any host, and redirects from https to http
	RootCAs   *x509.CertPool // nil: the system's, or those of SSL_CERT_FILE
	UserAgent string
	Stall     time.Duration                         // no byte for so long: given up; 0: 30 s
	Backoff   func(attempt int) time.Duration       // nil: 0.5 s doubling with jitter, at most 10 s; attempts count from 0
	Attempts  int                                   // retries after the first try; 0: 5, negative: none
	Proxy     func(*http.Request) (*url.URL, error) // nil: http.ProxyFromEnvironment; never asked about loopback
}

// Client may be used from many goroutines at once.
type Client struct {
	o         Options
	transport *http.Transport
	patience  time.Duration // for all of a document, which is small, however it drips
	tries     int           // of a download, however far each brings it
}

// New makes a client. It connects to nobody yet.
func New(o Options) *Client {
	if o.Stall <= 0 {
		o.Stall = defaultStall
	}
	if o.Backoff == nil {
		o.Backoff = backoff
	}
	if o.Attempts == 0 {
		o.Attempts = defaultRetries
	}
	if o.UserAgent == "" {
		o.UserAgent = "podtui"
	}
	return &Client{o: o, transport: newTransport(o), patience: 4 * o.Stall, tries: maxTries}
}

// Close closes the connections that are idle.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

func newTransport(o Options) *http.Transport {
	// HTTP/1.1 alone: a layer has its connection to itself, so that a cut or a
	// slow reader is its own affair, and bytes reach our buffer without a copy.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Transport{
		Protocols:              &protocols,
		Proxy:                  proxy(o.Proxy),
		OnProxyConnectResponse: checkProxyAnswer,
		DialContext:            (&net.Dialer{Timeout: o.Stall}).DialContext,
		TLSHandshakeTimeout:    o.Stall,
		TLSClientConfig: &tls.Config{
			RootCAs:            o.RootCAs,
			InsecureSkipVerify: o.SkipTLS,
		},
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConnsPerHost:    8, // as many as layers come in parallel
		MaxIdleConns:           32,
		IdleConnTimeout:        o.Stall,
	}
}

// proxy never sends what is for this very host to another one: what goes there
// may be in plain text, with credentials.
func proxy(choose func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	if choose == nil {
		choose = http.ProxyFromEnvironment
	}
	return func(r *http.Request) (*url.URL, error) {
		if Loopback(r.URL.Hostname()) {
			return nil, nil
		}
		return choose(r)
	}
}

// backoff is 0.5 s and doubles, up to 10 s; half of it is chance, so that many
// clients that were cut at once don't come back at once.
func backoff(attempt int) time.Duration {
	d := min(500*time.Millisecond<<min(attempt, 10), 10*time.Second)
	return d/2 + rand.N(d/2)
}
