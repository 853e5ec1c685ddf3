package discovery

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	maxTold  = 4   // attempts that a message tells of
	maxCause = 300 // bytes of what it tells of one
)

// NothingError says that discovery knows no place that could have the image, or
// its keys.
type NothingError struct {
	Name     string
	Keys     bool    // it is about the image's keys
	Why      string  // nobody was asked; or ""
	Attempts []error // of each page in the order of asking: why it was of no use
}

func (e *NothingError) Error() string { return fmt.Sprintf("image %s: %s", brief(e.Name), e.why()) }

// Reason is the error without the image.
func (e *NothingError) Reason() string { return e.why() }

func (e *NothingError) why() string {
	if e.Why != "" {
		return e.Why
	}
	told := make([]string, 0, maxTold+1)
	for i, attempt := range e.Attempts {
		if i == maxTold {
			told = append(told, fmt.Sprintf("and %d more", len(e.Attempts)-i))
			break
		}
		told = append(told, squeeze(attempt.Error(), maxCause))
	}
	what := "where it is"
	if e.Keys {
		what = "who signs it"
	}
	return "nobody tells " + what + ": " + strings.Join(told, "; ")
}

// Unwrap lets callers ask for a status or a refused connection.
func (e *NothingError) Unwrap() []error { return e.Attempts }

// PageError says why a page that came was of no use.
type PageError struct {
	URL    string // after redirects, without its query
	Reason string
	Err    error // what a caller may want to know of it, or nil
}

// Unwrap lets callers find out that a template was only refused for plain HTTP.
func (e *PageError) Unwrap() error { return e.Err }

func (e *PageError) Error() string { return e.URL + ": " + e.Reason }

// brief is what a stranger wrote, for a message: quoted if a terminal could
// obey it, and short.
func brief(s string) string {
	quoted := strconv.Quote(cut(s, 120))
	return quoted[1 : len(quoted)-1]
}

// squeeze leaves out the middle: a URL is at the beginning, its cause at the end.
func squeeze(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return cut(s, most/2) + strings.ToValidUTF8(s[len(s)-most/2:], "")
}

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
