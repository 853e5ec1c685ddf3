package imageref

import (
	"fmt"
	"strconv"
	"strings"
)

// Error says why a reference can't be one, in one line.
type Error struct {
	Reference string // as typed, whole, but for what may be a password
	Why       string // what is wrong, and what would be right
}

// shown is how many bytes of a reference a message repeats.
const shown = 120

func (e *Error) Error() string {
	text := e.Reference
	if len(text) > shown {
		text = text[:shown] + "…"
	}
	return fmt.Sprintf("image reference %q: %s", text, e.Why)
}

// Reason is the error without the reference.
func (e *Error) Reason() string { return e.Why }

// Masked is a reference without what may be a password before its host: for
// messages and events, which end up in logs.
func Masked(reference string) string {
	scheme, rest, ok := cutScheme(reference)
	if !ok {
		return reference
	}
	authority, path, more := strings.Cut(rest, "/")
	i := strings.LastIndexByte(authority, '@')
	if i < 0 || scheme == "docker" && validDigest(authority[i+1:]) {
		return reference
	}
	masked := scheme + "://…" + authority[i:]
	if more {
		masked += "/" + path
	}
	return masked
}

func fail(reference, format string, args ...any) error {
	reason := fmt.Sprintf(format, args...)
	if len(reason) > 4*shown {
		reason = reason[:4*shown] + "…"
	}
	if !printable(reason) { // a piece of the reference that a terminal would obey
		quoted := strconv.Quote(reason)
		reason = quoted[1 : len(quoted)-1]
	}
	return &Error{Reference: Masked(reference), Why: reason}
}
