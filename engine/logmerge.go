package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/podtui/podtui/engine/poddir"
)

// logMerge reads several apps' logs as one, in order of time.
type logMerge struct {
	dir    *poddir.Dir
	o      LogOptions
	out    func([]poddir.LogLine) error
	looked bool // whatever is there from now on is new
	logs   []*appLog
	skip   int // so many lines are not among the last of all apps together
	batch  []poddir.LogLine
}

// appLog is one app's log and the lines of it that are next.
type appLog struct {
	app    string
	reader *poddir.LogReader // nil: the app has written nothing yet
	lines  []poddir.LogLine
	dry    bool // there is nothing more for the moment
}

// look hands out all that has been written so far, and reports whether no more
// can come.
func (m *logMerge) look(ctx context.Context, status poddir.Status) (complete bool, err error) {
	if err := m.know(status); err != nil {
		return false, err
	}
	if err := m.open(); err != nil {
		return false, err
	}
	if err := m.drain(ctx); err != nil {
		return false, err
	}
	for _, log := range m.logs {
		if log.reader == nil || !log.reader.Over() {
			return false, nil
		}
	}
	return len(m.logs) > 0, nil
}

// know takes the apps from a pod's status. One that is being prepared has none
// yet.
func (m *logMerge) know(status poddir.Status) error {
	if len(m.logs) > 0 || len(status.Apps) == 0 {
		return nil
	}
	for _, a := range status.Apps {
		if m.o.App == "" || m.o.App == a.Name {
			m.logs = append(m.logs, &appLog{app: a.Name})
		}
	}
	if len(m.logs) == 0 {
		return fmt.Errorf("pod %s: no app %q", m.dir.UUID, m.o.App)
	}
	return nil
}

// open opens the logs that are there and not open yet. What there is at the first
// look can be chosen from; a log that comes later is new, all of it.
func (m *logMerge) open() error {
	choice := poddir.LogRange{Stream: m.o.Stream, Since: m.o.Since, Until: m.o.Until}
	if !m.looked {
		choice.Last, choice.New = m.o.Last, m.o.New
	}
	chosen := 0
	for _, log := range m.logs {
		if log.reader != nil {
			continue
		}
		reader, err := m.dir.OpenLog(log.app, choice)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		log.reader = reader
		chosen += reader.Chosen()
	}
	m.skip += max(chosen-choice.Last, 0)
	m.looked = true
	return nil
}

func (m *logMerge) close() {
	for _, log := range m.logs {
		if log.reader != nil {
			log.reader.Close()
		}
	}
}

const logBatch = 512

// drain hands out all that has been written so far. Of several apps, the line
// with the earliest time comes next.
func (m *logMerge) drain(ctx context.Context) error {
	for {
		for _, log := range m.logs {
			log.dry = false // all get their turn, however much one of them writes
		}
		more, err := m.take()
		if err != nil {
			return err
		}
		if err := m.flush(); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil || !more {
			return err
		}
	}
}

// take fills a batch, and reports whether there may be more.
func (m *logMerge) take() (more bool, err error) {
	for len(m.batch) < logBatch {
		next, bound, err := m.next()
		if next == nil || err != nil {
			return false, err
		}
		n := 1
		for n < len(next.lines) && (bound == nil || !bound.Time.Before(next.lines[n].Time)) {
			n++
		}
		m.batch = append(m.batch, m.wanted(next.lines[:n])...)
		next.lines = next.lines[n:]
	}
	return true, nil
}

// next is the log whose next line is the earliest, or nil, and the line of another
// log that comes after it, if there is any.
func (m *logMerge) next() (earliest *appLog, bound *poddir.LogLine, err error) {
	for _, log := range m.logs {
		if err := log.fill(); err != nil {
			return nil, nil, err
		}
		if len(log.lines) == 0 {
			continue
		}
		line := &log.lines[0]
		if earliest == nil {
			earliest = log
			continue
		}
		if line.Time.Before(earliest.lines[0].Time) {
			line, earliest = &earliest.lines[0], log
		}
		if bound == nil || line.Time.Before(bound.Time) {
			bound = line
		}
	}
	return earliest, bound, nil
}

func (l *appLog) fill() error {
	if len(l.lines) > 0 || l.dry || l.reader == nil {
		return nil
	}
	lines, err := l.reader.Read()
	l.lines, l.dry = lines, len(lines) == 0
	return err
}

// wanted leaves lines out that are not among the last.
func (m *logMerge) wanted(lines []poddir.LogLine) []poddir.LogLine {
	for m.skip > 0 && len(lines) > 0 {
		if !lines[0].Partial && !lines[0].Lost() {
			m.skip--
		}
		lines = lines[1:]
	}
	return lines
}

func (m *logMerge) flush() error {
	if len(m.batch) == 0 {
		return nil
	}
	err := m.out(m.batch)
	m.batch = m.batch[:0]
	return err
}

// rest hands out the lines that have no end.
func (m *logMerge) rest() error {
	for _, log := range m.logs {
		if log.reader != nil {
			m.batch = append(m.batch, log.reader.Rest()...)
		}
	}
	slices.SortStableFunc(m.batch, func(a, b poddir.LogLine) int { return a.Time.Compare(b.Time) })
	m.batch = m.batch[min(m.skip, len(m.batch)):]
	m.skip = 0
	return m.flush()
}
