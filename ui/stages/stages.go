// Package stages folds the engine's events into what has been done of a pod so
// far, and draws it. Nothing is shown as done unless an event said so, and
// adding the same events again changes nothing: a pod that was started here is
// replayed from its folder once it runs.
package stages

import (
	"slices"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/event"
)

// Step is one stage of an image or of the pod.
type Step struct {
	State   event.State // "": not begun
	Message string
	Key     string // the fingerprint of the key that vouches for the image
	Bytes   int64
	Total   int64
	meter   meter
}

// Image is the way of one image reference.
type Image struct {
	Ref    string
	ID     string
	Search Step
	Fetch  Step
	Verify Step
	Unpack Step
	Layers []*Layer // of a registry's image, lowest first, as far as events told
	Err    string   // why it stopped
	Retry  string   // why it takes longer; "" again once it goes on

	retried time.Time // when that was told
	here    bool      // it was in the store when it was looked for
}

// App is one app from its start to its exit.
type App struct {
	Name    string
	Started time.Time
	Ended   time.Time
	Status  *int
	Cause   string
	Err     string
}

// Stages is how far a pod is. The zero value is before its first event.
type Stages struct {
	Images   []*Image
	Prepare  Step
	Network  Step
	Apps     []*App
	Pod      string // UUID
	Exit     *int
	Cause    string
	Ended    time.Time
	Err      string // what stopped the pod, if it is no image's and no app's
	Warnings []string
	Asked    bool // somebody here asked the pod to stop
	Halted   bool // somebody here stopped it, and no event says so: nothing is under way

	// Names say what to call an image whose reference is its ID, by reference or
	// ID. Events only have those.
	Names map[string]string

	beats int // moves the sign of work whenever something happened
}

// Add folds in events, in their order.
func (s *Stages) Add(events ...event.Event) {
	for _, e := range events {
		s.add(e)
	}
}

func (s *Stages) add(e event.Event) {
	s.beats++
	if e.Pod != "" {
		s.Pod = e.Pod
	}
	switch e.Type {
	case event.ImageSearch, event.ImageFetch, event.ImageVerify, event.ImageUnpack:
		s.addImage(e)
	case event.PodPrepare:
		s.Prepare.add(e)
	case event.PodNetwork:
		s.Network.add(e)
	case event.AppStart:
		s.begin(e)
	case event.AppExit:
		a := s.app(e.App)
		a.Status, a.Cause, a.Ended = e.Status, e.Message, e.Time
	case event.PodExit:
		s.Exit, s.Cause, s.Ended = e.Status, e.Message, e.Time
	case event.Warning:
		if e.Image != "" && strings.Contains(e.Message, "trying again") {
			img := s.image(e.Image)
			img.Retry, img.retried = e.Message, e.Time
		} else if !slices.Contains(s.Warnings, e.Message) {
			s.Warnings = append(s.Warnings, e.Message)
		}
	case event.Error:
		s.addError(e)
	}
}

// begin is for an app that starts, perhaps not for the first time: then how it ended
// before is history, and so is how the pod did.
func (s *Stages) begin(e event.Event) {
	if s.Exit != nil {
		s.Exit, s.Cause, s.Ended = nil, "", time.Time{}
		for _, a := range s.Apps {
			*a = App{Name: a.Name}
		}
	}
	a := App{Name: e.App, Started: e.Time}
	if e.State == event.Started { // it waits for its event handlers
		a.Started = time.Time{}
	}
	*s.app(e.App) = a
}

func (s *Stages) addImage(e event.Event) {
	img := s.image(e.Image)
	if e.ID != "" {
		img.ID = e.ID
	}
	img.goesOn(e)
	if e.Layer != "" {
		img.layer(e.Layer).add(e)
		return
	}
	switch e.Type {
	case event.ImageSearch:
		img.Search.add(e)
		img.here = img.here || e.State == event.Done && e.ID != ""
	case event.ImageFetch:
		img.Fetch.add(e)
	case event.ImageVerify:
		img.Verify.add(e)
	case event.ImageUnpack:
		img.Unpack.add(e)
	}
}

// goesOn forgets why it took longer. Bytes that come soon after it was told may
// be those of other layers.
func (img *Image) goesOn(e event.Event) {
	const read = 10 * time.Second
	if e.Layer == "" && e.State != event.Started || e.Bytes > img.Fetch.Bytes && e.Time.Sub(img.retried) > read {
		img.Retry = ""
	}
}

// addError keeps an error where it belongs: at the image or app that it names.
func (s *Stages) addError(e event.Event) {
	switch {
	case e.Image != "":
		s.image(e.Image).Err = e.Message
	case e.App != "":
		s.app(e.App).Err = e.Message
	default:
		s.Err = e.Message
	}
}

// add folds an event into a step. What has ended does not begin again: a replay
// tells the beginning once more.
func (st *Step) add(e event.Event) {
	if e.State == event.Started && (ended(*st) || st.State == event.Failed) {
		return
	}
	if e.Message != "" || e.State != st.State {
		st.Message = e.Message
	}
	st.State, st.Key = e.State, e.Key
	st.Bytes = max(st.Bytes, e.Bytes)
	st.Total = max(st.Total, e.Total)
	if e.State == event.Started {
		st.meter.add(e.Time, st.Bytes)
	}
}

// Under reports whether the step is under way.
func (st *Step) Under() bool { return st.State == event.Started }

func (s *Stages) image(ref string) *Image {
	for _, img := range s.Images {
		if img.Ref == ref {
			return img
		}
	}
	img := &Image{Ref: ref}
	s.Images = append(s.Images, img)
	return img
}

func (s *Stages) app(name string) *App {
	for _, a := range s.Apps {
		if a.Name == name {
			return a
		}
	}
	a := &App{Name: name}
	s.Apps = append(s.Apps, a)
	return a
}

// Failed reports whether something stopped the pod before it ran.
func (s *Stages) Failed() bool {
	return s.Err != "" || s.imageFailed()
}

// Ready reports whether everything about an image was done.
func (s *Stages) Ready(reference string) bool {
	return slices.ContainsFunc(s.Images, func(img *Image) bool { return img.Ref == reference && img.ready() })
}

func (s *Stages) imageFailed() bool {
	return slices.ContainsFunc(s.Images, (*Image).failed)
}

func (img *Image) steps() []*Step {
	return []*Step{&img.Search, &img.Verify, &img.Fetch, &img.Unpack}
}

func (img *Image) failed() bool {
	return img.Err != "" || slices.ContainsFunc(img.steps(), func(st *Step) bool { return st.State == event.Failed })
}

// cause is why the image stopped, in the engine's words.
func (img *Image) cause() string {
	for _, st := range img.steps() {
		if st.State == event.Failed && st.Message != "" && img.Err == "" {
			return st.Message
		}
	}
	return img.Err
}

// ready reports whether events said that everything about the image was done.
func (img *Image) ready() bool {
	return !img.failed() && ended(img.Verify) && (img.here || ended(img.Unpack))
}

func ended(st Step) bool { return st.State == event.Done || st.State == event.Skipped }
