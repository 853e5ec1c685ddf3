package transfer

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest/origin"
)

const secret = "Basic c2VjcmV0"

func authorize(r *http.Request) error {
	r.Header.Set("Authorization", secret)
	r.Header.Set("X-Registry-Token", "secret")
	return nil
}

// seen says which of the requests brought credentials.
func seen(requests []origin.Request) (list []bool) {
	for _, r := range requests {
		list = append(list, r.Header.Get("Authorization") != "" || r.Header.Get("X-Registry-Token") != "" || r.Header.Get("Cookie") != "")
	}
	return list
}

// The first server sends on to wherever it likes; what another one hears is
// asserted in its own log.
func TestCredentialsStayWithTheServerThatWasAsked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		to      func(home, foreign *origin.Origin) string
		home    string // which of its requests brought credentials
		foreign string
	}{
		"another path":            {to: func(home, _ *origin.Origin) string { return "/there" }, home: "[true true]", foreign: "[]"},
		"another port":            {to: func(_, foreign *origin.Origin) string { return foreign.URL("/there") }, home: "[true]", foreign: "[false]"},
		"another name, same port": {to: func(home, _ *origin.Origin) string { return home.Host("localhost").URL("/there") }, home: "[true false]", foreign: "[]"},
		"there and back":          {to: func(_, foreign *origin.Origin) string { return foreign.URL("/back") }, home: "[true false]", foreign: "[false]"},
		"with a user in the URL": {to: func(_, foreign *origin.Origin) string {
			return strings.Replace(foreign.URL("/there"), "https://", "https://user:secret@", 1)
		}, home: "[true]", foreign: "[false]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home, foreign := origin.Start(t), origin.Start(t)
			home.File("/there", []byte("content"))
			home.Host("localhost").File("/there", []byte("content"))
			home.Host(origin.Local).Redirect("/here", test.to(home, foreign))
			foreign.File("/there", []byte("content"))
			foreign.Host(origin.Local).Redirect("/back", home.URL("/there"))
			pool := home.CAs()
			c := testClient(t, home, func(o *Options) { o.RootCAs, o.SkipTLS = pool, true })
			request := Request{URL: home.URL("/here"), Authorize: authorize,
				Header: http.Header{"Cookie": {"secret"}, "authorization": {"secret"}}}
			d, err := c.Document(t.Context(), request)
			if err != nil || string(d.Body) != "content" {
				t.Fatal(d, err)
			}
			if got := fmt.Sprint(seen(home.Requests())); got != test.home {
				t.Errorf("credentials at home: %s, not %s", got, test.home)
			}
			if got := fmt.Sprint(seen(foreign.Requests())); got != test.foreign {
				t.Errorf("credentials at the foreign host: %s, not %s", got, test.foreign)
			}
		})
	}
}

// Credentials in plain text reach this very machine and no other, whatever was
// allowed.
func TestCredentialsInPlainTextStayOnThisMachine(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	o.File("/there", []byte("content"))
	o.Host("example.com").File("/there", []byte("content"))
	c := testClient(t, o, throughProxy(o), func(o *Options) { o.AllowHTTP = true })
	for _, url := range []string{o.PlainURL("/there"), "http://example.com/there", "https://example.com/there"} {
		if _, err := c.Document(t.Context(), Request{URL: url, Authorize: authorize, AllowPlain: true}); err != nil {
			t.Error(err)
		}
	}
	if got := fmt.Sprint(seen(o.Requests())); got != "[true false true]" {
		t.Errorf("credentials at loopback, in plain text, and by TLS: %s", got)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		url    func(o *origin.Origin) string // "": /here by https
		to     func(o *origin.Origin) string
		change func(*Options)
		r      Request
		says   string
	}{
		"https to https":       {to: func(o *origin.Origin) string { return o.Host("localhost").URL("/there") }},
		"https to http":        {to: func(o *origin.Origin) string { return o.PlainURL("/there") }, says: "plain HTTP is not allowed"},
		"https to http, typed": {to: func(o *origin.Origin) string { return o.PlainURL("/there") }, r: Request{AllowPlain: true}, says: "plain HTTP is not allowed"},
		"https to http, allowed": {to: func(o *origin.Origin) string { return o.PlainURL("/there") },
			change: func(o *Options) { o.AllowHTTP = true }},
		"http to http": {url: func(o *origin.Origin) string { return o.PlainURL("/here") },
			to: func(o *origin.Origin) string { return o.PlainURL("/there") }},
		"http to https": {url: func(o *origin.Origin) string { return o.PlainURL("/here") },
			to: func(o *origin.Origin) string { return o.URL("/there") }},
		"http to https to http": {url: func(o *origin.Origin) string { return o.PlainURL("/first") },
			to: func(o *origin.Origin) string { return o.PlainURL("/there") }, says: "plain HTTP is not allowed"},
		"from this machine to http elsewhere": {url: func(o *origin.Origin) string { return o.PlainURL("/here") },
			to: func(*origin.Origin) string { return "http://example.com/there" }, says: "plain HTTP is not allowed"},
		"from http elsewhere to http elsewhere": {url: func(*origin.Origin) string { return "http://example.com/here" },
			to: func(*origin.Origin) string { return "http://example.org/there" }, r: Request{AllowPlain: true}},
		"a scheme nobody knows": {to: func(*origin.Origin) string { return "gopher://example.com/" }, says: "only https:// and http:// are followed"},
		"nine in a row":         {url: func(o *origin.Origin) string { return o.URL("/chain-9") }, to: nil},
		"eleven in a row":       {url: func(o *origin.Origin) string { return o.URL("/chain-11") }, to: nil, says: "too many redirects"},
		"one too many":          {r: Request{MaxRedirects: -1}, to: func(o *origin.Origin) string { return o.URL("/there") }, says: "too many redirects"},
		"of a POST":             {r: Request{Method: "POST", Body: []byte("secret")}, to: func(o *origin.Origin) string { return o.URL("/there") }, says: "a POST is not sent on"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := origin.Start(t)
			local := o.Host(origin.Local)
			local.File("/there", []byte("content"))
			for _, name := range []string{"localhost", "example.com", "example.org"} {
				o.Host(name).File("/there", []byte("content"))
			}
			for i := range 12 {
				local.Redirect(fmt.Sprintf("/chain-%d", i+1), fmt.Sprintf("/chain-%d", i))
			}
			local.Redirect("/chain-0", "/there")
			local.Redirect("/first", o.URL("/here"))
			if test.to != nil {
				local.Redirect("/here", test.to(o))
				o.Host("example.com").Redirect("/here", test.to(o))
			}
			r := test.r
			r.URL = o.URL("/here")
			if test.url != nil {
				r.URL = test.url(o)
			}
			change := test.change
			if change == nil {
				change = func(*Options) {}
			}
			d, err := testClient(t, o, throughProxy(o), change).Document(t.Context(), r)
			wantError(t, err, test.says)
			var refused *RedirectError
			if test.says != "" && !errors.As(err, &refused) {
				t.Errorf("%T is no *RedirectError", err)
			}
			if err == nil && (string(d.Body) != "content" || !strings.HasSuffix(d.URL, "/there")) {
				t.Errorf("%q came from %s", d.Body, d.URL)
			}
		})
	}
}

func TestPlainHTTPIsRefused(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	o.Host("example.com").File("/there", []byte("content"))
	c := testClient(t, o, throughProxy(o))
	_, err := c.Document(t.Context(), Request{URL: "http://example.com/there?token=secret"})
	var plain *PlainHTTPError
	if !errors.As(err, &plain) || plain.URL != "http://example.com/there" || len(o.Requests()) > 0 {
		t.Errorf("%v, %d requests", err, len(o.Requests()))
	}
	if _, err := c.Document(t.Context(), Request{URL: "http://example.com/there", AllowPlain: true}); err != nil {
		t.Error(err)
	}
}

func TestURLsThatAreNotAsked(t *testing.T) {
	t.Parallel()
	c := New(Options{})
	for url, says := range map[string]string{
		"ftp://example.com/":           "ftp://example.com/: neither https:// nor http://",
		"https:///path":                "names no host",
		"https://user:secret@host/":    "https://host/: holds credentials",
		"https://user:secret@ho st:x/": "not a URL",
		"https://host:secret\x00/":     "not a URL",
		"":                             "neither https:// nor http://",
	} {
		_, err := c.Do(t.Context(), Request{URL: url})
		wantError(t, err, says)
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%v tells a secret", err)
		}
	}
}

func TestLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "[::1]": true, "::ffff:127.0.0.1": true,
		"": false, "localhost.example.com": false, "example.com": false, "128.0.0.1": false, "0.0.0.0": false, "::": false,
		"127.0.0.1.example.com": false, "0177.0.0.1": false, "127.1": false, "xn--localhost": false,
	} {
		if got := Loopback(host); got != want {
			t.Errorf("Loopback(%q) is %v", host, got)
		}
	}
}
