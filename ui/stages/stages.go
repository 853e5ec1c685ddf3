// Package stages folds the engine's events into what has been done of a pod so
// far, and draws it. Nothing is shown as done unless an event said so, and
// adding the same events again changes nothing: a pod that was started here is
// replayed from its folder once it runs.
package stages

import (
	"slices"
	"time"

	"github.com/podtui/podtui/engine/event"
)

// Step is one stage of an image or of the pod.
type Step struct {
	State   event.State // "": not begun
	Message string
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
	Err    string // why it stopped
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
		s.app(e.App).Started = e.Time
	case event.AppExit:
		a := s.app(e.App)
		a.Status, a.Cause, a.Ended = e.Status, e.Message, e.Time
	case event.PodExit:
		s.Exit, s.Cause, s.Ended = e.Status, e.Message, e.Time
	case event.Warning:
		if !slices.Contains(s.Warnings, e.Message) {
			s.Warnings = append(s.Warnings, e.Message)
		}
	case event.Error:
		s.addError(e)
	}
}

func (s *Stages) addImage(e event.Event) {
	img := s.image(e.Image)
	if e.ID != "" {
		img.ID = e.ID
	}
	switch e.Type {
	case event.ImageSearch:
		img.Search.add(e)
	case event.ImageFetch:
		img.Fetch.add(e)
	case event.ImageVerify:
		img.Verify.add(e)
	case event.ImageUnpack:
		img.Unpack.add(e)
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
	ended := st.State == event.Done || st.State == event.Skipped || st.State == event.Failed
	if e.State == event.Started && ended {
		return
	}
	st.State = e.State
	if e.Message != "" {
		st.Message = e.Message
	}
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
	if s.Err != "" {
		return true
	}
	for _, img := range s.Images {
		if img.failed() {
			return true
		}
	}
	return false
}

func (img *Image) failed() bool {
	return img.Err != "" || img.Search.State == event.Failed || img.Fetch.State == event.Failed ||
		img.Verify.State == event.Failed || img.Unpack.State == event.Failed
}

// ready reports whether events said that everything about the image was done.
func (img *Image) ready() bool {
	looked := img.Verify.State == event.Done || img.Verify.State == event.Skipped
	here := img.Search.State == event.Done && img.Fetch.State == "" && img.Unpack.State == ""
	return looked && !img.failed() && (here || img.Unpack.State == event.Done)
}
