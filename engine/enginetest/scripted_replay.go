package enginetest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
)

// read is what ReadEvents has read so far, by path. Reading took more than half of the
// time of ui's tests, each of which wants a dozen recordings.
var read sync.Map

// ReadEvents reads a recorded event stream, one JSON object a line, as
// --output=json prints it. What the events point to nobody changes.
func ReadEvents(path string) ([]event.Event, error) {
	if events, ok := read.Load(path); ok {
		return slices.Clone(events.([]event.Event)), nil
	}
	events, err := readEvents(path)
	if err == nil {
		read.Store(path, slices.Clone(events))
	}
	return events, err
}

func readEvents(path string) ([]event.Event, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var events []event.Event
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e event.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, len(events)+1, err)
		}
		events = append(events, e)
	}
	return events, lines.Err()
}

// replay is a recording that passes again.
type replay struct {
	uuid  string
	speed float64
	began time.Time

	mu      sync.Mutex
	events  []event.Event
	up      int // the start of the last app
	stopped chan struct{}
}

func newReplay(recording []event.Event, n int, speed float64) *replay {
	r := &replay{
		uuid:  podUUID(0x3f1c9a2e + n*0x10305070),
		speed: speed, began: time.Now(), up: -1,
		stopped: make(chan struct{}),
	}
	for i, e := range recording {
		e.Pod = r.uuid
		if speed > 0 { // it happens now; else it happened when it was recorded
			e.Time = r.began.Add(time.Duration(float64(e.Time.Sub(recording[0].Time)) / speed))
		}
		r.events = append(r.events, e)
		if e.Type == event.AppStart {
			r.up = i
		}
	}
	return r
}

func podUUID(n int) string { return fmt.Sprintf("%08x-8d41-4b0e-9c55-000000000000", n) }

// due is when event i happens.
func (r *replay) due(i int) time.Time {
	if r.speed == 0 {
		return r.began
	}
	return r.events[i].Time
}

// next is how long it takes until something else happens.
func (r *replay) next() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for i := range r.events {
		if d := r.due(i).Sub(now); d > 0 {
			return d
		}
	}
	return time.Hour
}

// wait waits until event i happens, or the pod was stopped before.
func (r *replay) wait(ctx context.Context, i int) error {
	r.mu.Lock()
	d := time.Until(r.due(i))
	r.mu.Unlock()
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
	case <-r.stopped:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// each hands out the events as they happen.
func (r *replay) each(ctx context.Context, f func(event.Event) error) error {
	for i := 0; ; i++ {
		r.mu.Lock()
		if i >= len(r.events) {
			r.mu.Unlock()
			return nil
		}
		r.mu.Unlock()
		if err := r.wait(ctx, i); err != nil {
			return err
		}
		r.mu.Lock()
		if i >= len(r.events) { // it was stopped meanwhile
			r.mu.Unlock()
			return nil
		}
		e := r.events[i]
		r.mu.Unlock()
		if err := f(e); err != nil {
			return err
		}
	}
}

// stop ends the pod now: what has not happened yet is replaced by its end.
func (r *replay) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	n := 0
	for n < len(r.events) && !r.due(n).After(now) {
		n++
	}
	if n == len(r.events) {
		return
	}
	at := r.events[n].Time
	if r.speed > 0 {
		at = now
	}
	ended := map[string]bool{}
	var apps []string
	for _, e := range r.events[:n] {
		switch e.Type {
		case event.AppStart:
			apps = append(apps, e.App)
		case event.AppExit:
			ended[e.App] = true
		}
	}
	r.events = r.events[:n:n]
	for _, a := range apps {
		if !ended[a] {
			r.events = append(r.events, event.Event{Time: at, Type: event.AppExit, Pod: r.uuid, App: a,
				Status: event.Status(143), Message: "killed by signal 15"})
		}
	}
	r.events = append(r.events, event.Event{Time: at, Type: event.PodExit, Pod: r.uuid, Status: event.Status(143), Message: "stopped"})
	close(r.stopped)
}

// status is what a look at the pod tells now.
func (r *replay) status() poddir.Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := poddir.Status{UUID: r.uuid, State: poddir.Running, Created: r.began, Started: r.began}
	now := time.Now()
	var images []string
	for i, e := range r.events {
		if r.due(i).After(now) {
			break
		}
		switch e.Type {
		case event.ImageVerify:
			images = append(images, e.Image)
		case event.AppStart:
			a := poddir.AppStatus{Name: e.App, Started: e.Time}
			if len(images) > 0 {
				a.Image = images[min(len(s.Apps), len(images)-1)]
			}
			s.Apps = append(s.Apps, a)
		case event.AppExit:
			for j := range s.Apps {
				if s.Apps[j].Name == e.App {
					s.Apps[j].Exit, s.Apps[j].Cause = e.Status, e.Message
				}
			}
		case event.PodExit:
			s.State, s.Exit, s.Ended = poddir.Exited, e.Status, r.due(i)
		}
	}
	return s
}
