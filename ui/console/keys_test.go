package console

import (
	"strings"
	"testing"
)

func TestDetachKeys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		typed  string // a | stands between two reads
		on     string
		detach bool
	}{
		"nothing else":                 {"\x10\x11", "", true},
		"in two reads":                 {"\x10|\x11", "", true},
		"after other keys":             {"ls\r\x10\x11lost", "ls\r", true},
		"the first alone waits":        {"a\x10", "a", false},
		"and goes on after the next":   {"a\x10|b", "a\x10b", false},
		"twice, then the second":       {"\x10\x10\x11", "\x10", true},
		"the second alone is a key":    {"\x11\x11", "\x11\x11", false},
		"other sequences go on":        {"\x10\x1b[A", "\x10\x1b[A", false},
		"in kitty's protocol":          {"\x1b[112;5u\x1b[113;5u", "", true},
		"with keys that are let go":    {"\x1b[112;5:1u\x1b[112;5:3u|\x1b[113;5:1u", "", true},
		"with num lock":                {"\x1b[112;133u\x1b[113;133u", "", true},
		"with alternate letters":       {"\x1b[112:80;5u\x1b[113:81:97;5u", "", true},
		"in xterm's":                   {"\x1b[27;5;112~\x1b[27;5;113~", "", true},
		"mixed":                        {"\x10\x1b[113;5u", "", true},
		"without control they are not": {"\x1b[112u\x1b[113u", "\x1b[112u\x1b[113u", false},
		"kitty's first, then a key":    {"\x1b[112;5u|x", "\x1b[112;5ux", false},
		"half a sequence":              {"\x10\x1b[", "\x10\x1b[", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d detacher
			var on strings.Builder
			detached := false
			for part := range strings.SplitSeq(c.typed, "|") {
				p, detach := d.pass([]byte(part))
				on.Write(p)
				detached = detached || detach
			}
			if on.String() != c.on || detached != c.detach {
				t.Errorf("%q goes on, detached %v", on.String(), detached)
			}
		})
	}
}

// What is typed and is not the keys arrives as it is.
func FuzzDetacher(f *testing.F) {
	f.Add([]byte("\x10\x1b[112;5:3u\x11"), 3)
	f.Add([]byte("\x1b[27;5;112~\x1b["), 1)
	f.Add([]byte("\x1b[;;;;:::u\x1b[999999999999999999999;5u"), 40)
	f.Fuzz(func(t *testing.T, typed []byte, cut int) {
		cut = min(max(cut, 0), len(typed))
		var d detacher
		on, detach := d.pass(typed[:cut])
		if !detach {
			var more []byte
			more, detach = d.pass(typed[cut:])
			on = append(on, more...)
		}
		if detach {
			if !strings.HasPrefix(string(typed), string(on)) {
				t.Errorf("%q of %q goes on", on, typed)
			}
		} else if got := string(on) + string(d.held); got != string(typed) {
			t.Errorf("%q became %q", typed, got)
		}
	})
}
