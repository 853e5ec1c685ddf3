package transfer

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/origin"
)

func throughProxy(o *origin.Origin) func(*Options) {
	return func(options *Options) {
		options.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(o.Proxy()) }
	}
}

func TestConnectionsThatFailSayWhy(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	for _, h := range []*origin.Host{o.Host("expired.test").Expired(), o.Host("named.test").OtherName(), o.Host("own.test").SelfSigned()} {
		h.File("/", nil)
	}
	o.Refuse("refused.test")
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, test := range map[string]struct {
		url    string
		change func(*Options)
		kind   ConnectKind
		says   string
	}{
		"nobody there":          {url: "https://" + closed.Addr().String() + "/", kind: Refused, says: "connection refused by 127.0.0.1:"},
		"no proxy there":        {url: "https://example.com/", change: proxyAt(closed.Addr()), kind: Refused, says: "connection refused by the proxy 127.0.0.1:"},
		"unknown authority":     {url: o.URL("/"), change: func(o *Options) { o.RootCAs = nil }, kind: Untrusted, says: "certificate is not trusted (signed by the unknown authority CN=podtui's test authority)"},
		"self-signed":           {url: "https://own.test/", kind: Untrusted, says: "certificate is not trusted (self-signed)"},
		"expired":               {url: "https://expired.test/", kind: Untrusted, says: "certificate is not trusted (valid from "},
		"of another name":       {url: "https://named.test/", kind: Untrusted, says: "certificate is not trusted (it is not for named.test)"},
		"no TLS there":          {url: strings.Replace(o.PlainURL("/"), "http:", "https:", 1), kind: NotTLS, says: "does not speak TLS"},
		"the proxy doesn't":     {url: "https://refused.test/", kind: ByProxy, says: "https://refused.test/: the proxy " + strings.TrimPrefix(o.Proxy(), "http://") + " answers 403 Forbidden"},
		"there is no such host": {url: "https://no-such-host.invalid/", change: func(o *Options) { o.Proxy = direct }, kind: Unresolved, says: "there is no host no-such-host.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change := test.change
			if change == nil {
				change = func(*Options) {}
			}
			_, err := testClient(t, o, throughProxy(o), change).Document(t.Context(), Request{URL: test.url})
			var failed *ConnectError
			if errors.As(err, &failed) && failed.Kind == Broken && test.kind == Unresolved {
				t.Skip("no name server answers on this machine: ", err)
			}
			wantError(t, err, test.says)
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%v tells a secret", err)
			}
			if !errors.As(err, &failed) || failed.Kind != test.kind {
				t.Errorf("%#v is not of kind %d", err, test.kind)
			}
		})
	}
}

func proxyAt(address net.Addr) func(*Options) {
	return func(o *Options) {
		o.Proxy = func(*http.Request) (*url.URL, error) {
			return &url.URL{Scheme: "http", Host: address.String(), User: url.UserPassword("user", "secret")}, nil
		}
	}
}

// Who takes a connection and says nothing is given up, at whatever point.
func TestSilenceIsGivenUp(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	address := silent.Addr().String()
	for name, test := range map[string]struct {
		url    string
		change func(*Options)
	}{
		"a server, in the handshake": {url: "https://" + address + "/"},
		"a server, in the header":    {url: "http://" + address + "/"},
		"a proxy, by https":          {url: "https://example.com/", change: proxyAt(silent.Addr())},
		"a proxy, by http":           {url: "http://example.com/", change: proxyAt(silent.Addr())},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Options{Stall: stall}
			if test.change != nil {
				test.change(&o)
			}
			c := New(o)
			defer c.Close()
			_, err := c.Document(t.Context(), Request{URL: test.url, AllowPlain: true})
			wantError(t, err, test.url+": no byte for 300ms")
			var stalled *StallError
			if !errors.As(err, &stalled) {
				t.Errorf("%T is no *StallError", err)
			}
		})
	}
}

func direct(*http.Request) (*url.URL, error) { return nil, nil }

func TestSkipTLSTrustsAnybody(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	o.Host("expired.test").Expired().File("/", []byte("content"))
	c := testClient(t, o, throughProxy(o), func(o *Options) { o.RootCAs, o.SkipTLS = nil, true })
	if _, err := c.Document(t.Context(), Request{URL: "https://expired.test/"}); err != nil {
		t.Error(err)
	}
}

// The environment is read once in a process, so another one is asked.
func TestEnvironmentNamesProxyAndAuthorities(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	o.Host("example.com").File("/there", []byte("from example.com"))
	o.File("/here", []byte("from loopback"))
	get := func(url string, env ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(env, childRole+"="+url)
		out, err := cmd.Output()
		if err != nil {
			t.Error(err)
		}
		return string(out)
	}
	if got := get("https://example.com/there", o.Env()...); got != "from example.com" {
		t.Errorf("got %q", got)
	}
	if got := get(o.URL("/here"), o.Env()...); got != "from loopback" {
		t.Errorf("got %q", got)
	}
	if got := o.Proxied(); !slices.Equal(got, []string{"example.com:443"}) {
		t.Errorf("connected through the proxy to %v", got)
	}
	if got := get(o.URL("/here")); !strings.Contains(got, "certificate is not trusted") {
		t.Errorf("without SSL_CERT_FILE: %q", got)
	}
}

// There is no network in between that could be at fault.
func TestNobodyOnThisMachineIsAskedOnce(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	tries := 1
	_, err = New(Options{}).Document(t.Context(), Request{URL: "http://" + closed.Addr().String() + "/",
		Retrying: func(error, time.Duration) { tries++ }})
	wantError(t, err, "connection refused by "+closed.Addr().String())
	if tries != 1 {
		t.Errorf("asked %d times", tries)
	}
}
