package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/text"
)

// logPrinter writes log lines, as few writes as the order of streams allows. That
// lines are gone is a message of podtui's, never taken for output.
type logPrinter struct {
	raw, timestamps, prefixed bool

	buffer []byte
}

func (l *logPrinter) print(lines []poddir.LogLine) error {
	for len(lines) > 0 {
		to := file(lines[0])
		l.buffer = l.buffer[:0]
		for len(lines) > 0 && file(lines[0]) == to {
			l.add(lines[0])
			lines = lines[1:]
		}
		if _, err := to.Write(l.buffer); err != nil {
			return fmt.Errorf("%s: %w", to.Name(), err)
		}
	}
	return nil
}

// timestamp is RFC 3339 with all nine digits, so that text stands in columns.
const timestamp = "2006-01-02T15:04:05.000000000Z07:00 "

func (l *logPrinter) add(line poddir.LogLine) {
	if line.Lost() {
		l.buffer = fmt.Appendf(l.buffer, "podtui: app %q: %s\n", line.App, text.Escape(line.Text))
		return
	}
	if l.raw {
		l.buffer = append(l.buffer, line.Text...)
		if !line.Partial {
			l.buffer = append(l.buffer, '\n')
		}
		return
	}
	if l.timestamps {
		l.buffer = line.Time.AppendFormat(l.buffer, timestamp)
	}
	if l.prefixed {
		l.buffer = append(text.AppendEscaped(l.buffer, []byte(line.App)), ": "...)
	}
	l.buffer = append(text.AppendEscaped(l.buffer, []byte(line.Text)), '\n')
}

func file(line poddir.LogLine) *os.File {
	if line.Stream == "stderr" || line.Lost() {
		return os.Stderr
	}
	return os.Stdout
}

// logJSON writes log lines as events.
type logJSON struct {
	pod     string
	held    map[[2]string]event.Event // by app and stream: a part of a line, which may be the last
	buffer  bytes.Buffer
	encoder *json.Encoder
}

func newLogJSON(pod string) *logJSON {
	l := &logJSON{pod: pod, held: make(map[[2]string]event.Event)}
	l.encoder = json.NewEncoder(&l.buffer)
	l.encoder.SetEscapeHTML(false)
	return l
}

func (l *logJSON) print(lines []poddir.LogLine) error {
	for _, line := range lines {
		l.line(line)
	}
	return l.flush()
}

// line tells a part of a line once it is known whether another follows: all but
// the last have only started.
func (l *logJSON) line(line poddir.LogLine) {
	if line.Lost() {
		l.release(line.App, "stdout", "")
		l.release(line.App, "stderr", "")
		l.add(event.Event{Time: line.Time, Type: event.Warning, Pod: l.pod, App: line.App, Message: line.Text})
		return
	}
	l.release(line.App, line.Stream, event.Started)
	e := event.Event{Time: line.Time, Type: event.AppLog, Pod: l.pod, App: line.App, Stream: line.Stream, Line: line.Text}
	if line.Partial {
		l.held[[2]string{line.App, line.Stream}] = e
		return
	}
	l.add(e)
}

func (l *logJSON) release(app, stream string, as event.State) {
	key := [2]string{app, stream}
	if e, is := l.held[key]; is {
		delete(l.held, key)
		e.State = as
		l.add(e)
	}
}

// rest tells the lines that have no end.
func (l *logJSON) rest() error {
	for key := range l.held {
		l.release(key[0], key[1], "")
	}
	return l.flush()
}

// add encodes an event. It has nothing that can't be.
func (l *logJSON) add(e event.Event) { _ = l.encoder.Encode(e) }

func (l *logJSON) flush() error {
	defer l.buffer.Reset()
	if l.buffer.Len() == 0 {
		return nil
	}
	if _, err := os.Stdout.Write(batch.SafeJSON(l.buffer.Bytes())); err != nil {
		return fmt.Errorf("%s: %w", os.Stdout.Name(), err)
	}
	return nil
}
