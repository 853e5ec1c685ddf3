package imageref

import (
	"fmt"
	"strconv"
)

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
	if !printable(reason) { // a piece of the reference that a terminal would obey
		quoted := strconv.Quote(reason)
		reason = quoted[1 : len(quoted)-1]
	}
	return &Error{Reference: reference, Reason: reason}
}
