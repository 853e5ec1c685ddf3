package enginetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// Scripted is an engine that does nothing: it has the images and pods that it
// was given, and what it is asked to run it replays from a recording. It is for
// tests and pictures of screens.
type Scripted struct {
	// Speed is how many seconds of a recording pass in one; 0: all of it has
	// happened at once.
	Speed float64

	// Recordings are replayed one a Run, in this order; the last again and again.
	Recordings [][]event.Event

	// Files are what Fetch finds at a path. Other paths are not there.
	Files map[string]engine.Image

	// What there is to be fetched, and where it is found.
	Fetches    map[string]*ScriptedFetch   // by reference
	Refusals   map[string]*ScriptedRefusal // likewise: what is not believed, fetched or run
	Registries map[string]*ScriptedRegistry
	Names      map[string]engine.Discovered
	Folders    map[string][]engine.ImageFile

	ScriptedTrust
	ScriptedPods
	ScriptedOutput
	ScriptedHost
	ScriptedNetworks

	mu     sync.Mutex
	asked  []string
	images []engine.Image
	pods   []*replay
	older  []poddir.Status
	runs   []Ran
	tried  []Ran
	err    error
}

// Ran is a pod that a scripted engine was asked to run.
type Ran struct {
	Pod     spec.Pod
	Options engine.RunOptions
}

// NewScripted returns an engine that has images.
func NewScripted(images ...engine.Image) *Scripted {
	return &Scripted{
		images: images, Files: map[string]engine.Image{}, Fetches: map[string]*ScriptedFetch{}, Refusals: map[string]*ScriptedRefusal{},
		Registries: map[string]*ScriptedRegistry{}, Names: map[string]engine.Discovered{}, Folders: map[string][]engine.ImageFile{},
		ScriptedTrust: ScriptedTrust{KeyFiles: map[string][]engine.Offer{}, Signers: map[string][]engine.Offer{}},
	}
}

// Fail makes every listing fail.
func (s *Scripted) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// AddPods adds pods that ended before anybody looked.
func (s *Scripted) AddPods(pods ...poddir.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.older = append(s.older, pods...)
	s.change()
}

// Runs are what it was asked to run so far.
func (s *Scripted) Runs() []Ran {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.runs)
}

// Tried are what it was asked to run so far, and refused.
func (s *Scripted) Tried() []Ran {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tried)
}

// Images lists the images.
func (s *Scripted) Images() ([]engine.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]engine.Entry, len(s.images))
	for i, img := range s.images {
		list[i] = s.judged(img).Entry()
	}
	return list, s.err
}

// Image returns an image.
func (s *Scripted) Image(id string) (engine.Image, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, img := range s.images {
		if img.ID == id {
			return s.judged(img), nil
		}
	}
	return engine.Image{}, &engine.NoImageError{Image: id}
}

// RemoveImage removes an image.
func (s *Scripted) RemoveImage(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.images)
	s.images = slices.DeleteFunc(s.images, func(i engine.Image) bool { return i.ID == id })
	if len(s.images) == n {
		return errors.New("image " + id + ": not in the store")
	}
	return nil
}

// Run replays the next recording up to the start of its last app, or to its
// error.
func (s *Scripted) Run(ctx context.Context, pod spec.Pod, o engine.RunOptions, sink event.Sink) (*engine.Running, error) {
	if err := s.refused(ctx, pod, o, sink); err != nil {
		return nil, err
	}
	if problems := s.ForeseePorts(pod, s.manifests(pod)); len(problems) > 0 {
		err := &engine.RefutedError{Problems: problems}
		sink.Emit(event.Event{Type: event.Error, Time: time.Now(), Message: err.Error()})
		return nil, err
	}
	s.mu.Lock()
	if len(s.Recordings) == 0 {
		s.mu.Unlock()
		return nil, errors.New("nothing was recorded")
	}
	r := newReplay(s.Recordings[min(len(s.runs), len(s.Recordings)-1)], len(s.runs), s.Speed)
	s.runs = append(s.runs, Ran{pod, o})
	s.mu.Unlock()

	for i, e := range r.events {
		if err := r.wait(ctx, i); err != nil {
			return nil, err
		}
		sink.Emit(e)
		if e.Type == event.Error {
			return nil, failure(e)
		}
		if i == r.up {
			break
		}
	}
	s.mu.Lock()
	s.pods = append(s.pods, r)
	s.change()
	s.mu.Unlock()
	return &engine.Running{UUID: r.uuid}, nil
}

// Pods lists what was run, the newest first, and then the older ones.
func (s *Scripted) Pods() ([]poddir.Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []poddir.Status
	for _, r := range slices.Backward(s.pods) {
		all = append(all, r.status())
	}
	return append(all, s.older...), s.err
}

// Watch replays a pod's events.
func (s *Scripted) Watch(ctx context.Context, uuid string, sink event.Sink) error {
	r, err := s.replayOf(uuid)
	if err != nil || r == nil {
		return err
	}
	return r.each(ctx, func(e event.Event) error {
		if e.Type != event.AppLog {
			sink.Emit(e)
		}
		return nil
	})
}

// Logs replays a pod's output.
func (s *Scripted) Logs(ctx context.Context, uuid string, o engine.LogOptions, out func([]poddir.LogLine) error) error {
	s.noteRead(uuid)
	r, err := s.replayOf(uuid)
	if err != nil || r == nil {
		return errors.Join(err, s.wrote(uuid, out))
	}
	return r.each(ctx, func(e event.Event) error {
		if e.Type != event.AppLog || o.App != "" && e.App != o.App {
			return nil
		}
		return out([]poddir.LogLine{{Time: e.Time, App: e.App, Stream: e.Stream, Text: e.Line}})
	})
}

// replayOf returns a pod's replay, nil for an older pod, of which nothing is left.
func (s *Scripted) replayOf(uuid string) (*replay, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.pods {
		if strings.HasPrefix(r.uuid, uuid) {
			return r, nil
		}
	}
	for _, p := range s.older {
		if strings.HasPrefix(p.UUID, uuid) {
			return nil, nil
		}
	}
	return nil, errors.New("no pod " + uuid)
}

func (s *Scripted) sleep(ctx context.Context, d time.Duration) error {
	if s.Speed == 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(time.Duration(float64(d) / s.Speed)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ScriptedImage makes an image for a scripted engine out of what is shown of
// one.
func ScriptedImage(name, version, digit string, app *types.App) engine.Image {
	m := schema.BlankImageManifest()
	m.Name = *types.MustACIdentifier(name)
	m.Labels = types.Labels{{Name: "version", Value: version}, {Name: "os", Value: "linux"}, {Name: "arch", Value: "amd64"}}
	m.App = app
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return engine.Image{ID: "sha512-" + strings.Repeat(digit, 128/len(digit)), Manifest: m, Size: 9_800_000, Imported: at, Used: at}
}
