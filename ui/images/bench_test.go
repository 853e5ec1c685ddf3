package images

import (
	"context"
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/feed"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/theme"
)

func benchScreen() *Screen {
	env := &screen.Env{Theme: theme.New(theme.Dark), Keys: keymap.Default(), Now: time.Now}
	return New(context.Background(), env, nil)
}

// Twenty fetches of five layers each, as thirty messages a second tell of them:
// this is what one message costs. The loop has 33 ms for it.
func BenchmarkTwentyFetches(b *testing.B) {
	s := benchScreen()
	s.Update(Loaded{Images: make([]engine.Entry, 1000), looks: make([]look, 1000)})
	s.fetches.feed, s.fetches.focus = feed.New(), true
	const fetches, layers, total = 20, 5, int64(200e6)
	var events []event.Event
	at := time.Now()
	for n := range fetches {
		one := &fetching{reference: fmt.Sprintf("docker://registry.test/team/service-%02d:1.0", n), operation: fmt.Sprint(n)}
		s.fetches.list = append(s.fetches.list, one)
		step := func(t event.Type, layer string) {
			events = append(events, event.Event{Type: t, State: event.Started, Image: one.reference, Layer: layer, Pod: one.operation, Total: total})
		}
		for l := range layers {
			step(event.ImageFetch, fmt.Sprintf("sha256:%02d%062d", l, n))
			step(event.ImageUnpack, fmt.Sprintf("sha256:%02d%062d", l, n))
		}
		step(event.ImageFetch, "")
		step(event.ImageUnpack, "")
	}
	for _, size := range []struct{ w, h int }{{80, 24}, {200, 60}} {
		b.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				at = at.Add(33 * time.Millisecond)
				for j := range events {
					events[j].Time, events[j].Bytes = at, int64(i+1)%total
				}
				s.Update(feed.Events{From: s.fetches.feed, Events: events})
				s.fetches.feed = feed.New() // the message said that it was the last
				s.Draw(size.w, size.h)
			}
		})
	}
}

// A key while a hundred thousand tags are filtered has to be answered in 8 ms.
func BenchmarkFilterTags(b *testing.B) {
	s := benchScreen()
	s.search("docker://registry.test/many:")
	names := make([]string, 100_000)
	for i := range names {
		names[i] = fmt.Sprintf("1.%d.%d-build-%d", i%17, i%301, i)
	}
	src := s.finder.sources[0]
	s.Update(answered{of: src, asked: src.asked, names: names, last: true})
	s.filtering = true
	b.ReportAllocs()
	keys := []tea.KeyPressMsg{{Code: 'b', Text: "b"}, {Code: '7', Text: "7"}, {Code: '1', Text: "1"}, {Code: tea.KeyBackspace}, {Code: tea.KeyBackspace}, {Code: tea.KeyBackspace}}
	for i := 0; b.Loop(); i++ {
		s.Update(keys[i%len(keys)])
		s.Draw(120, 40)
	}
}
