package registry

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/fetch/credential"
	"github.com/podtui/podtui/engine/fetch/transfer"
)

// token is what a token service gave for a scope.
type token struct {
	text  string
	until time.Time // it is not used any more from here on, a bit before its end
}

const (
	maxTokenAnswer = 256 << 10
	maxToken       = 64 << 10
	defaultExpiry  = 60 * time.Second // of the distribution's specification
	maxExpiry      = time.Hour
)

// bearer is a token for the scope: one from before, or a new one.
func (h *host) bearer(ctx context.Context, ask challenge, scope string, c credential.Credential) (string, error) {
	good := func() bool {
		t := h.tokenFor(scope)
		return t.text != "" && h.c.now().Before(t.until)
	}
	if !good() {
		err := h.flights.do(ctx, scope, func(ctx context.Context) error {
			if good() { // somebody got one meanwhile
				return nil
			}
			t, err := h.askToken(ctx, ask, scope, c)
			if err == nil {
				h.mu.Lock()
				h.tokens[scope] = t
				h.mu.Unlock()
			}
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return h.tokenFor(scope).text, nil
}

// askToken asks the token service that the registry names: anonymously, or as
// who has the credential if that service may see it.
func (h *host) askToken(ctx context.Context, ask challenge, scope string, c credential.Credential) (token, error) {
	realm, err := h.realm(ask.params["realm"])
	if err != nil {
		return token{}, err
	}
	withheld := h.whyWithheld(realm)
	h.note(c != (credential.Credential{}), withheld)
	if withheld != "" {
		c = credential.Credential{}
	}
	r := tokenRequest(realm, ask.params["service"], scope, c)
	r.MaxBody = maxTokenAnswer
	asked := h.c.now()
	d, err := h.c.http.Document(ctx, r)
	if err != nil {
		return token{}, h.explainToken(err, realm)
	}
	return h.readToken(d, asked, realm)
}

// tokenRequest is the GET of the distribution's token specification, or with an
// identity token the POST of its OAuth2 one. A POST is never sent on.
func tokenRequest(realm *url.URL, service, scope string, c credential.Credential) transfer.Request {
	to, q := *realm, realm.Query()
	fields := url.Values{"scope": {scope}}
	if service != "" {
		fields.Set("service", service)
	}
	if c.Identity != "" {
		fields.Set("grant_type", "refresh_token")
		fields.Set("refresh_token", c.Identity)
		fields.Set("client_id", "podtui")
		return transfer.Request{
			Method: http.MethodPost, URL: to.String(), Body: []byte(fields.Encode()),
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		}
	}
	if c.User != "" {
		fields.Set("account", c.User)
	}
	for name, values := range fields {
		q[name] = values
	}
	to.RawQuery = q.Encode()
	r := transfer.Request{URL: to.String()}
	if c != (credential.Credential{}) {
		r.Authorize = func(q *http.Request) error {
			c.SetHeader(q.Header)
			return nil
		}
	}
	return r
}

// realm checks the URL of the token service.
func (h *host) realm(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	bad := func(format string, args ...any) (*url.URL, error) {
		return nil, h.fail(Invalid, "", "names a token service that "+format, args...)
	}
	switch {
	case err != nil || u.Opaque != "" || u.User != nil || u.Fragment != "" || u.Hostname() == "":
		return bad("is no URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return bad("is neither https:// nor http://")
	case transfer.Loopback(u.Hostname()) && !transfer.Loopback(hostname(h.address)):
		return bad("would be on this host, %s", brief(u.Host))
	case u.Scheme == "http" && strings.HasPrefix(h.known(), "https:") && !h.c.o.AllowHTTP:
		_, err := bad("speaks plain HTTP, %s, which is not allowed", brief(u.Host))
		return nil, err.(*Error).from(&transfer.PlainHTTPError{URL: "http://" + u.Host})
	}
	return u, nil
}

// whyWithheld says why the token service may not see the registry's
// credentials, or "".
func (h *host) whyWithheld(realm *url.URL) string {
	if realm.Scheme == "https" {
		return ""
	}
	if !strings.EqualFold(realm.Hostname(), hostname(h.address)) {
		return "the token service is on another host, " + brief(realm.Host) + ", and speaks plain HTTP"
	}
	if !transfer.Loopback(realm.Hostname()) {
		return "they are not sent over plain HTTP"
	}
	return ""
}

// explainToken puts into words why there is no token.
func (h *host) explainToken(err error, realm *url.URL) error {
	var status *transfer.StatusError
	if !errors.As(err, &status) || status.Status >= http.StatusInternalServerError {
		return err
	}
	switch status.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return h.unauthorized("", said{}).from(err)
	case http.StatusTooManyRequests:
		return h.fail(TooMany, "", "too many requests to its token service %s%s", brief(realm.Host), waitFor(status)).from(err)
	}
	return h.fail(Invalid, "", "its token service %s answers %d %s", brief(realm.Host), status.Status, http.StatusText(status.Status)).from(err)
}

// readToken reads the answer. What the token says is for the registry alone.
func (h *host) readToken(d *transfer.Document, asked time.Time, realm *url.URL) (token, error) {
	var answer struct {
		Token   string  `json:"token"`
		Access  string  `json:"access_token"`
		Expires float64 `json:"expires_in"`
	}
	if err := json.Unmarshal(d.Body, &answer); err != nil {
		return token{}, h.fail(Invalid, "", "its token service %s answers with %s, not a token", brief(realm.Host), kindOf(d.Header))
	}
	text := answer.Token
	if text == "" {
		text = answer.Access
	}
	if text == "" || len(text) > maxToken || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c >= 0x7f }) {
		return token{}, h.fail(Invalid, "", "its token service %s gives no token that can be used", brief(realm.Host))
	}
	lives := defaultExpiry
	if answer.Expires > 0 {
		lives = time.Duration(min(answer.Expires, maxExpiry.Seconds()) * float64(time.Second))
	}
	// A tenth of its life is left for the way to the registry.
	return token{text: text, until: asked.Add(lives - lives/10)}, nil
}
