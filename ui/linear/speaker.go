// Package linear is the screen as a conversation, for screen readers and terminals that
// can only write line after line: what changed is said, once, and lines are read that
// name keys, actions or what is to be typed.
//
// It knows neither screens nor what their keys do. What is on the screen comes as
// screen.Spoken; what a line means goes back as a Command.
package linear

import (
	"io"
	"strings"
	"time"

	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// Heard is all there is to be said at one moment.
type Heard struct {
	Screen screen.Spoken

	Dialog any          // over the screen; nil: none is. Another is another question
	Asks   *dialog.Said // what it says

	Notice  string // what was just done, or could not be
	Problem string // what is wrong, or deserves a look

	Output []string // what apps have written since the last time
	Left   int      // how many lines of it were too many
}

// Every is how often what only counts is said while it goes on.
const Every = 5 * time.Second

// Speaker says what changed.
type Speaker struct {
	out io.Writer
	now func() time.Time

	before Heard
	began  bool
	going  map[string]*told
	batch  strings.Builder
	last   string // the line that was said last
}

// told is what was said of something that goes on.
type told struct {
	words string
	at    time.Time
}

// New returns a speaker that has said nothing yet.
func New(out io.Writer, now func() time.Time) *Speaker {
	return &Speaker{out: out, now: now, going: map[string]*told{}}
}

// Say says lines as they are. What is in them may be a stranger's.
func (s *Speaker) Say(lines ...string) {
	for _, l := range lines {
		s.line(l)
	}
	s.flush()
}

// line adds a line. Nothing is said twice in a row.
func (s *Speaker) line(words string) {
	words = text.Escape(strings.ReplaceAll(strings.TrimRight(words, " \n"), "\n", " "))
	if words == "" || words == s.last {
		return
	}
	s.last = words
	s.batch.WriteString(words)
	s.batch.WriteByte('\n')
}

func (s *Speaker) flush() {
	if s.batch.Len() > 0 {
		_, _ = io.WriteString(s.out, s.batch.String()) // a terminal that is gone ends the program by its hang-up
		s.batch.Reset()
	}
}

// Tell says what is not as it was. Asked is whether somebody just did something: then
// the words under the cursor count as well, and not only another row.
func (s *Speaker) Tell(h Heard, asked bool) {
	if asked {
		s.last = "" // who asks again is answered again
	}
	s.output(h)
	if h.Notice != "" && (asked || h.Notice != s.before.Notice) {
		s.line(h.Notice)
	}
	s.goings(h.Screen.Going)
	if h.Dialog != nil {
		s.question(h, asked)
	} else {
		s.screen(h.Screen, asked)
	}
	if h.Problem != "" && h.Problem != s.before.Problem {
		s.line("note: " + h.Problem)
	}
	kept := h.Screen
	if h.Dialog != nil && s.began { // of the screen below nothing was said
		kept = s.before.Screen
	}
	s.before, s.began = h, true
	s.before.Screen = kept
	s.flush()
}

// Repeat says where one is, whole.
func (s *Speaker) Repeat(h Heard) {
	s.last = ""
	if h.Dialog != nil {
		s.whole(h.Asks)
	} else {
		s.head(h.Screen)
		s.place(h.Screen)
		s.field(h.Screen.Field, nil)
	}
	if h.Problem != "" {
		s.line("note: " + h.Problem)
	}
	s.flush()
}

// output says what apps wrote.
func (s *Speaker) output(h Heard) {
	if h.Left > 0 {
		s.line("… " + text.Count(h.Left, "line") + " left out")
	}
	for _, l := range h.Output {
		s.last = "" // an app may write the same twice
		s.line(l)
	}
}

// screen says what changed of the screen.
func (s *Speaker) screen(now screen.Spoken, asked bool) {
	was := s.before.Screen
	fresh := !s.began || now.Name != was.Name
	if fresh {
		s.head(now)
	} else if now.About != was.About && now.About != "" {
		s.changed("about", now.About, now.About)
	}
	s.read(now, was, fresh)
	switch {
	case now.Field != nil:
		s.field(now.Field, was.Field)
	case fresh, was.Field != nil, asked && s.before.Dialog != nil, now.Key != was.Key, asked && (now.Item != was.Item || now.At != was.At):
		s.place(now)
	}
}

// head says which screen it is.
func (s *Speaker) head(now screen.Spoken) {
	words := now.Name
	if now.About != "" {
		words += ": " + now.About
	}
	s.line(words)
	s.going["about"] = &told{now.About, s.now()}
}

// place says what the cursor is on.
func (s *Speaker) place(now screen.Spoken) {
	if now.Item == "" {
		return
	}
	words := now.Item
	if now.At > 0 && now.Of > 0 {
		words += ", " + text.Number(now.At) + " of " + text.Number(now.Of)
	}
	s.line(words)
}

// mostRead is how many lines of a text are said by themselves.
const mostRead = 60

// read says what is to be read, and of what grows what is new.
func (s *Speaker) read(now, was screen.Spoken, fresh bool) {
	from := 0
	if !fresh && len(was.Text) > 0 {
		if same(was.Text, now.Text) {
			return
		}
		if len(now.Text) >= len(was.Text) && same(was.Text, now.Text[:len(was.Text)]) {
			from = len(was.Text)
		}
	}
	lines := now.Text[from:]
	for _, l := range lines[:min(len(lines), mostRead)] {
		s.last = ""
		s.line(l)
	}
	if n := len(lines) - mostRead; n > 0 {
		s.line("… " + text.Count(n, "more line"))
	}
}

func same(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// field says a field that was opened, whole; of one that is typed into, its value.
func (s *Speaker) field(now, was *screen.SpokenField) {
	switch {
	case now == nil:
		return
	case was == nil || was.Name != now.Name:
		words := now.Name + ", a field: " + value(now.Value)
		if now.Note != "" {
			words += ". " + now.Note
		}
		s.line(words)
	case was.Value != now.Value:
		s.line(now.Name + ": " + value(now.Value))
	}
	const most = 9
	if n := len(now.Fits); n > 0 && n <= most && (was == nil || !same(was.Fits, now.Fits)) {
		s.line("fitting: " + strings.Join(now.Fits, ", "))
	}
}

func value(v string) string {
	if v == "" {
		return "empty"
	}
	return v
}

// question says a question whole when it is asked, and then what is chosen.
func (s *Speaker) question(h Heard, asked bool) {
	was, now := s.before.Asks, h.Asks
	switch {
	case h.Dialog != s.before.Dialog, was == nil, was.Title != now.Title, !same(was.Body, now.Body), !same(was.Choices, now.Choices):
		s.whole(now)
	case now.Fault != "" && (asked || now.Fault != was.Fault):
		s.line(now.Fault)
	case now.Chosen != was.Chosen:
		s.line(now.Choices[now.Chosen])
	case now.Value != was.Value:
		s.line(value(now.Value))
	}
}

func (s *Speaker) whole(asks *dialog.Said) {
	s.line(asks.Title)
	const most = 1000 // of a manifest of somebody's
	for _, l := range asks.Body[:min(len(asks.Body), most)] {
		s.last = ""
		s.line(l)
	}
	if n := len(asks.Body) - most; n > 0 {
		s.line("… " + text.Count(n, "more line"))
	}
	if asks.Fault != "" {
		s.line(asks.Fault)
	}
	switch {
	case asks.Types:
		s.line("an answer, a field: " + value(asks.Value))
	case len(asks.Choices) > 0:
		var all []string
		for i, c := range asks.Choices {
			words := text.Number(i+1) + " " + c
			if i == asks.Chosen {
				words += " (chosen)"
			}
			all = append(all, words)
		}
		s.line("choices: " + strings.Join(all, ", "))
	}
}
