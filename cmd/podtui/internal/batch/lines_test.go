package batch

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/podtui/podtui/ui/text"
)

// feed gives a prefixer an app's output in pieces.
func feed(pieces ...string) string {
	f := newPrefixer("web")
	var out []byte
	for _, piece := range pieces {
		out = f.append(out, []byte(piece))
	}
	return string(f.rest(out))
}

func TestEveryLineTellsItsApp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pieces []string
		want   string
	}{
		"nothing":                        {nil, ""},
		"a line":                         {[]string{"one\n"}, "web: one\n"},
		"several in one piece":           {[]string{"one\ntwo\n\nfour\n"}, "web: one\nweb: two\nweb: \nweb: four\n"},
		"a line in several pieces":       {[]string{"o", "n", "e", "\ntw", "o\n"}, "web: one\nweb: two\n"},
		"a last line without an end":     {[]string{"one\ntwo"}, "web: one\nweb: two\n"},
		"a character in two pieces":      {[]string{"caf\xc3", "\xa9\n"}, "web: café\n"},
		"a carriage return":              {[]string{"50 %\r100 %\n"}, `web: 50 %\r100 %` + "\n"},
		"lines of a DOS file":            {[]string{"one\r\n"}, `web: one\r` + "\n"},
		"vertical tab, form feed":        {[]string{"a\vb\fc\n"}, `web: a\x0bb\x0cc` + "\n"},
		"next line, line separator":      {[]string{"a\u0085b\u2028c\u2029d\n"}, `web: a\u0085b\u2028c\u2029d` + "\n"},
		"an escape sequence":             {[]string{"\x1b[2Jgone\n"}, `web: \x1b[2Jgone` + "\n"},
		"an escape sequence of one byte": {[]string{"\x9b2J\n"}, `web: \x9b2J` + "\n"},
		"the same in UTF-8":              {[]string{"\u009b2J\n"}, `web: \u009b2J` + "\n"},
		"text that turns around":         {[]string{"\u202egnp.exe\n"}, `web: \u202egnp.exe` + "\n"},
		"what can't be seen":             {[]string{"a\u200bb\ufeffc\U000e0041\n"}, `web: a\u200bb\ufeffc\U000e0041` + "\n"},
		"bytes that are not UTF-8":       {[]string{"caf\xe9\n"}, `web: caf\xe9` + "\n"},
		"a tab":                          {[]string{"a\tb\n"}, "web: a\tb\n"},
		"emoji made of several":          {[]string{"👩\u200d🚀❤\ufe0f\n"}, "web: 👩\u200d🚀❤\ufe0f\n"},
		"a long line": {[]string{strings.Repeat("x", maxLine+1) + "\n"},
			"web: " + strings.Repeat("x", maxLine) + "\nweb: x\n"},
		"a line that is just not too long": {[]string{strings.Repeat("x", maxLine), "\n"},
			"web: " + strings.Repeat("x", maxLine) + "\n"},
		"a long line that would be cut in a character": {[]string{strings.Repeat("x", maxLine-1) + "é\n"},
			"web: " + strings.Repeat("x", maxLine-1) + "\nweb: é\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := feed(c.pieces...); got != c.want {
				t.Errorf("got  %.200q\nwant %.200q", got, c.want)
			}
		})
	}
}

func TestMemoryOfALineWithoutEndIsBounded(t *testing.T) {
	t.Parallel()
	f := newPrefixer("web")
	piece := bytes.Repeat([]byte("x"), 60_000)
	var out []byte
	for range 1000 {
		out = f.append(out[:0], piece)
		if n := cap(f.cutter.pending); n > 4*maxLine {
			t.Fatalf("%d bytes are kept of a line", n)
		}
	}
}

// FuzzPrefixer holds, for any output in any pieces: each line has its prefix,
// nothing that a terminal obeys gets through, and nothing is lost.
func FuzzPrefixer(f *testing.F) {
	for _, seed := range []string{"", "one\ntwo", "\x1b[31mred\x1b[m\n", "caf\xc3\xa9\r\n\xff\u009b\u202e", "\n\n\\n", "a\tb\u2028"} {
		f.Add([]byte(seed), 1)
		f.Add([]byte(seed), 7)
	}
	f.Fuzz(func(t *testing.T, output []byte, size int) {
		if size < 1 || size > 1<<20 {
			return
		}
		var pieces []string
		for rest := string(output); rest != ""; {
			n := min(size, len(rest))
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		got := feed(pieces...)
		checkHarmless(t, got)
		if whole := feed(string(output)); got != whole {
			t.Errorf("in pieces of %d: %q\nin one: %q", size, got, whole)
		}
		if len(output) < maxLine {
			if want := expected(string(output)); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		}
	})
}

func checkHarmless(t *testing.T, got string) {
	t.Helper()
	if got != "" && !strings.HasSuffix(got, "\n") {
		t.Errorf("the last line does not end: %q", got)
	}
	for line := range strings.Lines(got) {
		if !strings.HasPrefix(line, "web: ") {
			t.Errorf("a line without prefix: %q", line)
		}
		for _, r := range strings.TrimSuffix(line, "\n") {
			if r != '\t' && text.Harmful(r) || !utf8.ValidString(line) {
				t.Errorf("%q gets through in %q", r, line)
			}
		}
	}
}

// expected is the same thing done slowly: line by line, character by character.
func expected(output string) string {
	var b strings.Builder
	for line := range strings.Lines(output) {
		b.WriteString("web: ")
		for line = strings.TrimSuffix(line, "\n"); line != ""; {
			r, size := utf8.DecodeRuneInString(line)
			switch {
			case r == '\n':
				b.WriteString(`\n`)
			case r == '\r':
				b.WriteString(`\r`)
			case r == '\t' || !text.Harmful(r) && (r != utf8.RuneError || size > 1):
				b.WriteString(line[:size])
			case size == 1:
				fmt.Fprintf(&b, `\x%02x`, line[0])
			case r > 0xffff:
				fmt.Fprintf(&b, `\U%08x`, r)
			default:
				fmt.Fprintf(&b, `\u%04x`, r)
			}
			line = line[size:]
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func BenchmarkPrefixer(b *testing.B) {
	piece := []byte(strings.Repeat("GET /index.html 200 1284 0.003\n", 2000))
	f := newPrefixer("web")
	b.SetBytes(int64(len(piece)))
	var out []byte
	for b.Loop() {
		out = f.append(out[:0], piece)
	}
}
