package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// painted comes when the first list is on the terminal. Only then is the
// terminal asked anything: an answer that is slow, or never comes, costs
// nothing.
type painted struct{}

// paint is more than the time that a frame waits for its turn.
const paint = 50 * time.Millisecond

// afterPaint begins with the first list, however long that took.
func (r *root) afterPaint() tea.Cmd {
	if r.paints {
		return nil
	}
	r.paints = true
	return tea.Tick(paint, func(time.Time) tea.Msg { return painted{} })
}

// askSynchronized asks for synchronized output, which spares slow terminals
// half-drawn frames. The renderer takes the answer.
func askSynchronized() tea.Cmd { return tea.Raw(ansi.RequestModeSynchronizedOutput) }

// tick lets a second pass where seconds are shown.
type tick struct{}

// ticking begins a second, unless one is under way: who leaves a pod and comes back
// must not get two for one.
func (r *root) ticking() tea.Cmd {
	if r.ticks {
		return nil
	}
	r.ticks = true
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return tick{} })
}

// tick goes on only while a pod that has not ended is on the screen: what
// stands still draws nothing.
func (r *root) tick() tea.Cmd {
	r.ticks = false
	if r.at == atWatch && r.watch.Moving() {
		return r.ticking()
	}
	return nil
}
