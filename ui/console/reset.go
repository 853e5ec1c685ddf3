package console

import (
	"os"
	"strconv"
	"sync"
)

// traces follows what an app draws as far as it must be known to take it back.
type traces struct {
	mu        sync.Mutex
	alternate bool // the app is on the alternate screen
	midLine   bool // the cursor is not at the beginning of a line

	// Where in a sequence we are.
	state  int
	number int
	modes  []int
}

const (
	ground = iota
	escape
	c2 // the first byte of U+0080 to U+00BF, of which one begins a sequence
	csi
	private // after CSI ?
)

// begin keeps the title, for a terminal that can.
func (t *traces) begin(out *os.File) {
	if !dumb() {
		_, _ = out.WriteString("\x1b[22;0t")
	}
}

func dumb() bool { name := os.Getenv("TERM"); return name == "" || name == "dumb" }

// see follows output.
func (t *traces) see(p []byte) {
	if len(p) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.midLine = p[len(p)-1] != '\n'
	for _, b := range p {
		t.state = t.next(b)
	}
}

func (t *traces) next(b byte) int {
	switch {
	case b == 0x1b:
		return escape
	case t.state == ground && b == 0xc2:
		return c2
	case t.state == escape && b == '[', t.state == c2 && b == 0x9b:
		return csi
	case t.state == escape && b == 'c': // a reset of everything
		t.alternate = false
	case t.state == csi && b == '?':
		t.number, t.modes = 0, t.modes[:0]
		return private
	case (t.state == private || t.state == csi) && b < 0x20: // obeyed in the middle of a sequence
		return t.state
	case t.state == private:
		return t.private(b)
	}
	return ground
}

// private takes a byte of the numbers of modes, or what becomes of these modes.
func (t *traces) private(b byte) int {
	switch {
	case b >= '0' && b <= '9':
		t.number = min(t.number*10+int(b-'0'), 1<<16)
		return private
	case b == ';' && len(t.modes) < 32:
		t.modes = append(t.modes, t.number)
		t.number = 0
		return private
	case b == 'h' || b == 'l':
		for _, mode := range append(t.modes, t.number) {
			if mode == 47 || mode == 1047 || mode == 1049 {
				t.alternate = b == 'h'
			}
		}
	}
	return ground
}

// remove takes back what an app can have set. What a terminal doesn't know it
// ignores.
func (t *traces) remove(out *os.File) {
	if dumb() {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = out.WriteString(t.sane())
}

func (t *traces) sane() string {
	s := "\x18\x1b\\" // an unfinished sequence is given up
	s += modes('l',
		1,                                                 // cursor keys of applications
		5,                                                 // reverse video
		9, 1000, 1001, 1002, 1003, 1005, 1006, 1015, 1016, // mouse
		69,         // margins left and right
		1004, 2004, // focus, pasted text in brackets
		2026, // nothing drawn until the end
	)
	s += modes('h', 7, 25)                // lines wrap; a cursor
	s += "\x1b[2l\x1b[4l\x1b[20l\x1b[12h" // keys are taken; nothing inserts; a new line is what it is; no echo
	s += "\x1b>\x1b(B\x0f\x1b[0m\x1b[0 q" // keypad, letters, colours, form of the cursor
	s += "\x1b[<99u\x1b[=0u\x1b[>4;0m"    // keys as bytes: kitty's protocol and xterm's
	s += "\x1b]8;;\x1b\\"                 // no link goes on
	s += "\x1b]104\x1b\\\x1b]110\x1b\\"   // palette, foreground,
	s += "\x1b]111\x1b\\\x1b]112\x1b\\"   // background and cursor have their colours
	s += "\x1b[23;0t\x1b7\x1b[r\x1b8"     // title; scrolling of all lines, which moves the cursor
	if t.alternate {
		return s + "\x1b[?1049l\r"
	}
	// To leave the alternate screen moves the cursor also if one is not there. One
	// never knows whether the terminal understood what we have seen.
	s += "\x1b7\x1b[?1049l\x1b8"
	if t.midLine {
		s += "\r\n"
	}
	return s
}

func modes(to byte, numbers ...int) string {
	var s []byte
	for _, n := range numbers {
		s = append(strconv.AppendInt(append(s, "\x1b[?"...), int64(n), 10), to)
	}
	return string(s)
}
