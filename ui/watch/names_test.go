package watch

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/feed"
	"github.com/podtui/podtui/ui/screen"
)

// In whatever order it becomes known what apps are called, each has one tab, and
// they end in the pod's order.
func TestEachAppHasOneTabUnderItsOwnName(t *testing.T) {
	start := func(names ...string) feed.Events {
		var m feed.Events
		for _, n := range names {
			m.Events = append(m.Events, event.Event{Type: event.AppStart, App: n})
		}
		return m
	}
	line := func(app string) feed.Output { return feed.Output{Lines: []poddir.LogLine{{App: app, Text: "x"}}} }
	for name, c := range map[string]struct {
		guesses string
		come    []any
		want    string
		between string // after the first
	}{
		"right guesses":                {"a b", []any{start("b", "a")}, "a b", "a b"},
		"wrong guesses":                {"x-aci y-aci", []any{start("a", "b")}, "a b", "a b"},
		"one after the other":          {"x-aci y-aci", []any{start("a"), start("b")}, "a b", "a y-aci"},
		"a guess that is another's":    {"b y-aci", []any{start("a", "b")}, "a b", "a b"},
		"one is right":                 {"a y-aci", []any{start("a"), start("b")}, "a b", "a y-aci"},
		"who speaks first":             {"x-aci y-aci", []any{line("b"), start("a", "b")}, "a b", "b"},
		"who speaks first, and starts": {"x-aci y-aci", []any{line("b"), start("a"), start("b")}, "a b", "b"},
		"nobody was known":             {"", []any{start("a"), line("a"), start("b")}, "a b", "a"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s := New(ctx, &screen.Env{Now: time.Now}, nil)
			s.call(strings.Fields(c.guesses))
			for i, msg := range c.come {
				switch msg := msg.(type) {
				case feed.Events:
					s.takeEvents(msg)
				case feed.Output:
					s.takeLines(msg)
				}
				if got := strings.Join(s.output.Apps(), " "); i == 0 && got != c.between {
					t.Errorf("first %q, want %q", got, c.between)
				}
			}
			if got := strings.Join(s.output.Apps(), " "); got != c.want || s.Name() != strings.ReplaceAll(c.want, " ", "+") {
				t.Errorf("tabs %q of %q, want %q", got, s.Name(), c.want)
			}
		})
	}
}
