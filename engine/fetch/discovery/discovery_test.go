package discovery

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/origin"
	"github.com/podtui/podtui/engine/fetch/credential"
	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/imageref"
)

// client reaches every host at o. It doesn't wait between tries.
func client(t *testing.T, o *origin.Origin, options Options) *Client {
	t.Helper()
	proxy, err := url.Parse(o.Proxy())
	if err != nil {
		t.Fatal(err)
	}
	c := transfer.New(transfer.Options{
		AllowHTTP: options.AllowHTTP,
		RootCAs:   o.CAs(),
		Stall:     time.Second,
		Attempts:  2,
		Backoff:   func(int) time.Duration { return 0 },
		Proxy:     http.ProxyURL(proxy),
	})
	t.Cleanup(c.Close)
	return New(c, options)
}

// walk are the pages that were asked for, as HOST/PATH, with http:// if they
// were asked for in plain text.
func walk(t *testing.T, o *origin.Origin) []string {
	var pages []string
	for _, r := range o.Requests() {
		at := r.Host + r.Path
		if r.Plain {
			at = "http://" + at
		}
		if r.Query != "ac-discovery=1" && r.Host == "example.com" {
			t.Errorf("%s is asked with %q", at, r.Query)
		}
		pages = append(pages, at)
	}
	return pages
}

func endpoints(at ...string) []Endpoint {
	var e []Endpoint
	for _, u := range at {
		e = append(e, Endpoint{ACI: u + ".aci", Signature: u + ".aci.asc"})
	}
	return e
}

// sub is a name with two parents.
const sub = "example.com/project/subproject"

const (
	tagsFor   = `<meta name="ac-discovery" content="example.com https://s.test/{name}-{version}-{os}-{arch}.{ext}">`
	keysFor   = `<meta name="ac-discovery-pubkeys" content="example.com https://example.com/keys.gpg">`
	otherTags = `<meta name="ac-discovery" content="example.com/project/other https://s.test/{name}.{ext}">`
	hdfsTags  = `<meta name="ac-discovery" content="example.com hdfs://s.test/{name}.{ext}">`
)

var found = Found{
	Endpoints: endpoints("https://s.test/" + sub + "-1.0.0-linux-amd64"),
}

func TestWalk(t *testing.T) {
	t.Parallel()
	const a, b, root = "example.com/project/subproject", "example.com/project", "example.com/"
	for name, c := range map[string]struct {
		serve  func(h *origin.Host)
		walk   []string
		prefix string
		keys   []string
	}{
		"the name's own page": {func(h *origin.Host) { h.Page("/project/subproject", tagsFor+keysFor) },
			[]string{a}, sub, []string{"https://example.com/keys.gpg"}},
		"the parent's, after a 404": {func(h *origin.Host) { h.Page("/project", tagsFor) },
			[]string{a, b}, "example.com/project", nil},
		"the host's, after pages without tags": {func(h *origin.Host) {
			h.Page("/project/subproject", "<html><body>welcome</body></html>")
			h.Page("/project", "")
			h.Page("/", tagsFor+keysFor)
		}, []string{a, b, root}, "example.com", []string{"https://example.com/keys.gpg"}},
		"tags for other names only": {func(h *origin.Host) {
			h.Page("/project/subproject", otherTags)
			h.Page("/project", tagsFor)
		}, []string{a, b}, "example.com/project", nil},
		"templates that can't be used": {func(h *origin.Host) {
			h.Page("/project/subproject", hdfsTags)
			h.Page("/", tagsFor)
		}, []string{a, b, root}, "example.com", nil},
		"keys of pages on the way": {func(h *origin.Host) {
			h.Page("/project/subproject", strings.ReplaceAll(keysFor, "keys.gpg", "sub.gpg"))
			h.Page("/", tagsFor+keysFor)
		}, []string{a, b, root}, "example.com", []string{"https://example.com/sub.gpg", "https://example.com/keys.gpg"}},
		"a 401, a 403": {func(h *origin.Host) {
			h.Page("/project/subproject", tagsFor).Basic("u", "p")
			h.Page("/project", tagsFor).Fault(origin.Status(403))
			h.Page("/", tagsFor)
		}, []string{a, b, root}, "example.com", nil},
		"a 500 that passes is asked again": {func(h *origin.Host) {
			h.Page("/project/subproject", tagsFor).Fault(origin.Status(500), origin.Status(503))
		}, []string{a, a, a}, sub, nil},
		"a 500 that stays sends to the parent, as rkt": {func(h *origin.Host) {
			h.Page("/project/subproject", tagsFor).Always(origin.Status(500))
			h.Page("/project", tagsFor)
		}, []string{a, a, a, b}, "example.com/project", nil},
		"a redirect is followed": {func(h *origin.Host) {
			h.Redirect("/project/subproject", "https://pages.test/x?y=z")
		}, []string{a, "pages.test/x"}, sub, nil},
		"a redirect to http is not": {func(h *origin.Host) {
			h.Redirect("/project/subproject", "http://pages.test/x")
			h.Page("/project", tagsFor)
		}, []string{a, b}, "example.com/project", nil},
		"nor one in a circle": {func(h *origin.Host) {
			h.Page("/project/subproject", tagsFor).Always(origin.RedirectLoop())
			h.Page("/project", tagsFor)
		}, []string{a, b}, "example.com/project", nil},
		"a redirect to a host that can't be trusted": {func(h *origin.Host) {
			h.Redirect("/project/subproject", "https://selfsigned.test/x")
			h.Page("/project", tagsFor)
		}, []string{a, b}, "example.com/project", nil},
		"a page of more than a mebibyte": {func(h *origin.Host) {
			h.Page("/project/subproject", tagsFor+strings.Repeat(" ", maxPage))
			h.Page("/project", tagsFor+strings.Repeat(" ", maxPage-len(tagsFor)))
		}, []string{a, b}, "example.com/project", nil},
		"a page without end": {func(h *origin.Host) {
			h.Page("/project/subproject", tagsFor).Always(origin.Endless())
			h.Page("/project", tagsFor)
		}, []string{a, b}, "example.com/project", nil},
		"a page that is cut is asked again": {func(h *origin.Host) {
			h.Page("/project/subproject", tagsFor).Fault(origin.CutAfter(30))
		}, []string{a, a}, sub, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := origin.Start(t)
			o.Host("pages.test").Page("/x", tagsFor)
			o.Host("selfsigned.test").SelfSigned().Page("/x", tagsFor)
			c.serve(o.Host("example.com"))
			got, err := client(t, o, Options{}).Meta(t.Context(), asked(t, sub+":1.0.0,os=linux,arch=amd64"))
			if err != nil || got.Prefix != c.prefix || !slices.Equal(got.PublicKeys, c.keys) || !slices.Equal(got.Endpoints, found.Endpoints) {
				t.Errorf("%+v, %v", got, err)
			}
			if w := walk(t, o); !slices.Equal(w, c.walk) {
				t.Errorf("asked for %q, want %q", w, c.walk)
			}
		})
	}
}

func TestNothingIsOneLineThatNamesEachAttempt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reference string
		serve     func(o *origin.Origin)
		asked     int // requests that reached a server
		want      []string
	}{
		"no pages": {sub, func(*origin.Origin) {}, 3,
			[]string{"image " + sub, "https://" + sub + ": 404", "https://example.com/project: 404", "https://example.com: 404"}},
		"pages of every use but this": {sub, func(o *origin.Origin) {
			o.Host("example.com").Page("/project/subproject", "hello")
			o.Host("example.com").Page("/project", otherTags)
			o.Host("example.com").Page("/", hdfsTags)
		}, 3, []string{"subproject: no ac-discovery tag;", "project: no ac-discovery tag for this name;", "example.com: no template that can be used (hdfs://s.test/{name}.{ext}: only https:// is fetched from)"}},
		"a redirect to http": {"example.com", func(o *origin.Origin) { o.Host("example.com").Redirect("/", "http://example.com/") }, 1,
			[]string{"redirect to http://example.com/ is not followed"}},
		"a certificate that nobody signed": {sub, func(o *origin.Origin) { o.Host("example.com").SelfSigned().Page("/", tagsFor) }, 0,
			[]string{"https://" + sub + ": certificate is not trusted (self-signed)"}},
		"a certificate of another host": {sub, func(o *origin.Origin) { o.Host("example.com").OtherName().Page("/", tagsFor) }, 0,
			[]string{"certificate is not trusted (it is not for example.com)"}},
		"a host behind a proxy that refuses": {sub, func(o *origin.Origin) { o.Refuse("example.com") }, 0,
			[]string{"the proxy", "403"}},
		"silence": {sub, func(o *origin.Origin) {
			o.Host("example.com").Page("/project/subproject", tagsFor).Always(origin.Silence())
			o.Host("example.com").Page("/", tagsFor)
		}, 1, []string{"https://" + sub + ": no byte for 1s"}},
		"a name of many elements": {"example.com" + strings.Repeat("/a", 31), func(*origin.Origin) {}, 32, []string{"and 28 more"}},
		"a name of too many":      {"example.com" + strings.Repeat("/a", 32), func(*origin.Origin) {}, 0, []string{"33 elements"}},
		"a long name, a hostile page": {"example.com/" + strings.Repeat("a", 4000), func(o *origin.Origin) {
			o.Host("example.com").Page("/", strings.Repeat("<meta name=ac-discovery content='example.com \x1b[31m\u202e\x00"+strings.Repeat("x", 200)+"'>", 100))
		}, 2, []string{"404", "no template"}},
		"no host name":              {"a_b/c", func(*origin.Origin) {}, 0, []string{"a_b is no host name"}},
		"an empty label of a host":  {"example..com/a", func(*origin.Origin) {}, 0, []string{"example..com is no host name"}},
		"a dash at a label's start": {"example.-com/a", func(*origin.Origin) {}, 0, []string{"is no host name"}},
		"a name that climbs":        {"example.com/a/../b", func(*origin.Origin) {}, 0, []string{`".."`}},
		"a name with an empty part": {"example.com//b", func(*origin.Origin) {}, 0, []string{`""`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := origin.Start(t)
			c.serve(o)
			n := imageref.AppName{Name: c.reference} // not parsed: some come from hostile manifests
			got, err := client(t, o, Options{}).Meta(t.Context(), n)
			var nothing *NothingError
			if !errors.As(err, &nothing) || len(got.Endpoints) > 0 {
				t.Fatalf("%+v, %v", got, err)
			}
			text := err.Error()
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q lacks %q", text, want)
				}
			}
			if len(text) > 2000 || strings.ContainsAny(text, "\n\x1b\x00\u202e") {
				t.Errorf("%d bytes: %q", len(text), text)
			}
			if n := len(o.Requests()); n != c.asked {
				t.Errorf("%d requests, want %d", n, c.asked)
			}
		})
	}
}

func TestNothingTellsItsCauses(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	o.Host("example.com").Page("/", tagsFor).Basic("u", "p")
	_, err := client(t, o, Options{}).Meta(t.Context(), asked(t, "example.com"))
	var status *transfer.StatusError
	if !errors.As(err, &status) || status.Status != http.StatusUnauthorized {
		t.Error(err)
	}
}

func TestPlainHTTPOnlyIfAllowed(t *testing.T) {
	t.Parallel()
	plainOnly := func(w http.ResponseWriter, r *http.Request) {
		if r.TLS != nil {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte(strings.ReplaceAll(tagsFor, "https://s.test", "http://s.test")))
	}
	o := origin.Start(t)
	o.Host("example.com").Handle("/project", plainOnly)
	reference := asked(t, sub+":1.0.0,os=linux,arch=amd64")
	if _, err := client(t, o, Options{}).Meta(t.Context(), reference); err == nil {
		t.Error("plain HTTP was not allowed")
	}
	if w := walk(t, o); slices.ContainsFunc(w, func(s string) bool { return strings.HasPrefix(s, "http://") }) {
		t.Errorf("asked for %q", w)
	}
	o.Forget()
	got, err := client(t, o, Options{AllowHTTP: true}).Meta(t.Context(), reference)
	if want := endpoints("http://s.test/" + sub + "-1.0.0-linux-amd64"); err != nil || !slices.Equal(got.Endpoints, want) {
		t.Errorf("%+v, %v", got, err)
	}
	want := []string{"example.com/project/subproject", "http://example.com/project/subproject", "example.com/project", "http://example.com/project"}
	if w := walk(t, o); !slices.Equal(w, want) {
		t.Errorf("asked for %q, want %q", w, want)
	}
	o.Forget()
	o.Host("example.com").SelfSigned() // only http:// is left, and https:// costs one try
	if _, err := client(t, o, Options{AllowHTTP: true}).Meta(t.Context(), reference); err != nil {
		t.Error(err)
	}
	want = []string{"http://example.com/project/subproject"}
	if w := walk(t, o); len(w) < 1 || w[0] != want[0] {
		t.Errorf("asked for %q", w)
	}
	o.Forget()
	o.Host("example.com").Page("/project/subproject", tagsFor)
	if _, err := client(t, o, Options{AllowHTTP: true}).Meta(t.Context(), asked(t, sub+",os=linux,arch=amd64")); err != nil {
		t.Error(err)
	}
}

func TestCredentialsGoToTheirHostAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"example.json": `{"rktKind":"auth","rktVersion":"v1","domains":["example.com"],"type":"basic","credentials":{"user":"me","password":"s3cret"}}`,
		"other.json":   `{"rktKind":"auth","rktVersion":"v1","domains":["sub.example.com","elsewhere.test:8443"],"type":"oauth","credentials":{"token":"t0ken"}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set := credential.Load(credential.Sources{ConfigDir: dir})
	o := origin.Start(t)
	o.Host("example.com").Redirect("/project/subproject", "https://elsewhere.test/x")
	o.Host("elsewhere.test").Page("/x", "nothing")
	o.Host("example.com").Page("/project", tagsFor).Basic("me", "s3cret")
	o.Host("sub.example.com").Page("/a", strings.ReplaceAll(tagsFor, "example.com", "sub.example.com")).Bearer("t0ken")
	c := client(t, o, Options{Authorize: set.Authorize})
	for _, reference := range []string{sub + ",os=linux,arch=amd64", "sub.example.com/a,os=linux,arch=amd64"} {
		if _, err := c.Meta(t.Context(), asked(t, reference)); err != nil {
			t.Error(err)
		}
	}
	c.Meta(t.Context(), asked(t, "elsewhere.test"))
	c.Meta(t.Context(), asked(t, "www.example.com"))
	want := map[string]string{"example.com": "Basic bWU6czNjcmV0", "sub.example.com": "Bearer t0ken"}
	for _, r := range o.Requests() {
		if got := r.Header.Get("Authorization"); got != want[r.Host] {
			t.Errorf("%s is sent %q, want %q", r.Host, got, want[r.Host])
		}
	}
	for host, n := range map[string]int{"example.com": 2, "sub.example.com": 1, "elsewhere.test": 2, "www.example.com": 1} {
		if got := len(o.RequestsTo(host)); got != n {
			t.Errorf("%s was asked %d times, want %d", host, got, n)
		}
	}
}

func TestBadCredentialFileEndsTheWalk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "bad.json"), []byte("{"), 0o600)
	o := origin.Start(t)
	for _, plain := range []bool{false, true} {
		c := client(t, o, Options{AllowHTTP: plain, Authorize: credential.Load(credential.Sources{ConfigDir: dir}).Authorize})
		_, err := c.Meta(t.Context(), asked(t, sub))
		var file *credential.FileError
		var nothing *NothingError
		if !errors.As(err, &file) || errors.As(err, &nothing) || len(o.Requests()) > 0 {
			t.Errorf("%v after %d requests", err, len(o.Requests()))
		}
	}
}

func TestWalkEndsWithItsContext(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	o.Host("example.com").Handle("/project/subproject", func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, err := client(t, o, Options{}).Meta(ctx, asked(t, sub))
	if !errors.Is(err, context.Canceled) || len(o.Requests()) != 1 {
		t.Errorf("%v after %d requests", err, len(o.Requests()))
	}
}
