package transfer

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Errors begin with the URL that they are about, without its query: that of a
// signed URL is as good as a password.

// URLError says that a URL can't be asked.
type URLError struct{ URL, Reason string }

func (e *URLError) Error() string {
	if e.URL == "" {
		return e.Reason
	}
	return e.URL + ": " + e.Reason
}

// StatusError says that a server answered with a status that is no success.
type StatusError struct {
	URL    string
	Status int

	// What came with it, for callers: registries explain themselves there. It is
	// not in the text of the error.
	Header http.Header
	Body   []byte // at most its first 8 KiB
}

func (e *StatusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%s: %d %s", e.URL, e.Status, http.StatusText(e.Status)))
}

// StallError says that a server sent nothing for too long.
type StallError struct {
	URL      string
	After    time.Duration
	Dripping bool // bytes came, but so few that a document was not whole in that time
}

func (e *StallError) Error() string {
	if e.Dripping {
		return fmt.Sprintf("%s: not all there after %v", e.URL, e.After)
	}
	return fmt.Sprintf("%s: no byte for %v", e.URL, e.After)
}

// RedirectError says that a redirect was not followed. Where it was refused for
// being plain HTTP, it is a *PlainHTTPError too.
type RedirectError struct {
	From, To string // To is "" if it can't be told
	Reason   string
	err      error
}

func (e *RedirectError) Error() string {
	to := ""
	if e.To != "" {
		to = " to " + e.To
	}
	return e.From + ": redirect" + to + " is not followed: " + e.Reason
}

func (e *RedirectError) Unwrap() error { return e.err }

// PlainHTTPError says that something would have been asked in plain text.
type PlainHTTPError struct{ URL string }

func (e *PlainHTTPError) Error() string { return e.URL + ": plain HTTP is not allowed" }

// EncodingError says that the content came compressed though nobody asked for it.
type EncodingError struct{ URL, Encoding string }

func (e *EncodingError) Error() string {
	return fmt.Sprintf("%s: came with Content-Encoding %q, which was not asked for", e.URL, e.Encoding)
}

// LengthError says that there are more or fewer bytes than there should be.
type LengthError struct {
	URL  string
	Want int64 // exactly, or at most if AtMost is set
	Got  int64 // -1: more than Want
	// AtMost says that Want is a limit.
	AtMost bool
}

func (e *LengthError) Error() string {
	switch {
	case e.AtMost && e.Got < 0:
		return fmt.Sprintf("%s: has more than the %d bytes that are taken", e.URL, e.Want)
	case e.AtMost:
		return fmt.Sprintf("%s: has %d bytes, at most %d are taken", e.URL, e.Got, e.Want)
	case e.Got < 0:
		return fmt.Sprintf("%s: has more than the %d bytes that it should have", e.URL, e.Want)
	}
	return fmt.Sprintf("%s: has %d bytes, not %d", e.URL, e.Got, e.Want)
}

// RangeError says that a server answered with another part than was asked for.
type RangeError struct {
	URL  string
	From int64  // the byte from which on it was asked; -1: no part was asked for
	Got  string // what came instead
}

func (e *RangeError) Error() string {
	if e.From < 0 {
		return fmt.Sprintf("%s: sent %s, though all of it was asked for", e.URL, e.Got)
	}
	return fmt.Sprintf("%s: asked for what follows byte %d, but it sent %s", e.URL, e.From, e.Got)
}

// DigestError says that what was downloaded is not what was wanted.
type DigestError struct{ URL, Want, Got string }

func (e *DigestError) Error() string {
	return fmt.Sprintf("%s: digest is %s, not %s", e.URL, e.Got, e.Want)
}

// show is a URL for people: without credentials and query, and not without end.
func show(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Opaque: u.Opaque, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	return brief(shown.String())
}

func showText(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "a URL"
	}
	return show(u)
}

// brief makes one short line of what a stranger sent.
func brief(s string) string {
	const most = 300
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
