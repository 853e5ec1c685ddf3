package poddir

import (
	"strings"
	"time"
	"unicode/utf8"
)

// maxLine bounds what a reader puts together: an app may write a gigabyte
// without a newline. What is longer comes in pieces, all but the last of which are
// partial.
const maxLine = 64 << 10

// lines is how far a stream was cut into lines.
type lines struct {
	done   bool // nothing more of the stream is wanted
	ending bool // nothing more behind the line that has begun
	drop   int  // so many lines are not wanted

	begun  bool // there is something of a line
	hidden bool // which is not wanted
	older  bool // since it is older than the range; drop doesn't count it
	at     time.Time
	text   []byte
}

// finish says that no new line is wanted, and reports whether that was all.
func (l *lines) finish() bool {
	l.ending = true
	l.done = l.done || !l.begun
	return l.done
}

// cut cuts text into lines.
func (r *LogReader) cut() {
	stream := r.seg.head.stream
	l := &r.streams[stream]
	early := r.at.Before(r.since)
	for r.text != "" && len(r.out) < maxBatch && !l.done {
		line, rest, ended := strings.Cut(r.text, "\n")
		r.text = rest
		if !l.begun && ended && len(line) <= maxLine && l.drop == 0 && !early {
			r.out = append(r.out, LogLine{Time: r.at, App: r.app, Stream: streamNames[stream], Text: line})
			continue
		}
		if !l.begun {
			l.begun, l.at, l.hidden = true, r.at, early || l.drop > 0
		}
		if !l.hidden {
			r.grow(stream, line)
		}
		if ended {
			r.end(stream)
		}
	}
	if l.done {
		r.text = ""
		r.over = r.streams[stdout].done && r.streams[stderr].done
	}
}

// grow adds to a line that has begun, and hands out what is too long.
func (r *LogReader) grow(stream int, text string) {
	l := &r.streams[stream]
	l.text = append(l.text, text...)
	whole := l.text
	for len(l.text) > maxLine {
		n := runeBoundary(l.text[:maxLine])
		r.emit(stream, l.text[:n], true)
		l.text = l.text[n:]
	}
	l.text = append(whole[:0], l.text...)
}

func (r *LogReader) end(stream int) {
	l := &r.streams[stream]
	if !l.hidden {
		r.emit(stream, l.text, false)
	}
	if l.drop > 0 && !l.older {
		l.drop--
	}
	l.forget()
}

func (l *lines) forget() {
	l.begun, l.hidden, l.older, l.text = false, false, false, l.text[:0]
	l.done = l.done || l.ending
}

func (r *LogReader) emit(stream int, text []byte, partial bool) {
	r.out = append(r.out, LogLine{
		Time: r.streams[stream].at, App: r.app, Stream: streamNames[stream], Text: string(text), Partial: partial,
	})
}

// gap ends what has begun, and says why it does not go on.
func (r *LogReader) gap(at time.Time, why string) {
	r.rest()
	if r.streams[stdout].drop == 0 && r.streams[stderr].drop == 0 {
		r.out = append(r.out, LogLine{Time: at, App: r.app, Stream: lostStream, Text: why})
	}
}

// Rest returns the lines that have begun and will not end: the app is gone.
func (r *LogReader) Rest() []LogLine {
	r.out = r.out[:0]
	r.rest()
	return r.out
}

func (r *LogReader) rest() {
	for stream := range r.streams {
		l := &r.streams[stream]
		if l.begun && !l.hidden {
			r.emit(stream, l.text, true)
		}
		l.forget()
	}
}

// runeBoundary is the length of p without a character that is cut off at its end.
func runeBoundary(p []byte) int {
	for back := 1; back < utf8.UTFMax && back < len(p); back++ {
		if start := len(p) - back; utf8.RuneStart(p[start]) {
			if !utf8.FullRune(p[start:]) {
				return start
			}
			break
		}
	}
	return len(p)
}
