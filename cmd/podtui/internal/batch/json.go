package batch

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui/text"
)

// jsonPrinter is output for programs: one event a line on standard output, and
// nothing else anywhere. docs/json.md tells what they can rely on.
type jsonPrinter struct {
	stdout  *os.File
	pod     string
	apps    appNames
	streams map[stream]*cutter
	buffer  bytes.Buffer
	encoder *json.Encoder
	paid    map[step]time.Time // when progress was last printed
}

// step is what has a progress of its own: a step of one image, or of one of its
// layers.
type step struct {
	kind         event.Type
	image, layer string
}

func newJSON(stdout *os.File) *jsonPrinter {
	j := &jsonPrinter{stdout: stdout, streams: make(map[stream]*cutter), paid: make(map[step]time.Time)}
	j.encoder = json.NewEncoder(&j.buffer)
	j.encoder.SetEscapeHTML(false)
	return j
}

func (j *jsonPrinter) begin(Pod) {}

func (j *jsonPrinter) event(e event.Event) error {
	j.apps.learn(e)
	j.pod = cmp.Or(e.Pod, j.pod)
	at := step{e.Type, e.Image, e.Layer}
	switch {
	case e.Progress() && e.Time.Sub(j.paid[at]) < event.ProgressInterval:
		return nil
	case e.Progress():
		j.paid[at] = e.Time
	case e.Type == event.AppExit:
		j.rest(e.App, e.Time)
	}
	j.add(e)
	return j.flush()
}

// output prints a line of an app as an event. One that is too long comes in
// several, all but the last of which are only its start.
func (j *jsonPrinter) output(app int, name string, p []byte) error {
	key := stream{app, name}
	from := j.streams[key]
	if from == nil {
		from = new(cutter)
		j.streams[key] = from
	}
	now := time.Now()
	from.cut(p, func(line []byte, more bool) { j.line(now, key, line, more) })
	return j.flush()
}

func (j *jsonPrinter) line(at time.Time, from stream, line []byte, more bool) {
	e := event.Event{Time: at, Type: event.AppLog, Pod: j.pod, App: j.apps.of(from.app), Stream: from.name, Line: string(line)}
	if more {
		e.State = event.Started
	}
	j.add(e)
}

// rest prints the last lines of an app that do not end.
func (j *jsonPrinter) rest(app string, at time.Time) {
	for key, from := range j.streams {
		if j.apps.of(key.app) == app {
			from.rest(func(line []byte, more bool) { j.line(at, key, line, more) })
		}
	}
}

func (j *jsonPrinter) fail(message string, status int) error {
	j.add(event.Event{Time: time.Now(), Type: event.Error, Pod: j.pod, Status: &status, Message: message})
	return j.flush()
}

// detached has nothing to say that the events have not.
func (j *jsonPrinter) detached(string) error { return nil }

func (j *jsonPrinter) finish() error {
	for _, app := range j.apps {
		j.rest(app, time.Now())
	}
	return j.flush()
}

// add encodes an event. It has nothing that can't be.
func (j *jsonPrinter) add(e event.Event) { _ = j.encoder.Encode(e) }

func (j *jsonPrinter) flush() error {
	err := writeAll(j.stdout, SafeJSON(j.buffer.Bytes()))
	j.buffer.Reset()
	return err
}

// SafeJSON returns the same JSON without anything that a terminal would act
// upon: what JSON allows as itself in a string and text.Harmful finds harmful
// becomes \u…. Space between values stays as it is.
func SafeJSON(p []byte) []byte {
	var safe []byte
	start := 0
	for i := 0; i < len(p); {
		if c := p[i]; c < 0x7f {
			i++
			continue
		}
		r, size := utf8.DecodeRune(p[i:])
		if text.Harmful(r) {
			safe = append(safe, p[start:i]...)
			safe = appendUTF16(safe, r)
			start = i + size
		}
		i += size
	}
	if start == 0 {
		return p
	}
	return append(safe, p[start:]...)
}

// appendUTF16 writes a character as JSON does, beyond the first plane as two.
func appendUTF16(dst []byte, r rune) []byte {
	if r <= unicode.MaxRune && r > 0xffff {
		r -= 0x10000
		dst = fmt.Appendf(dst, `\u%04x`, 0xd800+r>>10)
		r = 0xdc00 + r&0x3ff
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}
