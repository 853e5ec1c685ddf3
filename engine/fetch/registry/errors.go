package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/podtui/podtui/engine/fetch/transfer"
)

// Kind is what a registry's no is about, for callers that lead to what mends it.
type Kind int

// The kinds.
const (
	Invalid      Kind = iota // it answers what can't be right
	NotFound                 // no such repository, tag, manifest or blob
	Unauthorized             // it wants credentials, or other ones
	Denied                   // it knows who asks, and says no
	TooMany                  // it limits how often it is asked
	NotRegistry              // something else is there
	PlainHTTP                // it speaks plain HTTP, which is not allowed
	Unlisted                 // it does not list its repositories
)

// Error is a registry's no, in words. It wraps what package transfer says of
// it, where there is something.
type Error struct {
	Kind Kind
	Of   string // HOST, HOST/REPOSITORY or HOST/REPOSITORY:TAG
	Why  string
	err  error
}

func (e *Error) Error() string { return e.Of + ": " + e.Why }
func (e *Error) Unwrap() error { return e.err }

// Reason is the error without what it is about, but for the tag that nobody
// typed.
func (e *Error) Reason() string {
	if e.Kind == NotFound && strings.HasSuffix(e.Of, ":latest") {
		return e.Of + ": " + e.Why
	}
	return e.Why
}

// fail makes an error about the registry, or about something of it.
func (h *host) fail(kind Kind, what, format string, args ...any) *Error {
	of := h.name
	if what != "" {
		of = what
	}
	return &Error{Kind: kind, Of: of, Why: fmt.Sprintf(format, args...)}
}

// from adds what the error comes from.
func (e *Error) from(err error) error {
	e.err = err
	return e
}

// explain puts into words why the registry did not answer about what. Errors
// that say it already stay as they are.
func (h *host) explain(err error, what string) error {
	var words *Error
	var status *transfer.StatusError
	if errors.As(err, &words) || !errors.As(err, &status) {
		return err
	}
	said := saidBy(status.Body)
	switch status.Status {
	case http.StatusUnauthorized:
		return h.unauthorized(what, said).from(err)
	case http.StatusForbidden:
		return h.fail(Denied, what, "access denied%s", said.quoted()).from(err)
	case http.StatusNotFound:
		return h.fail(NotFound, what, "%s", said.missing()).from(err)
	case http.StatusTooManyRequests:
		return h.fail(TooMany, what, "too many requests%s%s", waitFor(status), said.quoted()).from(err)
	}
	if status.Status >= http.StatusInternalServerError {
		return err
	}
	return h.fail(Invalid, what, "the registry answers %d %s%s", status.Status, http.StatusText(status.Status), said.quoted()).from(err)
}

// unauthorized tells what credentials were tried, if any.
func (h *host) unauthorized(what string, said said) *Error {
	h.mu.Lock()
	withheld, tried := h.withheld, h.tried
	h.mu.Unlock()
	switch {
	case withheld != "":
		return h.fail(Unauthorized, what, "there are credentials, but %s", withheld)
	case tried:
		return h.fail(Unauthorized, what, "the credentials for %s were refused, or are not enough%s", h.name, said.quoted())
	}
	return h.fail(Unauthorized, what, "not there, or needs credentials: none for %s in auth.d or ~/.docker/config.json", h.name)
}

// waitFor tells when it may be tried again.
func waitFor(e *transfer.StatusError) string {
	wait := transfer.RetryAfter(e.Header.Get("Retry-After"), time.Now())
	if wait == 0 {
		return ""
	}
	return fmt.Sprintf(", again in %v at the soonest", wait.Round(time.Second))
}

// said is the first error that a registry explains itself with.
type said struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func saidBy(body []byte) said {
	var answer struct {
		Errors []said `json:"errors"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Errors) == 0 {
		return said{}
	}
	return answer.Errors[0]
}

func (s said) quoted() string {
	if s.Message == "" {
		return ""
	}
	return fmt.Sprintf(" (it says %q)", brief(s.Message))
}

func (s said) missing() string {
	switch s.Code {
	case "NAME_UNKNOWN":
		return "no such repository"
	case "MANIFEST_UNKNOWN":
		return "no such tag or digest in the repository"
	case "BLOB_UNKNOWN":
		return "the registry has the manifest, and not what it is made of"
	}
	return "no such repository or tag"
}

// brief makes a short line of what a stranger wrote.
func brief(s string) string {
	const most = 120
	s = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
