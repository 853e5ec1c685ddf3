package enginetest

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// ScriptedRefusal is an image that nobody vouches for: it does not come, and does
// not run, until one of the offered keys is trusted or believed for it.
type ScriptedRefusal struct {
	Err    *engine.UnverifiedError
	Events []event.Event // what is recorded of the refusal
}

// NewScriptedRefusal reads what is recorded of a refusal; its words and the image
// are those of the error.
func NewScriptedRefusal(path string, err *engine.UnverifiedError) (*ScriptedRefusal, error) {
	events, fault := ReadEvents(path)
	for i := range events {
		e := &events[i]
		switch {
		case e.Type == event.Error:
			e.Message = err.Error()
			continue
		case e.Type == event.ImageVerify && e.State == event.Failed:
			e.Message = err.Refusal.Error()
		}
		e.Message = strings.ReplaceAll(e.Message, e.Image, err.Image)
		e.Image = err.Image
	}
	return &ScriptedRefusal{err, events}, fault
}

// vouches reports whether a key that signed the image is trusted for its name, or
// believed for it alone.
func (s *Scripted) vouches(r *ScriptedRefusal, believed map[string][]engine.KeyInfo) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trusted != nil && slices.ContainsFunc(s.trusted.Pins, func(p engine.TrustedPin) bool { return slices.Contains(r.Err.Digests, p.Pin) }) {
		return true
	}
	for _, o := range r.Err.Offers {
		is := func(k engine.KeyInfo) bool { return k.Fingerprint == o.Key.Fingerprint }
		if slices.ContainsFunc(believed[r.Err.Image], is) {
			return true
		}
		if s.trusted != nil && slices.ContainsFunc(s.trusted.Keys, func(k engine.TrustedKey) bool {
			return is(k.KeyInfo) && slices.Contains(o.Prefixes, k.Scope)
		}) {
			return true
		}
	}
	return false
}

// signed is an image as it comes: verified, if one of its keys counts.
func (s *Scripted) signed(img engine.Image, r *ScriptedRefusal) engine.Image {
	if r == nil || len(r.Err.Offers) == 0 || !s.vouches(r, nil) {
		return img
	}
	key := r.Err.Offers[0].Key
	img.Verified = &engine.Verification{By: key.UserID(), Key: key.Fingerprint, At: time.Now()}
	return img
}

// refuse replays a refusal, of a pod's start or, without one, of a fetch.
func (s *Scripted) refuse(ctx context.Context, r *ScriptedRefusal, pod string, sink event.Sink) error {
	for i, e := range r.Events {
		if i > 0 {
			if err := s.sleep(ctx, e.Time.Sub(r.Events[i-1].Time)); err != nil {
				return err
			}
		}
		e.Time, e.Pod = time.Now(), pod
		sink.Emit(e)
	}
	return r.Err
}

// refused replays the refusal of the first image of a pod that may not run, nil if
// all may.
func (s *Scripted) refused(ctx context.Context, pod spec.Pod, o engine.RunOptions, sink event.Sink) error {
	for _, app := range pod.Apps {
		r := s.Refusals[app.Image]
		_, allowed := o.Unverified[app.Image]
		if r == nil || o.SkipVerify || allowed || s.vouches(r, o.Believe) {
			continue
		}
		s.mu.Lock()
		s.tried = append(s.tried, Ran{pod, o})
		n := len(s.tried)
		s.mu.Unlock()
		return s.refuse(ctx, r, podUUID(0xabba0000+n), sink)
	}
	return nil
}
