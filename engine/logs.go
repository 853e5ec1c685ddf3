package engine

import (
	"context"
	"errors"
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

// A reader that follows looks for a change at once, but no two times within a
// breath: many small writes are one.
const breath = 5 * time.Millisecond

// comeback is how long a follower waits, once the pod has ended, for somebody who
// is about to start it again: "restart" stops it first.
const comeback = 200 * time.Millisecond

// Logs hands the pod's log lines to out, in batches, oldest first. The slice is
// out's only during the call.
func (e *Engine) Logs(ctx context.Context, prefix string, o LogOptions, out func([]poddir.LogLine) error) error {
	dir, err := e.find(prefix)
	if err != nil {
		return err
	}
	m := &logMerge{dir: dir, o: o, out: out}
	defer m.close()
	if !o.Follow {
		status, err := dir.Status()
		if err != nil {
			return err
		}
		if _, err := m.look(ctx, status); err != nil {
			return err
		}
		return m.rest()
	}
	return m.follow(ctx)
}

// follow hands out lines until no more can come.
func (m *logMerge) follow(ctx context.Context) error {
	changes, err := m.dir.Watch()
	if err != nil {
		return err
	}
	defer changes.Close()
	for ran := false; ; {
		late := !m.o.Until.IsZero() && time.Now().After(m.o.Until)
		// Asked before the logs are read: what an ended pod had to say is there.
		status, err := m.dir.Status()
		if m.looked && errors.Is(err, poddir.ErrNotFound) {
			return m.last(ctx)
		}
		if err != nil {
			return err
		}
		complete, err := m.look(ctx, status)
		if err != nil {
			return err
		}
		if ended := over(status.State); !ended && !late && !complete {
			ran = true
			if err := nextChange(ctx, changes); err != nil {
				return err
			}
			continue
		}
		if err := m.rest(); err != nil || late || complete || !ran {
			return err
		}
		if back, err := m.comesBack(ctx, changes); err != nil || !back {
			return err
		}
	}
}

// last hands out what is left of a pod that was removed: its logs are open still.
func (m *logMerge) last(ctx context.Context) error {
	if err := m.drain(ctx); err != nil {
		return err
	}
	return m.rest()
}

// nextChange waits for a change, but not for a breath only.
func nextChange(ctx context.Context, changes *poddir.Watch) error {
	looked := time.Now()
	if err := changes.Wait(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(breath - time.Since(looked)):
		return nil
	}
}

// comesBack reports whether a pod that has ended is started again just now.
func (m *logMerge) comesBack(ctx context.Context, changes *poddir.Watch) (bool, error) {
	patient, cancel := context.WithTimeout(ctx, comeback)
	defer cancel()
	for {
		err := changes.Wait(patient)
		switch {
		case ctx.Err() != nil:
			return false, ctx.Err()
		case patient.Err() != nil:
			return false, nil
		case err != nil:
			return false, err
		}
		status, err := m.dir.Status()
		if errors.Is(err, poddir.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if !over(status.State) {
			return true, nil
		}
	}
}
