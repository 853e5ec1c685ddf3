package text

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestEscapeShowsWhatATerminalWouldActUpon(t *testing.T) {
	for in, want := range map[string]string{
		"plain text":         "plain text",
		"\x1b[31mred":        `\x1b[31mred`,
		"a\tb\nc\r":          `a\tb\nc\r`,
		"\u009b31m":          `\u009b31m`,
		"\x9b31m":            `\x9b31m`,
		"\u0085next":         `\u0085next`,
		"می\u200cخواهم":      "میخواهم",
		"\u202egpj.exe":      `\u202egpj.exe`,
		"zero\u200bwidth":    `zero\u200bwidth`,
		"\xff\xfe":           `\xff\xfe`,
		"日本語 😀":              "日本語 😀",
		"heart \u2764\ufe0f": "heart \u2764",
		"tag \U000e0041":     `tag \U000e0041`,
		"del \x7f":           `del \x7f`,
		"\u2028line":         `\u2028line`,
	} {
		if got := Escape(in); got != want {
			t.Errorf("Escape(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestEscapeLineKeepsColumns(t *testing.T) {
	if got, want := EscapeLine("a\tb\t日本\tc"), "a       b       日本    c"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTruncateSaysThatItCut(t *testing.T) {
	for _, c := range []struct {
		in    string
		width int
		want  string
	}{
		{"short", 10, "short"}, {"exactly", 7, "exactly"}, {"too long", 5, "too …"},
		{"日本語", 5, "日本…"}, {"日本語", 4, "日…"}, {"any", 0, ""}, {"any", 1, "…"},
	} {
		if got := Truncate(c.in, c.width); got != c.want {
			t.Errorf("Truncate(%q, %d) = %q, want %q", c.in, c.width, got, c.want)
		}
	}
	if got := TruncateLeft("/very/long/path", 8); got != "…ng/path" {
		t.Errorf("TruncateLeft: %q", got)
	}
}

func TestWrapLosesNothing(t *testing.T) {
	in := "a sentence with averyveryverylongwordinit and 日本語 at its end"
	rows := Wrap(in, 12)
	for _, r := range rows {
		if Width(r) > 12 {
			t.Errorf("%q is %d wide", r, Width(r))
		}
	}
	squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
	if squeeze(strings.Join(rows, "")) != squeeze(in) {
		t.Errorf("%q", rows)
	}
}

func TestQuantities(t *testing.T) {
	for got, want := range map[string]string{
		Bytes(0): "0 B", Bytes(999): "999 B", Bytes(9_800_000): "9.8 MB", Bytes(148_000_000): "148 MB", Bytes(999_960): "1.0 MB",
		Part(61_200_000, 148_000_000): "61.2 of 148 MB", Part(900, 148_000_000): "900 B of 148 MB", Part(5, 0): "5 B",
		Ago(12 * time.Second): "12 s", Ago(2 * time.Hour): "2 h", Ago(72 * time.Hour): "3 d", Ago(-time.Second): "0 s",
		Ago(240 * 24 * time.Hour): "8 mo", Number(1284): "1,284", Number(-1234567): "-1,234,567", Count(1, "app"): "1 app",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// FuzzEscape holds what is drawn to: nothing that a terminal acts upon, valid,
// and as wide as the renderer thinks.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", "a\x1b]0;t\a", "\u202e\u0301", "😀\u200d🌈", "\xc3\x28", "\t\t"} {
		f.Add(s, 7)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		for _, e := range []string{Escape(s), EscapeLine(s)} {
			if !utf8.ValidString(e) || strings.ContainsFunc(e, Harmful) || strings.ContainsFunc(e, isShaping) {
				t.Fatalf("%q became %q", s, e)
			}
			if Width(e) != ansi.StringWidthWc(e) {
				t.Fatalf("%q: width %d, the renderer says %d", e, Width(e), ansi.StringWidthWc(e))
			}
			width = width & 63
			if got := Width(TruncateMiddle(e, width, 3)); got > max(width, 0) {
				t.Errorf("TruncateMiddle(%q, %d) has %d cells", e, width, got)
			}
			if got := Width(Truncate(e, width)); got > width {
				t.Fatalf("%q cut to %d is %d wide", e, width, got)
			}
			if got := Width(Pad(e, width)); got != width {
				t.Fatalf("%q padded to %d is %d wide", e, width, got)
			}
			for _, r := range Wrap(e, width) {
				if Width(r) > max(width, 1) {
					t.Fatalf("%q wrapped to %d has %q", e, width, r)
				}
			}
		}
	})
}

func TestEveryFormatCharacterIsHarmful(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		want := unicode.In(r, unicode.Cf, unicode.Cc, unicode.Zl, unicode.Zp) && r != joiner && r != nonJoiner
		if Harmful(r) != want {
			t.Errorf("%U: %v", r, !want)
		}
	}
}

// A screen and a line of output say the same of the same text, but for what only
// the one keeps.
func TestOneEscapeForScreensAndOutput(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if s := "a" + string(r) + "b"; r != '\t' && !isShaping(r) && string(AppendEscaped(nil, []byte(s))) != Escape(s) {
			t.Fatalf("%U: %q and %q", r, AppendEscaped(nil, []byte(s)), Escape(s))
		}
	}
	for in, want := range map[string]string{
		"a\tb": "a\tb", "\xff\x85": `\xff\x85`, "\u0085": `\u0085`, "می\u200cخواهم": "می\u200cخواهم", "❤\ufe0f": "❤\ufe0f",
	} {
		if got := string(AppendEscaped([]byte("app: "), []byte(in))); got != "app: "+want {
			t.Errorf("%q became %q", in, got)
		}
	}
}

func TestTruncateMiddleKeepsBothEnds(t *testing.T) {
	for _, c := range []struct {
		width, least int
		want         string
	}{
		{26, 0, "quay.io/coreos/etcd:v3.5.0"}, {21, 7, "quay.io…s/etcd:v3.5.0"}, {12, 7, "quay…:v3.5.0"},
		{9, 7, "q…:v3.5.0"}, {8, 7, "…:v3.5.0"}, {4, 7, "….0"}, {0, 7, ""},
	} {
		if got := TruncateMiddle("quay.io/coreos/etcd:v3.5.0", c.width, c.least); Width(got) > c.width || c.width > 4 && got != c.want {
			t.Errorf("%d, %d: %q, want %q", c.width, c.least, got, c.want)
		}
	}
}
