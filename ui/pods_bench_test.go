package ui_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/theme"
	"github.com/podtui/podtui/ui/uitest"
)

// manyPods is the model with n pods listed, at 120×40.
func manyPods(tb testing.TB, n int) tea.Model {
	tb.Helper()
	e := enginetest.NewScripted()
	states := []poddir.State{poddir.Running, poddir.Exited, poddir.Failed, poddir.Prepared}
	at := time.Now().Add(-time.Hour)
	for i := range n {
		p := poddir.Status{UUID: fmt.Sprintf("%08x-8d41-4b0e-9c55-000000000000", i), State: states[i%4], Created: at, Started: at, Runs: 1,
			Apps: []poddir.AppStatus{{Name: fmt.Sprintf("service-%d", i%90), Image: fmt.Sprintf("example.com/service-%d 1.%d", i%90, i%7), Unverified: i%5 == 0}}}
		if i%3 == 0 {
			p.Name = fmt.Sprintf("pod-%d", i)
		}
		if p.State == poddir.Exited {
			p.Exit, p.Ended = event.Status(i%3), at
		}
		e.AddPods(p)
	}
	ctx, cancel := context.WithCancel(context.Background())
	m := ui.NewModel(ctx, e, ui.Options{Start: ui.StartPods}, theme.Dark)
	msgs := make(chan tea.Msg)
	var start func(cmd tea.Cmd)
	start = func(cmd tea.Cmd) {
		if cmd == nil {
			return
		}
		go func() {
			msg := cmd()
			if batch, ok := msg.(tea.BatchMsg); ok {
				for _, cmd := range batch {
					start(cmd)
				}
				return
			}
			select {
			case msgs <- msg:
			case <-ctx.Done():
			}
		}()
	}
	start(m.Init())
	m, _ = m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	for !strings.Contains(m.View().Content, "10,000 pods") {
		m, _ = m.Update(<-msgs)
	}
	cancel()
	return m
}

// A key has to be answered in 200 µs with 50 allocations, with pods as with images.
func BenchmarkPodsKey(b *testing.B) {
	m := manyPods(b, 10_000)
	keys := []tea.KeyPressMsg{uitest.Key("j"), uitest.Key("j"), uitest.Key("k")}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m, _ = m.Update(keys[i%len(keys)])
		m.View()
	}
}

// A key of a filter has to be answered in 1 ms.
func BenchmarkPodsFilterKey(b *testing.B) {
	m := manyPods(b, 10_000)
	m, _ = m.Update(uitest.Key("/"))
	keys := []tea.KeyPressMsg{uitest.Key("s"), uitest.Key("r"), uitest.Key("9"), uitest.Key("backspace"), uitest.Key("backspace"), uitest.Key("backspace")}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m, _ = m.Update(keys[i%len(keys)])
		m.View()
	}
}

func TestAKeyAmongManyPodsAllocatesLittle(t *testing.T) {
	m := manyPods(t, 10_000)
	down := uitest.Key("j")
	got := testing.AllocsPerRun(100, func() {
		m, _ = m.Update(down)
		m.View()
	})
	if got > 50 {
		t.Errorf("%.0f allocations", got)
	}
}
