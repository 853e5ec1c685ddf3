package origin

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Host is one host name of the server.
type Host struct {
	origin *Origin
	name   string

	mu        sync.Mutex
	resources map[string]*Resource
	badness   badness
}

// URL is the URL of a path on this host, over HTTPS.
func (h *Host) URL(path string) string {
	return "https://" + h.port(h.origin.tls) + path
}

// PlainURL is the same over plain HTTP.
func (h *Host) PlainURL(path string) string {
	return "http://" + h.port(h.origin.plain) + path
}

// port is the host with its port; the proxy's hosts have the default ones.
func (h *Host) port(l net.Listener) string {
	if h.name != Local && h.name != "localhost" {
		return h.name
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return net.JoinHostPort(h.name, port)
}

// File serves data at path, with an ETag and the time of a day ago, and ranges
// of it.
func (h *Host) File(path string, data []byte) *Resource {
	f := &Resource{kind: "application/octet-stream", modified: time.Now().Add(-24 * time.Hour)}
	f.Replace(data)
	return h.put(path, f)
}

// Page serves HTML at path.
func (h *Host) Page(path, html string) *Resource {
	return h.File(path, []byte(html)).Type("text/html; charset=utf-8")
}

// Redirect sends from path to a URL.
func (h *Host) Redirect(path, to string) *Resource {
	return h.Handle(path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	})
}

// Handle serves whatever a test comes up with.
func (h *Host) Handle(path string, handler http.HandlerFunc) *Resource {
	return h.put(path, &Resource{handler: handler})
}

// Remove makes the path not found.
func (h *Host) Remove(path string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.resources, path)
}

func (h *Host) put(path string, f *Resource) *Resource {
	h.mu.Lock()
	defer h.mu.Unlock()
	f.url = h.URL(path)
	h.resources[path] = f
	return f
}

func (h *Host) at(path string) *Resource {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.resources[path]
}

// Resource is what a path leads to. Its methods return it, to be chained.
type Resource struct {
	url     string
	handler http.HandlerFunc // nil: a file

	mu       sync.Mutex
	data     []byte
	etag     string
	modified time.Time
	kind     string
	header   [][2]string
	user     string
	password string
	bearer   string
	faults   []Fault
	always   Fault
}

// URL is where it is, over HTTPS.
func (f *Resource) URL() string { return f.url }

// Replace changes the content, and the ETag with it.
func (f *Resource) Replace(data []byte) *Resource {
	return f.set(func() {
		f.data = data
		f.etag = fmt.Sprintf(`"%.16x"`, sha256.Sum256(data))
	})
}

// Type sets the Content-Type.
func (f *Resource) Type(kind string) *Resource { return f.set(func() { f.kind = kind }) }

// ETag sets the ETag, quotes and all; "" sends none.
func (f *Resource) ETag(tag string) *Resource { return f.set(func() { f.etag = tag }) }

// Modified sets Last-Modified; the zero time sends none.
func (f *Resource) Modified(t time.Time) *Resource { return f.set(func() { f.modified = t }) }

// Header adds a header to each response.
func (f *Resource) Header(name, value string) *Resource {
	return f.set(func() { f.header = append(f.header, [2]string{name, value}) })
}

// Basic protects it with a user's password.
func (f *Resource) Basic(user, password string) *Resource {
	return f.set(func() { f.user, f.password = user, password })
}

// Bearer protects it with a token.
func (f *Resource) Bearer(token string) *Resource { return f.set(func() { f.bearer = token }) }

// Fault makes the next requests go wrong, one fault a request, in this order,
// after those that are still to come. Requests without the credentials that a
// protected path needs use up none.
func (f *Resource) Fault(faults ...Fault) *Resource {
	return f.set(func() { f.faults = append(f.faults, faults...) })
}

// Always makes every request go wrong for which no other fault is left.
func (f *Resource) Always(fault Fault) *Resource { return f.set(func() { f.always = fault }) }

// Left is how many faults are still to come.
func (f *Resource) Left() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.faults)
}

func (f *Resource) set(change func()) *Resource {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	return f
}

// ServeHTTP answers with the next fault, or well.
func (f *Resource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !f.admits(w, r) {
		return
	}
	var handler http.Handler = http.HandlerFunc(f.serve)
	if fault := f.next(); fault != nil {
		handler = fault(handler)
	}
	handler.ServeHTTP(w, r)
}

func (f *Resource) next() Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.faults) == 0 {
		return f.always
	}
	fault := f.faults[0]
	f.faults = slices.Delete(f.faults, 0, 1)
	return fault
}

func (f *Resource) admits(w http.ResponseWriter, r *http.Request) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	user, password, _ := r.BasicAuth()
	switch {
	case f.user != "" && (user != f.user || password != f.password):
		w.Header().Set("WWW-Authenticate", `Basic realm="origin"`)
	case f.bearer != "" && r.Header.Get("Authorization") != "Bearer "+f.bearer:
		w.Header().Set("WWW-Authenticate", `Bearer realm="origin"`)
	default:
		return true
	}
	http.Error(w, "who are you?", http.StatusUnauthorized)
	return false
}

func (f *Resource) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	data, etag, modified, kind, handler := f.data, f.etag, f.modified, f.kind, f.handler
	for _, h := range f.header {
		w.Header().Add(h[0], h[1])
	}
	f.mu.Unlock()
	if handler != nil {
		handler(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	if etag != "" {
		w.Header().Set("ETag", etag)
	}
	http.ServeContent(w, r, "", modified, bytes.NewReader(data))
}
