package batch

import (
	"fmt"
	"os"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui/text"
)

// meter shows on a terminal how far an image has come, in one line that goes
// away.
type meter struct {
	file  *os.File // nil: no terminal
	paid  time.Time
	shown bool
}

// patience is how long a step may take before people want to see that it moves.
const patience = 300 * time.Millisecond

func newMeter(file *os.File) *meter {
	if !IsTerminal(file) || os.Getenv("TERM") == "dumb" {
		return &meter{}
	}
	return &meter{file: file}
}

func (m *meter) show(e event.Event) {
	if m.file == nil || e.Type != event.ImageUnpack {
		return
	}
	if m.paid.IsZero() {
		m.paid = e.Time.Add(patience)
	}
	if e.Time.Before(m.paid) {
		return
	}
	m.paid = e.Time.Add(patience / 3)
	m.shown = true
	fmt.Fprintf(m.file, "\r\x1b[Kpodtui: unpacking %.40s: %s", text.Escape(e.Image), text.Part(e.Bytes, e.Total))
}

func (m *meter) clear() {
	if m.shown {
		_, _ = m.file.WriteString("\r\x1b[K")
		m.shown = false
	}
}
