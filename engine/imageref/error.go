package imageref

import "fmt"

// Error says why a reference can't be one, in one line.
type Error struct {
	Reference string // as typed, whole, but for what may be a password
	Reason    string // what is wrong, and what would be right
}

// shown is how many bytes of a reference a message repeats.
const shown = 120

func (e *Error) Error() string {
	text := e.Reference
	if len(text) > shown {
		text = text[:shown] + "…"
	}
	return fmt.Sprintf("image reference %q: %s", text, e.Reason)
}

func fail(reference, format string, args ...any) error {
	reason := fmt.Sprintf(format, args...)
	if len(reason) > 4*shown {
		reason = reason[:4*shown] + "…"
	}
	return &Error{Reference: reference, Reason: reason}
}
