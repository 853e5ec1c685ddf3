package registrytest

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Addresses of the parts, so that each is a host of its own.
const (
	registryIP = "127.0.0.1"
	cdnIP      = "127.0.0.2"
	tokenIP    = "127.0.0.3"
)

// Options says what kind of registry is wanted. The zero value is plain HTTP
// for everybody.
type Options struct {
	TLS            bool   // https, with a certificate of an authority of the test's own
	User, Password string // who may use it; with neither Token nor this everybody may
	Token          *TokenOptions
	CDN            bool // blobs are answered by a redirect to another host
}

// Registry is one that runs until the test ends.
type Registry struct {
	*Server        // what clients talk to: Host, URL, the log, the faults
	Direct  string // docker-registry itself, HOST:PORT

	Tokens *TokenServer // with Options.Token
	CDN    *Server      // with Options.CDN
	CAPool *x509.CertPool
	CAFile string // PEM, for SSL_CERT_FILE

	options   Options
	storage   string
	authority *authority
	transport *http.Transport // to docker-registry
}

// Start starts a registry. Where docker-registry is missing the test is
// skipped, loudly; "make test" installs it, and in CI it is a failure.
func Start(tb testing.TB, o Options) *Registry {
	tb.Helper()
	need(tb, "docker-registry")
	dir := tb.TempDir()
	a := newAuthority(tb, dir)
	if o.Token != nil && o.User == "" {
		o.User, o.Password = "pusher", rand.Text() // somebody has to fill it
	}
	r := &Registry{CAPool: a.pool, CAFile: a.file, options: o, storage: filepath.Join(dir, "storage")}
	r.authority = a
	r.transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.pool}, DisableCompression: true}
	tb.Cleanup(r.transport.CloseIdleConnections)
	if o.Token != nil {
		r.Tokens = startTokens(tb, a, *o.Token, o.User, o.Password)
	}
	r.Direct = r.startDebian(tb, dir, a)
	r.open(tb)
	return r
}

// Again opens another server before the same docker-registry, with a log and
// faults of its own: it costs nothing, and a docker-registry a tenth of a second.
func (r *Registry) Again(tb testing.TB) *Registry {
	tb.Helper()
	other := *r
	other.open(tb)
	return &other
}

// open starts the servers before docker-registry.
func (r *Registry) open(tb testing.TB) {
	tb.Helper()
	a := r.authority.when(r.options.TLS)
	r.Server = serve(tb, registryIP, a, r.front())
	if r.options.CDN {
		r.CDN = serve(tb, cdnIP, a, http.HandlerFunc(r.serveBlob))
		r.Inject(Match{Path: "/blobs/sha256:"}, r.toCDN)
	}
}

// need skips the test where a program of Debian's is missing.
func need(tb testing.TB, program string) {
	tb.Helper()
	if _, err := exec.LookPath(program); err != nil {
		missing(tb, err)
	}
}

func missing(tb testing.TB, err error) {
	tb.Helper()
	if os.Getenv("CI") != "" {
		tb.Fatal(err)
	}
	tb.Skipf("not tested here, something is missing (make test would install it): %v", err)
}

// scheme is how both docker-registry and the server before it are spoken to.
func (r *Registry) scheme() string {
	if r.options.TLS {
		return "https"
	}
	return "http"
}

// front passes requests on to docker-registry as they came.
func (r *Registry) front() http.Handler {
	target := &url.URL{Scheme: r.scheme(), Host: r.Direct}
	return &httputil.ReverseProxy{
		Transport: r.transport,
		ErrorLog:  silent,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Host = p.In.Host // locations and links name the host that was asked
		},
	}
}
