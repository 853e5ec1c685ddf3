package console

import (
	"bytes"
	"strconv"
	"strings"
)

// DetachKeys are the keys that detach, as people call them.
const DetachKeys = "ctrl-p ctrl-q"

const ctrlP, ctrlQ = 'p' & 0x1f, 'q' & 0x1f

// detacher looks for the keys that detach in what is typed. The first goes on
// once the next shows that it was none of them.
type detacher struct{ held []byte }

// pass returns what of p goes on to the app, and whether the keys have come.
func (d *detacher) pass(p []byte) (on []byte, detach bool) {
	for len(p) > 0 {
		n, key := firstKey(p)
		switch {
		case key == ctrlQ && d.held != nil:
			return on, true
		case key == released && d.held != nil:
			d.held = append(d.held, p[:n]...)
		default:
			on = append(on, d.held...)
			d.held = nil
			if key == ctrlP {
				d.held = append(d.held, p[:n]...)
			} else {
				on = append(on, p[:n]...)
			}
		}
		p = p[n:]
	}
	return on, false
}

// released is a key that was let go.
const released = -2

// longestKey bounds a key's sequence.
const longestKey = 64

// firstKey is the length of the first key in p, and its byte, if it has one.
// An app can have the terminal send keys as sequences; it must not keep anybody by
// that.
func firstKey(p []byte) (n, key int) {
	if !bytes.HasPrefix(p, []byte("\x1b[")) {
		return 1, int(p[0])
	}
	end := bytes.IndexFunc(p[:min(len(p), longestKey)], func(r rune) bool { return r >= 0x40 && r <= 0x7e && r != '[' })
	if end < 0 {
		return 1, int(p[0])
	}
	return end + 1, sequenceKey(strings.Split(string(p[2:end]), ";"), p[end])
}

// sequenceKey reads CSI key;modifiers u, of kitty's protocol, and
// CSI 27;modifiers;key ~, of xterm's. Each field can have more after a colon.
func sequenceKey(fields []string, final byte) int {
	fields = append(fields, "", "", "")
	number := func(i int) int {
		word, _, _ := strings.Cut(fields[i], ":")
		n, _ := strconv.Atoi(word)
		return n
	}
	_, event, _ := strings.Cut(fields[1], ":")
	key, ctrl := -1, (number(1)-1)&^(64|128) == 4 // whatever locks are on
	switch {
	case final == 'u' && event == "3":
		return released
	case final == 'u':
		key = number(0)
	case final == '~' && number(0) == 27:
		key = number(2)
	}
	if ctrl && key >= 'a' && key <= 'z' {
		return key & 0x1f
	}
	return -1
}
