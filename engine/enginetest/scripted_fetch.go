package enginetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// ScriptedFetch is an image that can be fetched. What is recorded of an attempt
// is replayed; one that was cancelled goes on where it was.
type ScriptedFetch struct {
	Image    engine.Image
	Attempts [][]event.Event // the last again and again; one that ends with an error fails
	Err      error           // what it fails with; nil: the words of the recorded error

	n  int // attempts that came to their end
	at int // events of this attempt that have happened
}

// NewScriptedFetch reads what is recorded of each attempt.
func NewScriptedFetch(image engine.Image, paths ...string) (*ScriptedFetch, error) {
	f := &ScriptedFetch{Image: image}
	for _, path := range paths {
		events, err := ReadEvents(path)
		if err != nil {
			return nil, err
		}
		f.Attempts = append(f.Attempts, events)
	}
	return f, nil
}

// Fetch replays what was recorded of a reference, or imports one of Files with a
// few steps. What is refused is that until somebody vouches for it, or says that
// nobody needs to.
func (s *Scripted) Fetch(ctx context.Context, reference string, o engine.FetchOptions, sink event.Sink) (engine.Image, error) {
	if o.Pull == spec.PullNever {
		return s.stored(reference)
	}
	s.note("fetch " + reference)
	if r := s.Refusals[reference]; r != nil && !o.SkipVerify && !s.vouches(r, o.Believe) {
		return engine.Image{}, s.refuse(ctx, r, "", sink)
	}
	if f, ok := s.Fetches[reference]; ok {
		return s.replayFetch(ctx, f, reference, sink)
	}
	img, ok := s.Files[reference]
	if !ok {
		err := errors.New("no such file or directory")
		sink.Emit(event.Event{Type: event.ImageSearch, State: event.Failed, Image: reference, Message: err.Error()})
		return engine.Image{}, &engine.ImageError{Image: reference, Err: err}
	}
	sink.Emit(event.Event{Type: event.ImageSearch, State: event.Done, Image: reference, Message: reference})
	for part := range int64(4) {
		sink.Emit(event.Event{Type: event.ImageUnpack, State: event.Started, Image: reference, Bytes: img.Size * part / 4, Total: img.Size})
		if err := s.sleep(ctx, 400*time.Millisecond); err != nil {
			return engine.Image{}, err
		}
	}
	sink.Emit(event.Event{Type: event.ImageUnpack, State: event.Done, Image: reference, ID: img.ID})
	return s.add(img), nil
}

// stored is an image of the store by its ID, or why nobody vouches for it today: the
// key that its record names was removed, revoked, or counts for other names.
func (s *Scripted) stored(id string) (engine.Image, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.images, func(img engine.Image) bool { return img.ID == id })
	if i < 0 {
		return engine.Image{}, &engine.ImageError{Image: id, Err: &engine.NoImageError{Image: id}}
	}
	img := s.judged(s.images[i])
	if img.Verified != nil {
		return img, nil
	}
	why := &refusal.Error{Kind: refusal.NoSignature, Detail: "it came unverified"}
	if record := s.images[i].Verified; record != nil && record.Key != "" {
		why = s.speaksAgainst(record, img.Name())
	}
	return engine.Image{}, &engine.UnverifiedError{Image: id, Name: img.Name(), Refusal: why}
}

// speaksAgainst is why the key of a record does not count for a name. The lock is held.
func (s *Scripted) speaksAgainst(record *engine.Verification, name string) *refusal.Error {
	why := &refusal.Error{
		Kind: refusal.UnknownKey, UserID: record.By, Detail: "it was trusted on " + record.At.Format(time.DateOnly) + ", and is not any more",
		KeyID: strings.ToUpper(record.Key[len(record.Key)-16:]),
	}
	for _, k := range s.trusted.Keys {
		switch {
		case k.Fingerprint != record.Key:
		case k.Problem == "revoked":
			why.Kind, why.Detail = refusal.Revoked, "the key was revoked on 2026-02-12"
			return why
		default:
			why.Kind, why.Name, why.Detail = refusal.NotTrusted, name, "the key counts for "+k.Scope
		}
	}
	return why
}

func (s *Scripted) add(img engine.Image) engine.Image {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.ContainsFunc(s.images, func(i engine.Image) bool { return i.ID == img.ID }) {
		s.images = append(s.images, img)
	}
	return img
}

// replayFetch replays an attempt. What had come before it was cancelled is told
// at once, as the engine does of what it kept.
func (s *Scripted) replayFetch(ctx context.Context, f *ScriptedFetch, reference string, sink event.Sink) (engine.Image, error) {
	s.mu.Lock()
	events, from := f.Attempts[min(f.n, len(f.Attempts)-1)], f.at
	s.mu.Unlock()
	for i, e := range events {
		if i > from {
			if err := s.sleep(ctx, e.Time.Sub(events[i-1].Time)); err != nil {
				return engine.Image{}, err
			}
		}
		e.Time = time.Now()
		e.Image = reference
		sink.Emit(e)
		s.mu.Lock()
		f.at = max(f.at, i)
		s.mu.Unlock()
	}
	s.mu.Lock()
	f.n, f.at = f.n+1, 0
	s.mu.Unlock()
	if last := events[len(events)-1]; last.Type == event.Error {
		err := f.Err
		if err == nil {
			err = errors.New(last.Message)
		}
		return engine.Image{}, &engine.ImageError{Image: reference, Err: err}
	}
	return s.add(s.signed(f.Image, s.Refusals[reference])), nil
}

// ScriptedRegistry is a registry that is only asked what it has.
type ScriptedRegistry struct {
	Repositories []string
	Tags         map[string][]string // by repository
	PageSize     int                 // names a page; 0: all
	Delay        time.Duration       // before each answer
	Err          error               // instead of one
}

// Asked is what was asked for so far, a line each.
func (s *Scripted) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func (s *Scripted) note(question string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, question)
}

// registry waits as long as a host takes to answer.
func (s *Scripted) registry(ctx context.Context, host string) (*ScriptedRegistry, error) {
	r, ok := s.Registries[host]
	if !ok {
		return nil, fmt.Errorf("%s: no such host", host)
	}
	select {
	case <-time.After(r.Delay):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return r, r.Err
}

// page cuts a page out of names.
func page(names []string, after string, size int) engine.Page {
	start := 0
	if after != "" {
		start = slices.Index(names, after) + 1
	}
	if end := start + size; size > 0 && end < len(names) {
		return engine.Page{Names: names[start:end], Next: names[end-1]}
	}
	return engine.Page{Names: names[start:]}
}
