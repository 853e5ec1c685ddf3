package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/podtui/podtui/engine/poddir"
)

// LogOptions choose log lines.
type LogOptions struct {
	App    string // "": all apps, in order of time
	Stream string // "stdout", "stderr", or "" for both
	Follow bool   // until the pod ends or the context does

	Since, Until time.Time // zero: no bound
	Last         int       // only so many lines at the end of what there is; 0: all
	New          bool      // nothing of what there is, with Follow
}

// Logs hands the pod's log lines to out, in batches, oldest first. The slice is
// out's only during the call.
func (e *Engine) Logs(ctx context.Context, prefix string, o LogOptions, out func([]poddir.LogLine) error) error {
	dir, err := e.find(prefix)
	if err != nil {
		return err
	}
	merge := &logMerge{dir: dir, only: o.App}
	defer merge.close()
	changes, err := dir.Watch()
	if err != nil {
		return err
	}
	defer changes.Close()
	for {
		status, err := dir.Status()
		if err != nil {
			return err
		}
		if err := merge.know(status); err != nil {
			return err
		}
		if err := merge.drain(ctx, out); err != nil {
			return err
		}
		if !o.Follow || over(status.State) {
			return merge.rest(out)
		}
		if err := changes.Wait(ctx); err != nil {
			return err
		}
	}
}

// logMerge reads several apps' logs as one, in order of time.
type logMerge struct {
	dir  *poddir.Dir
	only string // an app, or all
	logs []*appLog
}

// appLog is one app's log and the lines of it that are next.
type appLog struct {
	app    string
	reader *poddir.LogReader // nil: the app has written nothing yet
	lines  []poddir.LogLine
}

// know takes the apps from a pod's status. One that is being prepared has none
// yet.
func (m *logMerge) know(status poddir.Status) error {
	if len(m.logs) > 0 || len(status.Apps) == 0 {
		return nil
	}
	for _, a := range status.Apps {
		if m.only == "" || m.only == a.Name {
			m.logs = append(m.logs, &appLog{app: a.Name})
		}
	}
	if len(m.logs) == 0 {
		return fmt.Errorf("pod %s: no app %q", m.dir.UUID, m.only)
	}
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
func (m *logMerge) drain(ctx context.Context, out func([]poddir.LogLine) error) error {
	var batch []poddir.LogLine
	for {
		next, err := m.next()
		if err != nil {
			return err
		}
		if next != nil {
			batch = append(batch, next.lines[0])
			next.lines = next.lines[1:]
		}
		if len(batch) == logBatch || next == nil && len(batch) > 0 {
			if err := out(batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
		if next == nil {
			return ctx.Err()
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// next is the log whose next line is the earliest, or nil.
func (m *logMerge) next() (*appLog, error) {
	var earliest *appLog
	for _, log := range m.logs {
		if err := log.fill(m.dir); err != nil {
			return nil, err
		}
		if len(log.lines) > 0 && (earliest == nil || log.lines[0].Time.Before(earliest.lines[0].Time)) {
			earliest = log
		}
	}
	return earliest, nil
}

func (l *appLog) fill(dir *poddir.Dir) error {
	if len(l.lines) > 0 {
		return nil
	}
	if l.reader == nil {
		reader, err := dir.OpenLog(l.app, poddir.LogRange{})
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		l.reader = reader
	}
	lines, err := l.reader.Read()
	l.lines = lines
	return err
}

// rest hands out the lines that have no end.
func (m *logMerge) rest(out func([]poddir.LogLine) error) error {
	var lines []poddir.LogLine
	for _, log := range m.logs {
		if log.reader != nil {
			lines = append(lines, log.reader.Rest()...)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	slices.SortStableFunc(lines, func(a, b poddir.LogLine) int { return a.Time.Compare(b.Time) })
	return out(lines)
}
