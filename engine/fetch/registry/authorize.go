package registry

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/podtui/podtui/engine/fetch/credential"
	"github.com/podtui/podtui/engine/fetch/transfer"
)

// What a challenge asks for, in lower case.
const (
	basic  = "basic"
	bearer = "bearer"
)

// get asks the registry for a document below /v2/ that the scope allows. If it
// then asks for credentials, though /v2/ did not or a token looked good, it is
// asked once more.
func (h *host) get(ctx context.Context, path, scope string, r transfer.Request) (*transfer.Document, error) {
	base, err := h.connect(ctx)
	if err != nil {
		return nil, err
	}
	r.URL = base + "/v2/" + path
	r.Authorize = h.authorize(scope)
	before := h.tokenFor(scope)
	d, err := h.ask(ctx, scope, r)
	var status *transfer.StatusError
	if errors.As(err, &status) && status.Status == http.StatusUnauthorized && h.learn(base, scope, before, status) {
		d, err = h.ask(ctx, scope, r)
	}
	return d, err
}

// ask has the token at hand before it asks: a token service that doesn't answer
// is tried again by itself, not for each try of the registry.
func (h *host) ask(ctx context.Context, scope string, r transfer.Request) (*transfer.Document, error) {
	if _, err := h.answer(ctx, scope); err != nil {
		return nil, err
	}
	return h.c.http.Document(ctx, r)
}

// learn takes what a 401 offers, and tells whether it is worth another try:
// there was no challenge before, or the token is an old one.
func (h *host) learn(base, scope string, before token, e *transfer.StatusError) bool {
	offered, err := h.offered(base, e)
	if err != nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.challenges) == 0 {
		h.challenges = offered
		return true
	}
	if before.text == "" || h.tokens[scope].text != before.text {
		return false
	}
	delete(h.tokens, scope)
	return true
}

// authorize sets on a request what the registry wants to hear. Package transfer
// asks for it at this registry only.
func (h *host) authorize(scope string) func(*http.Request) error {
	return func(r *http.Request) error {
		c, err := h.answer(r.Context(), scope)
		if err == nil {
			c.SetHeader(r.Header)
		}
		return err
	}
}

// answer is what answers the registry's challenge: a password, a token for the
// scope, or nothing.
func (h *host) answer(ctx context.Context, scope string) (credential.Credential, error) {
	ask, scheme := h.wanted()
	if scheme == "" {
		return credential.Credential{}, nil
	}
	c, have, err := h.c.credentials.Registry(ctx, h.name)
	switch {
	case err != nil:
		return credential.Credential{}, err
	case strings.HasPrefix(h.known(), "http:") && !transfer.Loopback(hostname(h.address)):
		// Package transfer would not send it either.
		h.note(have, "they are not sent over plain HTTP")
		return credential.Credential{}, nil
	case scheme == basic || c.Token != "":
		h.note(have, "")
		return c, nil
	}
	text, err := h.bearer(ctx, ask, scope, c)
	return credential.Credential{Token: text}, err
}

// note keeps for the message of a refusal what became of the credentials, if
// there are any.
func (h *host) note(have bool, withheld string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tried, h.withheld = have && withheld == "", ""
	if have {
		h.withheld = withheld
	}
}

// wanted is the challenge to answer: a token goes before a password.
func (h *host) wanted() (c challenge, scheme string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, scheme := range []string{bearer, basic} {
		for _, c := range h.challenges {
			if c.scheme == scheme && (scheme == basic || c.params["realm"] != "") {
				return c, scheme
			}
		}
	}
	return challenge{}, ""
}

func (h *host) tokenFor(scope string) token {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tokens[scope]
}
