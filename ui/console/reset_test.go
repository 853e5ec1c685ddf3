package console

import (
	"strings"
	"testing"
)

func TestAlternateScreenIsSeen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		drawn     string
		alternate bool
	}{
		"nothing":                   {"text", false},
		"entered":                   {"\x1b[?1049h", true},
		"entered and left":          {"\x1b[?1049h…\x1b[?1049l", false},
		"the old ways":              {"\x1b[?47h\x1b[?1047l\x1b[?1047h", true},
		"one mode of several":       {"\x1b[?25;1049;7h", true},
		"byte by byte":              {"\x1b|[|?|1|0|4|9|h", true},
		"another mode":              {"\x1b[?1048h\x1b[?10490h", false},
		"a control in the middle":   {"\x1b[?10\n49h", true},
		"an 8-bit sequence":         {"\u009b?1049h", true},
		"a sequence that is not":    {"\x1b[1049h", false},
		"cut off by another":        {"\x1b[?1049\x1b[0mh", false},
		"left by a reset":           {"\x1b[?1049h\x1bc", false},
		"a number without an end":   {"\x1b[?" + strings.Repeat("9", 1<<10) + "1049h", false},
		"more modes than there are": {"\x1b[?" + strings.Repeat("1;", 100) + "1049h", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all traces
			for part := range strings.SplitSeq(c.drawn, "|") {
				all.see([]byte(part))
			}
			if all.alternate != c.alternate {
				t.Errorf("alternate: %v", all.alternate)
			}
			if got := strings.Contains(all.sane(), "\x1b[?1049l"); !got {
				t.Error("the alternate screen is not left")
			}
		})
	}
}

func FuzzTraces(f *testing.F) {
	f.Add([]byte("\x1b[?1049;25h\xc2\x9b?47l"))
	f.Fuzz(func(t *testing.T, p []byte) {
		var whole, pieces traces
		whole.see(p)
		for i := range p {
			pieces.see(p[i : i+1])
		}
		if whole.alternate != pieces.alternate || whole.midLine != pieces.midLine {
			t.Errorf("%q reads differently in pieces", p)
		}
	})
}
