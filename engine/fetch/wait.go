package fetch

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/podtui/podtui/store"
)

// wait waits for this process's turn at the image, and shows meanwhile what the
// one that has it is doing.
//
// Images wait for what they depend on, so two processes wait for each other for
// ever if and only if dependencies go in a circle. Each tells what it waits
// for, and what that waits for in turn; who finds its own image there has found
// the circle.
func (j *job) wait(ctx context.Context) (*store.Turn, error) {
	if j.parent.holds(j.name) {
		return nil, j.circle(nil)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	j.parent.tellWants([]string{j.name})
	defer j.parent.tellWants(nil)
	turn, err := j.store.Turn(ctx, j.name, func(text []byte) {
		var n note
		if json.Unmarshal(text, &n) != nil {
			return // torn while it was written: the next one tells
		}
		if i := slices.IndexFunc(n.Wants, j.parent.holds); i >= 0 {
			cancel(j.circle(n.Wants[:i+1]))
			return
		}
		j.parent.tellWants(append([]string{j.name}, n.Wants...))
		j.report.relay(n)
	})
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	return turn, err
}

// tellWants tells those who wait for an image of the line what it waits for, and
// what that waits for in turn.
func (j *job) tellWants(keys []string) {
	for ; j != nil; j = j.parent {
		j.report.waitsFor(keys)
		if len(keys) > 0 {
			keys = append([]string{j.name}, keys...)
		}
	}
}

// holds reports whether an image of the line has this key.
func (j *job) holds(key string) bool {
	for ; j != nil; j = j.parent {
		if j.name == key {
			return true
		}
	}
	return false
}

// circle is the error of an image that an image above it in the line is, or that
// waits for one of those by way of others, whose keys are beyond.
func (j *job) circle(beyond []string) error {
	names := append([]string{j.name}, beyond...)
	last := names[len(names)-1]
	for up := j.parent; up != nil; up = up.parent {
		names = append([]string{up.name}, names...)
		if up.name == last {
			break
		}
	}
	return &CycleError{Names: names}
}
