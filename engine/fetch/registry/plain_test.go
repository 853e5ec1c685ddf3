package registry

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/engine/fetch/transfer"
)

// elsewhere is a way to a registry on another host that speaks no TLS: the
// registry is its own proxy.
func elsewhere(t *testing.T, r *registrytest.Registry) func(*http.Request) (*url.URL, error) {
	t.Helper()
	r.Inject(registrytest.Match{Method: http.MethodConnect}, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		conn, both, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		if _, err := bufio.NewReader(both).ReadByte(); err == nil {
			io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
		}
	})
	at, err := url.Parse(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	return http.ProxyURL(at)
}

func TestPlainHTTPElsewhereMustBeAllowed(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{})
	r.PushLayout(t, registrytest.BusyboxLayout(t), "team/app:1")
	way := elsewhere(t, r)
	_, err := fetch(t, client(t, transfer.Options{Proxy: way}, nil).at(t, "registry.example:5000", "team/app:1"))
	wantError(t, err, PlainHTTP, "registry.example:5000: speaks no TLS, and plain HTTP is not allowed")
	var plain *transfer.PlainHTTPError
	if !errors.As(err, &plain) {
		t.Error("it is no *transfer.PlainHTTPError")
	}
	if n := len(r.Requests(http.MethodGet, "")); n > 0 {
		t.Errorf("it was asked %d times in plain text", n)
	}
	if _, err := fetch(t, client(t, transfer.Options{Proxy: way, AllowHTTP: true}, nil).at(t, "registry.example:5000", "team/app:1")); err != nil {
		t.Errorf("allowed: %v", err)
	}
}

func TestCredentialsNeverLeaveInPlainText(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]registrytest.Options{
		"password": {User: "kim", Password: secret},
		"token":    {User: "kim", Password: secret, Token: &registrytest.TokenOptions{Anonymous: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := registrytest.Start(t, o)
			c := client(t, transfer.Options{Proxy: elsewhere(t, r), AllowHTTP: true}, logins{"registry.example": login("kim", secret)})
			_, _, _, err := c.at(t, "registry.example", "team/app").Top(t.Context(), "")
			wantError(t, err, Unauthorized, "there are credentials, but they are not sent over plain HTTP")
			noCredentials(t, r.Server)
			if r.Tokens != nil {
				noCredentials(t, r.Tokens.Server)
			}
		})
	}
}
