package logview

import (
	"fmt"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/theme"
)

func someLines(from, n int) []poddir.LogLine {
	batch := make([]poddir.LogLine, n)
	for i := range batch {
		batch[i] = poddir.LogLine{App: []string{"web", "db"}[(from+i)%2], Text: fmt.Sprintf("line %d", from+i)}
	}
	return batch
}

func TestRingKeepsTheLastLinesOfEachApp(t *testing.T) {
	var r ring
	const total = maxLines*2 + maxLines/2 + 7
	for n := 0; n < total; n += 1000 {
		r.add(someLines(n, min(1000, total-n)))
	}
	if got := r.count(all); got != maxLines {
		t.Fatalf("keeps %d lines", got)
	}
	if web, db := r.count(0), r.count(1); web+db != maxLines {
		t.Errorf("web %d + db %d lines", web, db)
	}
	for _, app := range []int{all, 0, 1} {
		last := r.count(app) - 1
		for _, i := range []int{0, last / 2, last} {
			number := r.at(app, i)
			e := r.line(number)
			if want := fmt.Sprintf("line %d", number); e.Text != want || app != all && e.app != app {
				t.Errorf("app %d, line %d is %q of %s", app, number, e.Text, e.App)
			}
			if got := r.index(app, number); got != i {
				t.Errorf("app %d: index of %d is %d, want %d", app, number, got, i)
			}
		}
	}
}

func TestTheEndOfATerminalsLineIsNotShown(t *testing.T) {
	v := New()
	v.Times = false
	v.Add([]poddir.LogLine{{App: "a", Text: "50 %\r100 %\r"}, {App: "a", Text: "\r"}})
	if got := v.Draw(theme.New(theme.Plain), 30, 2); strings.Count(got, `\r`) != 1 {
		t.Errorf("%q", got)
	}
}

func TestRingBoundsALine(t *testing.T) {
	var r ring
	r.add([]poddir.LogLine{{App: "a", Text: strings.Repeat("x", 1<<20)}})
	if n := len(r.line(0).Text); n > maxLength+len("…") {
		t.Errorf("keeps %d bytes", n)
	}
}

func TestAReaderWhoScrolledUpStaysWhereHeIs(t *testing.T) {
	g := View{ring: &ring{}, app: all}
	g.Add(someLines(0, 100))
	th := theme.New(theme.Plain)
	g.Draw(th, 40, 10)
	g.Move(keymap.Up)
	before := g.Draw(th, 40, 10)
	g.Add(someLines(100, 5000))
	if after := g.Draw(th, 40, 10); after != before {
		t.Errorf("moved:\n%s\n%s", before, after)
	}
	g.Move(keymap.End)
	if after := g.Draw(th, 40, 10); !strings.Contains(after, "line 5099") {
		t.Errorf("does not follow:\n%s", after)
	}
	for range 3 {
		g.Move(keymap.Up)
	}
	for range 3 {
		g.Move(keymap.Down)
	}
	if g.away {
		t.Error("reaching the end does not follow again")
	}
}

func TestWrappingShowsTheEndOfTheNewestLine(t *testing.T) {
	g := View{ring: &ring{}, app: all, Wrap: true}
	g.Add([]poddir.LogLine{{App: "a", Text: strings.Repeat("word ", 200) + "END"}})
	if got := g.Draw(theme.New(theme.Plain), 40, 5); !strings.Contains(got, "END") {
		t.Errorf("%s", got)
	}
}

func BenchmarkIngestWithFollow(b *testing.B) {
	g := View{ring: &ring{}, app: all, Times: true}
	th := theme.New(theme.Dark)
	const size = 6667 // 200,000 lines a second, thirty frames of them
	batch := someLines(0, size)
	b.ReportAllocs()
	for b.Loop() {
		g.Add(batch)
		g.Draw(th, 120, 40)
	}
	b.ReportMetric(float64(b.N)*size/b.Elapsed().Seconds(), "lines/s")
}

// Where older lines were rotated away the reader sees it, and not as output.
func TestLostLinesAreMarked(t *testing.T) {
	g := View{ring: &ring{}, app: all}
	g.Add([]poddir.LogLine{
		{App: "web", Stream: "lost", Text: "earlier lines were rotated away"},
		{App: "web", Stream: "stdout", Text: "line 7"},
	})
	for _, wrap := range []bool{false, true} {
		g.Wrap = wrap
		if got := g.Draw(theme.New(theme.Plain), 60, 2); !strings.Contains(got, "\x1b[2m… earlier lines were rotated away\x1b[m") {
			t.Errorf("drawn as %q", got)
		}
	}
}

// Guessed names go, lines keep their apps, and who reads one app goes on reading it.
func TestAppsAreArrangedUnderTheirLines(t *testing.T) {
	g := View{ring: &ring{}, app: all}
	g.Arrange([]string{"db-aci", "web-aci"})
	g.Add(someLines(0, 100))
	g.app = g.ring.app("web")
	g.Arrange([]string{"db", "web"})
	if got := strings.Join(g.ring.apps, " "); got != "db web" || g.app != 1 {
		t.Fatalf("apps %q, app %d is shown", got, g.app)
	}
	for app, name := range g.ring.apps {
		if n := g.ring.count(app); n != 50 {
			t.Errorf("%s has %d lines", name, n)
		}
		for i := range g.ring.count(app) {
			if e := g.ring.line(g.ring.at(app, i)); e.App != name || e.app != app {
				t.Fatalf("line %d of %s is %q of %s", i, name, e.Text, e.App)
			}
		}
	}
	g.Add([]poddir.LogLine{{App: "log", Text: "first"}})
	g.app = g.ring.app("log")
	g.Arrange([]string{"web", "db"})
	if got := strings.Join(g.ring.apps, " "); got != "web db log" || g.app != 2 {
		t.Errorf("apps %q, app %d is shown", got, g.app)
	}
}

func TestAnOpenTabOfAGuessBecomesTheAppInItsPlace(t *testing.T) {
	g := View{ring: &ring{}, app: all}
	g.Arrange([]string{"web-aci", "db-aci"})
	g.app = 1
	g.Arrange([]string{"web", "db"})
	if g.app != 1 || g.ring.apps[g.app] != "db" {
		t.Errorf("app %d of %q", g.app, g.ring.apps)
	}
	g.Arrange([]string{"web"})
	if g.app != all {
		t.Errorf("app %d of %q", g.app, g.ring.apps)
	}
}
