package draw

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/podtui/podtui/ui/theme"
)

func TestLinksLeadWhereTheySayAndTakeNoRoom(t *testing.T) {
	t.Parallel()
	const link = "http://127.0.0.1:8080"
	for name, c := range map[string]struct {
		text, url string
		w         int
		shown     string
		links     bool
	}{
		"plain":             {"web", link, 8, "web     ", true},
		"cut":               {"a long name", link, 8, "a long… ", true},
		"no address":        {"web", "", 8, "web     ", false},
		"an escape in it":   {"web", link + "\x1b\\\x1b[2J", 8, "web     ", false},
		"a space in it":     {"web", link + " x", 8, "web     ", false},
		"an escape in text": {"w\x1b[2J", link, 12, "", true},
		"no room":           {"web", link, 0, "", false},
	} {
		p := New(c.w, 1)
		p.PutLink(theme.Style{}, c.text, c.url)
		got := p.String()
		if shown := ansi.Strip(got); c.shown != "" && shown != c.shown || ansi.StringWidth(got) != c.w {
			t.Errorf("%s: %q", name, shown)
		}
		if links := strings.HasPrefix(got, "\x1b]8;;"+link+"\x1b\\") && strings.Count(got, "\x1b]8;;") == 2; links != c.links {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A dialog over a link lets no more of it lead anywhere than is seen.
func TestALinkUnderADialogEndsAtIt(t *testing.T) {
	t.Parallel()
	p := New(20, 1)
	p.PutLink(theme.Style{}, "0123456789", "http://127.0.0.1:80")
	got := Over(p.String(), "[box]", 5, 0, 5)
	before, _, _ := strings.Cut(got, "[box]")
	if ansi.Strip(got) != "01234[box]          " || strings.Count(before, "\x1b]8;;") != 2 {
		t.Errorf("%q", got)
	}
}
