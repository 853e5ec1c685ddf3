package uitest

import (
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/ui"
)

// Listener is a person who hears the interface line by line, and writes lines.
type Listener struct {
	*Driver
	heard strings.Builder
	since int // what was heard before the last line was written
}

// Listen walks a journey in linear mode.
func Listen(t *testing.T, s Setup, journey func(l *Listener)) {
	t.Helper()
	l := &Listener{}
	s.Linear = &l.heard
	Run(t, s, func(d *Driver) {
		l.Driver = d
		journey(l)
	})
}

// Write writes lines, one after the other. In the transcript they stand after a ">".
func (l *Listener) Write(lines ...string) *Listener {
	l.t.Helper()
	for _, line := range lines {
		l.since = l.heard.Len()
		l.heard.WriteString("> " + line + "\n")
		l.Send(ui.Line(line + "\n"))
	}
	return l
}

// Wait lets time pass.
func (l *Listener) Wait(t time.Duration) *Listener {
	l.Pass(t)
	return l
}

// Hears checks that some texts were said since the last line, in this order.
func (l *Listener) Hears(texts ...string) *Listener {
	l.t.Helper()
	l.settle()
	rest := l.heard.String()[l.since:]
	for _, text := range texts {
		_, after, found := strings.Cut(rest, text)
		if !found {
			l.t.Fatalf("%q was not said in\n%s", text, l.heard.String()[l.since:])
		}
		rest = after
	}
	return l
}

// Silent checks that a text was not said since the last line.
func (l *Listener) Silent(text string) *Listener {
	l.t.Helper()
	l.settle()
	if said := l.heard.String()[l.since:]; strings.Contains(said, text) {
		l.t.Fatalf("%q was said in\n%s", text, said)
	}
	return l
}

// Heard is all that was said and written.
func (l *Listener) Heard() string { return l.heard.String() }

// Transcript compares all that was said and written with testdata/golden/NAME.txt.
func (l *Listener) Transcript(name string) *Listener {
	l.t.Helper()
	l.settle()
	l.compare(name, l.heard.String())
	return l
}
