package registry

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/podtui/podtui/engine/fetch/transfer"
)

// host is one registry: how it is spoken to, and what it wants to hear.
type host struct {
	c       *Client
	name    string // as references call it: docker.io
	address string // as the network does: registry-1.docker.io

	flights flights

	mu         sync.Mutex
	base       string      // https://ADDRESS or http://ADDRESS; "" before it was asked
	challenges []challenge // what it offers; none: it serves everybody
	tokens     map[string]token
	tried      bool   // credentials were sent
	withheld   string // why credentials that are there were not
}

// connect finds out how the registry is spoken to, once.
func (h *host) connect(ctx context.Context) (base string, err error) {
	if base := h.known(); base != "" {
		return base, nil
	}
	err = h.flights.do(ctx, "connect", func(ctx context.Context) error {
		if h.known() != "" {
			return nil
		}
		return h.ping(ctx)
	})
	return h.known(), err
}

func (h *host) known() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.base
}

// ping asks for /v2/, by https first. Where nothing speaks TLS, on this host or
// where it is allowed, by plain HTTP.
func (h *host) ping(ctx context.Context) error {
	base := "https://" + h.address
	answer, err := h.c.http.Document(ctx, transfer.Request{URL: base + "/v2/"})
	if h.isPlain(err) {
		plain := "http://" + h.address
		if !h.c.o.AllowHTTP && !transfer.Loopback(hostname(h.address)) {
			return h.fail(PlainHTTP, "", "speaks no TLS, and plain HTTP is not allowed").from(&transfer.PlainHTTPError{URL: plain})
		}
		base = plain
		answer, err = h.c.http.Document(ctx, transfer.Request{URL: base + "/v2/"})
	}
	challenges, err := h.judge(base, answer, err)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.base, h.challenges = base, challenges
	return nil
}

// isPlain says whether https failed because something else is spoken there. A
// host without a port may serve plain HTTP on that one's own port.
func (h *host) isPlain(err error) bool {
	var connect *transfer.ConnectError
	if !errors.As(err, &connect) {
		return false
	}
	return connect.Kind == transfer.NotTLS ||
		connect.Kind == transfer.Refused && hostname(h.address) == h.address
}

// judge tells from the answer to /v2/ whether a registry is there.
func (h *host) judge(base string, answer *transfer.Document, err error) ([]challenge, error) {
	var status *transfer.StatusError
	switch {
	case err == nil && isRegistry(answer):
		return nil, nil
	case err == nil:
		return nil, h.fail(NotRegistry, "", "is not a registry: /v2/ there is %s", kindOf(answer.Header))
	case !errors.As(err, &status):
		return nil, err
	case status.Status == http.StatusUnauthorized:
		return h.offered(base, status)
	case status.Status == http.StatusTooManyRequests || status.Status == http.StatusForbidden || status.Status >= 500:
		return nil, h.explain(err, "")
	case status.Header.Get("Docker-Distribution-Api-Version") != "":
		return nil, nil // it serves no /v2/ itself, and may serve what is below
	}
	return nil, h.fail(NotRegistry, "", "is not a registry: /v2/ there is %d %s", status.Status, http.StatusText(status.Status)).from(err)
}

// isRegistry takes an answer that says so, or that has the form of one.
func isRegistry(d *transfer.Document) bool {
	text := strings.TrimSpace(string(d.Body))
	return d.Header.Get("Docker-Distribution-Api-Version") != "" || text == "" || text[0] == '{'
}

func kindOf(h http.Header) string {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	if kind == "" {
		return "something else"
	}
	return brief(kind)
}

// offered reads what a 401 offers. One that came from where a redirect led does
// not count: it would name the service that gets this registry's credentials.
func (h *host) offered(base string, e *transfer.StatusError) ([]challenge, error) {
	if !sameOrigin(base, e.URL) {
		return nil, h.fail(Unauthorized, "", "leads to %s, which wants credentials of its own", brief(e.URL)).from(e)
	}
	challenges := parseChallenges(e.Header.Values("Www-Authenticate"))
	for _, c := range challenges {
		if c.scheme == basic || c.scheme == bearer && c.params["realm"] != "" {
			return challenges, nil
		}
	}
	if len(challenges) == 0 {
		return nil, h.fail(NotRegistry, "", "is not a registry: it wants credentials, and does not say which").from(e)
	}
	return nil, h.fail(Unauthorized, "", "wants %s authentication, podtui knows Basic and Bearer", brief(challenges[0].scheme)).from(e)
}

func sameOrigin(base, other string) bool {
	a, errA := url.Parse(base)
	b, errB := url.Parse(other)
	return errA == nil && errB == nil && a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host)
}
