package network

import (
	"bytes"
	"errors"
	"unicode"
)

// said is what a plugin writes, as far as it is of use.
type said struct {
	text    bytes.Buffer
	endless bool // more is taken, and thrown away
	over    bool // there was more
}

var errTooMuch = errors.New("it is too much")

func (s *said) Write(data []byte) (int, error) {
	room := max(0, mostSaid-s.text.Len())
	s.text.Write(data[:min(room, len(data))])
	if len(data) <= room || s.endless {
		return len(data), nil
	}
	s.over = true
	return room, errTooMuch
}

func isNoText(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }
