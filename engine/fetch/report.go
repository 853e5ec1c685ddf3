package fetch

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/store"
)

// reporter tells the steps of one image to who asked for it and, while this
// process has its turn, to those who wait for the same.
type reporter struct {
	reference string
	sink      event.Sink

	mu    sync.Mutex
	state map[step]event.Event // the last of each step
	order []step
	turn  *store.Turn
	wants []string // the keys of what this image waits for
	told  time.Time

	relayed map[step]int64 // steps of another process that were told here: bytes, and one
}

type step struct {
	event.Type
	layer string
}

// note is what the holder of a turn tells those who wait for theirs.
type note struct {
	Steps []event.Event `json:"steps,omitempty"`
	Wants []string      `json:"wants,omitempty"`
}

// noteInterval is how often those who wait hear of progress.
const noteInterval = 100 * time.Millisecond

// maxNote is how many steps a note has: an image of hundreds of layers tells of
// the whole, and of those that came first.
const maxNote = 100

func newReporter(reference string, sink event.Sink) *reporter {
	return &reporter{reference: reference, sink: sink, state: make(map[step]event.Event), relayed: make(map[step]int64)}
}

func (r *reporter) step(t event.Type, s event.State) { r.emit(event.Event{Type: t, State: s}) }

// found ends the search; an ID says that it ends in the store.
func (r *reporter) found(message, id string) {
	r.emit(event.Event{Type: event.ImageSearch, State: event.Done, Message: message, ID: id})
}

// skipped tells that nothing is fetched, for all that is needed is here.
func (r *reporter) skipped(why, id string) {
	r.emit(event.Event{Type: event.ImageFetch, State: event.Skipped, Message: why, ID: id})
	r.emit(event.Event{Type: event.ImageUnpack, State: event.Skipped, Message: why, ID: id})
}

func (r *reporter) fail(t event.Type, err error) {
	r.emit(event.Event{Type: t, State: event.Failed, Message: Reason(err)})
}

// warn tells of what went wrong and hinders nothing.
func (r *reporter) warn(err error) {
	if err != nil {
		r.sink.Emit(event.Event{Type: event.Warning, Image: r.reference, Message: err.Error()})
	}
}

// retrying tells why it takes longer.
func (r *reporter) retrying(why error, wait time.Duration) {
	text := fmt.Sprintf("%v; trying again", why)
	if wait >= time.Second {
		text += " in " + wait.Round(time.Second).String()
	}
	r.warn(errors.New(text))
}

// failed ends the step that was under way, and of two at the same bytes the one
// that found fault with them.
func (r *reporter) failed(err error) error {
	t := event.ImageFetch
	var unverified *UnverifiedError
	if errors.As(err, &unverified) && !ofAnother(err) {
		r.emit(event.Event{Type: event.ImageVerify, State: event.Failed, Message: unverified.Refusal.Error()})
		return err
	}
	unpacking := r.last(event.ImageUnpack).State != ""
	fetching := r.last(event.ImageFetch).State
	var layer *LayerError
	switch {
	case r.last(event.ImageVerify).State == event.Started && !unpacking && (fetching == "" || fetching == event.Done):
		t = event.ImageVerify
	case fetching == event.Done, unpacking && bad(err), errors.As(err, &layer) && layer.unpacking:
		t = event.ImageUnpack
	}
	r.fail(t, err)
	return err
}

func (r *reporter) last(t event.Type) event.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state[step{Type: t}]
}

// progress tells how far a step is, of the whole image or of one layer.
func (r *reporter) progress(t event.Type, layer string, bytes, total int64) {
	r.emit(event.Event{Type: t, State: event.Started, Layer: layer, Bytes: bytes, Total: total})
}

func (r *reporter) emit(e event.Event) {
	e.Image = r.reference
	e.Time = time.Now()
	r.keep(e)
	r.sink.Emit(e)
}

func (r *reporter) keep(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := step{e.Type, e.Layer}
	if _, known := r.state[key]; !known {
		r.order = append(r.order, key)
	}
	r.state[key] = e
	if r.turn != nil && (!e.Progress() || e.Time.Sub(r.told) >= noteInterval) {
		r.tell(e.Time)
	}
}

// tell writes the note. That nobody could be told hinders nobody here.
func (r *reporter) tell(now time.Time) {
	n := note{Wants: r.wants}
	for _, key := range r.order[:min(len(r.order), maxNote)] {
		n.Steps = append(n.Steps, r.state[key])
	}
	if text, err := json.Marshal(n); err == nil {
		_ = r.turn.Tell(text)
	}
	r.told = now
}

// share lets those who wait for the turn hear what is reported, until the
// function that it returns is called.
func (r *reporter) share(turn *store.Turn) (stop func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn = turn
	r.tell(time.Now())
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.turn = nil
	}
}

// waitsFor tells those who wait for this image what it waits for itself.
func (r *reporter) waitsFor(keys []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wants = keys
	if r.turn != nil {
		r.tell(time.Now())
	}
}

// relay reports what another process is doing for this image. What is done there
// is not done here: who waited is yet to look for it.
func (r *reporter) relay(n note) {
	for _, e := range n.Steps {
		key := step{e.Type, e.Layer}
		if e.Type != event.ImageFetch && e.Type != event.ImageUnpack || e.State != event.Started || r.relayed[key] == e.Bytes+1 {
			continue
		}
		r.relayed[key] = e.Bytes + 1
		r.sink.Emit(event.Event{
			Type: e.Type, State: e.State, Image: r.reference, Layer: e.Layer, Bytes: e.Bytes, Total: e.Total,
			Message: "another podtui fetches it",
		})
	}
}

// endRelayed ends what was begun elsewhere and has come from there.
func (r *reporter) endRelayed() {
	for key := range r.relayed {
		r.emit(event.Event{Type: key.Type, State: event.Skipped, Layer: key.layer, Message: "another podtui has fetched it"})
	}
}
