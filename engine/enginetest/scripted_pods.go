package enginetest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// ScriptedPods are what a scripted engine knows of its pods beside their
// recordings.
type ScriptedPods struct {
	Specs     map[string]spec.Pod       // by UUID
	Manifests map[string]string         // likewise
	Uses      map[string][]engine.Usage // likewise; CPU is that of each second
	Refuses   map[string]error          // what is done to a pod fails with this
	Slow      map[string]time.Duration  // and takes so long

	NoShell map[string]*engine.NoShellError // likewise

	looks     map[string]int
	followers []chan struct{} // told when the pods are not what they were
}

// change lets followers look again. The lock is held.
func (s *Scripted) change() {
	for _, f := range s.followers {
		select {
		case f <- struct{}{}:
		default:
		}
	}
}

// Pod finds a pod by the beginning of its UUID, or its name.
func (s *Scripted) Pod(word string) (poddir.Status, error) {
	all, err := s.Pods()
	for _, p := range all {
		if strings.HasPrefix(p.UUID, word) || p.Name == word {
			return p, err
		}
	}
	return poddir.Status{}, errors.New("no pod " + word)
}

// FollowPods tells what pods there are, and then of those that look different.
func (s *Scripted) FollowPods(ctx context.Context, tell func(engine.PodsChange) error) error {
	changed := make(chan struct{}, 1)
	s.mu.Lock()
	s.followers = append(s.followers, changed)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.followers = slices.DeleteFunc(s.followers, func(f chan struct{}) bool { return f == changed })
	}()
	known := map[string]poddir.Status{}
	for first := true; ; first = false {
		s.mu.Lock()
		soon := s.nextEvent()
		s.mu.Unlock()
		all, err := s.Pods()
		if err != nil {
			return err
		}
		change := engine.PodsChange{All: first}
		gone := map[string]bool{}
		for uuid := range known {
			gone[uuid] = true
		}
		for _, p := range all {
			delete(gone, p.UUID)
			if before, ok := known[p.UUID]; !ok || !reflect.DeepEqual(before, p) {
				change.Changed = append(change.Changed, p)
			}
			known[p.UUID] = p
		}
		for uuid := range gone {
			delete(known, uuid)
			change.Gone = append(change.Gone, uuid)
		}
		if first || len(change.Changed) > 0 || len(gone) > 0 {
			if err := tell(change); err != nil {
				return err
			}
		}
		timer := time.NewTimer(soon)
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		timer.Stop()
	}
}

// nextEvent is how long it takes until something happens to a pod. The lock is held.
func (s *Scripted) nextEvent() time.Duration {
	soon := time.Hour
	for _, r := range s.pods {
		soon = min(soon, r.next())
	}
	return soon
}

// PodUsage is what was scripted of a pod.
func (s *Scripted) PodUsage(uuid string) ([]engine.Usage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looks == nil {
		s.looks = map[string]int{}
	}
	s.looks[uuid]++
	uses, now := slices.Clone(s.Uses[uuid]), time.Now()
	for i := range uses {
		uses[i].Time = now
		uses[i].CPU = time.Duration(float64(uses[i].CPU) * float64(now.UnixMilli()) / 1000)
	}
	return uses, nil
}

// Looks is how often it was asked what a pod uses.
func (s *Scripted) Looks(uuid string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.looks[uuid]
}

// PodSpec is the pod as it was scripted, or run.
func (s *Scripted) PodSpec(uuid string) (spec.Pod, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range s.pods {
		if r.uuid == uuid && i < len(s.runs) {
			return s.runs[i].Pod, nil
		}
	}
	return s.Specs[uuid], nil
}

// PodManifestJSON is the manifest that was scripted.
func (s *Scripted) PodManifestJSON(uuid string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.Manifests[uuid]; m != "" {
		return []byte(m), nil
	}
	return []byte(`{"acVersion":"0.8.11","acKind":"PodManifest","apps":null,"volumes":null,"isolators":null,"annotations":null,"ports":null}`), nil
}

// StopPod ends a pod as SIGTERM would.
func (s *Scripted) StopPod(ctx context.Context, uuid string, _ engine.StopOptions) error {
	if err := s.deed(ctx, "stop", uuid); err != nil {
		return err
	}
	r, err := s.replayOf(uuid)
	if err == nil && r != nil {
		r.stop()
	}
	s.edit(uuid, func(p *poddir.Status) {
		if p.State == poddir.Running {
			p.State, p.Exit, p.Ended = poddir.Exited, event.Status(143), time.Now()
		}
	})
	return err
}

// RestartPod lets an older pod run once more. Nobody listens to it.
func (s *Scripted) RestartPod(ctx context.Context, uuid string, _ engine.StopOptions, _ engine.RunOptions, _ event.Sink) (*engine.Running, error) {
	return nil, s.runAgain(ctx, "restart", uuid)
}

// RunPrepared runs a pod that was prepared.
func (s *Scripted) RunPrepared(ctx context.Context, uuid string, _ engine.RunOptions, _ event.Sink) (*engine.Running, error) {
	return nil, s.runAgain(ctx, "run", uuid)
}

func (s *Scripted) runAgain(ctx context.Context, word, uuid string) error {
	if err := s.deed(ctx, word, uuid); err != nil {
		return err
	}
	s.edit(uuid, func(p *poddir.Status) {
		p.State, p.Exit, p.Cause, p.Started, p.Ended = poddir.Running, nil, "", time.Now(), time.Time{}
		p.Runs++
		p.Apps = slices.Clone(p.Apps)
		for i := range p.Apps {
			p.Apps[i].Exit, p.Apps[i].Cause = nil, ""
		}
	})
	return nil
}

// RemovePod removes a pod.
func (s *Scripted) RemovePod(uuid string) error {
	if err := s.deed(context.Background(), "remove", uuid); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pods = slices.DeleteFunc(s.pods, func(r *replay) bool { return r.uuid == uuid })
	s.older = slices.DeleteFunc(s.older, func(p poddir.Status) bool { return p.UUID == uuid })
	s.change()
	return nil
}

// GC removes older pods that have ended long enough ago.
func (s *Scripted) GC(_ context.Context, o engine.GCOptions) (engine.Collected, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var c engine.Collected
	s.asked = append(s.asked, "gc "+o.Grace.Round(time.Minute).String())
	s.older = slices.DeleteFunc(s.older, func(p poddir.Status) bool {
		old := (p.State == poddir.Exited || p.State == poddir.Failed) && time.Since(p.LastChange()) >= o.Grace
		if old {
			c.Pods = append(c.Pods, p.UUID)
		}
		return old
	})
	s.change()
	return c, s.err
}

// EditPod changes an older pod, or adds it, as another process would.
func (s *Scripted) EditPod(p poddir.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.older, func(old poddir.Status) bool { return old.UUID == p.UUID })
	if i < 0 {
		s.older = append(s.older, p)
	} else {
		s.older[i] = p
	}
	s.change()
}

func (s *Scripted) edit(uuid string, change func(*poddir.Status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.older {
		if s.older[i].UUID == uuid {
			change(&s.older[i])
		}
	}
	s.change()
}

// deed notes that something is done to a pod, and lets it fail if it shall.
func (s *Scripted) deed(ctx context.Context, word, uuid string) error {
	s.note(word + " " + uuid[:min(len(uuid), 8)])
	s.mu.Lock()
	slow, err := s.Slow[uuid], s.Refuses[uuid]
	s.mu.Unlock()
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

// Attach attaches to nothing: an app of a script can't be spoken to.
func (s *Scripted) Attach(context.Context, string, engine.AttachOptions) (*engine.Attachment, error) {
	return nil, errors.New("the app is scripted")
}

// Enter fails with what was scripted, or the program ends at once.
func (s *Scripted) Enter(ctx context.Context, uuid string, o engine.EnterOptions) (int, error) {
	s.note("enter " + uuid[:min(len(uuid), 8)] + " " + strings.Join(append([]string{o.App}, o.Argv...), " "))
	if none := s.NoShell[uuid]; none != nil && len(o.Argv) == 0 {
		return 0, none
	}
	return 0, ctx.Err()
}
