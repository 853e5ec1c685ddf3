package ui_test

import (
	"context"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/theme"
	"github.com/podtui/podtui/ui/uitest"
)

// many is the model with n images listed, at 120×40.
func many(b *testing.B, n int) tea.Model {
	e := enginetest.NewScripted(uitest.Many(n)...)
	m := ui.NewModel(context.Background(), e, ui.Options{}, theme.Dark)
	batch := m.Init()().(tea.BatchMsg)
	m, _ = m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	m, _ = m.Update(batch[0]())
	return m
}

// A key has to be answered in 200 µs with 50 allocations; the aim is 30 µs.
func BenchmarkKey(b *testing.B) {
	m := many(b, 10_000)
	keys := []tea.KeyPressMsg{uitest.Key("j"), uitest.Key("j"), uitest.Key("k")}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m, _ = m.Update(keys[i%len(keys)])
		m.View()
	}
}

// A key of a filter has to be answered in 1 ms.
func BenchmarkFilterKey(b *testing.B) {
	m := many(b, 10_000)
	m, _ = m.Update(uitest.Key("/"))
	keys := []tea.KeyPressMsg{uitest.Key("s"), uitest.Key("r"), uitest.Key("9"), uitest.Key("backspace"), uitest.Key("backspace"), uitest.Key("backspace")}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m, _ = m.Update(keys[i%len(keys)])
		m.View()
	}
}

// Allocations don't depend on the machine, so they may fail.
func TestAKeyAllocatesLittle(t *testing.T) {
	m := many(nil, 10_000)
	down := uitest.Key("j")
	got := testing.AllocsPerRun(100, func() {
		m, _ = m.Update(down)
		m.View()
	})
	most := 50.0
	if raced {
		most++ // the race detector keeps one from the stack
	}
	if got > most {
		t.Errorf("%.0f allocations", got)
	}
}

// BenchmarkListing is what stands between the store's answer and the first
// useful paint.
func BenchmarkListing(b *testing.B) {
	e := enginetest.NewScripted(uitest.Many(10_000)...)
	for b.Loop() {
		m := ui.NewModel(context.Background(), e, ui.Options{}, theme.Dark)
		batch := m.Init()().(tea.BatchMsg)
		m, _ = m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
		m, _ = m.Update(batch[0]())
		m.View()
	}
}
