package compose

import (
	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/screen"
)

// run wishes the pod to run, if nothing is in its way: a problem is gone to, an
// image that is not verified is asked for, once.
func (s *Screen) run() screen.Out {
	switch {
	case len(s.draft.pod.Apps) == 0:
		return screen.Say(screen.Notice{Text: "the pod has no app yet"})
	case s.reading() != "":
		s.waiting = true
		return screen.Say(screen.Notice{Text: "reading " + s.reading() + " first, then it runs"})
	case len(s.problems) > 0:
		s.right = false // begin with the first
		s.toProblem()
		return screen.Say(screen.Notice{Text: s.Problem(), Wrong: true})
	}
	if all := s.unasked(); len(all) > 0 {
		return s.askConsent(all)
	}
	return s.start()
}

func (s *Screen) start() screen.Out {
	s.started = clone(s.draft.pod)
	names, images := make([]string, len(s.draft.pod.Apps)), map[string]string{}
	for i, app := range s.draft.pod.Apps {
		names[i] = s.appName(i)
		if k := s.of(i); k.found {
			images[app.Image] = title(k.image)
		}
	}
	return screen.Say(Run{
		Pod: s.Pod(), Apps: names, Images: images, Unverified: s.consented(), SkipVerify: s.options.AllowUnverified,
	})
}

// title is an image's name and version.
func title(img engine.Image) string {
	if v := img.Version(); v != "" {
		return img.Name() + " " + v
	}
	return img.Name()
}

// Show is said when the screen is gone to.
func (s *Screen) Show() { s.hidden = false }

// Hide is said when another screen is gone to: what has waited for an image
// does not run then, where nobody looks.
func (s *Screen) Hide() { s.waiting, s.hidden = false, true }

// goOn runs what was asked to run while an image was still being read.
func (s *Screen) goOn(work tea.Cmd) screen.Out {
	if !s.waiting || s.reading() != "" {
		return screen.Do(work)
	}
	s.waiting = false
	out := s.run()
	out.Cmd = tea.Batch(work, out.Cmd)
	return out
}

// reading is an image that is not known yet but will be in a moment, or "".
// Running before that would run an image that nobody was asked about.
func (s *Screen) reading() string {
	for i := range s.draft.pod.Apps {
		if s.of(i).reading {
			return s.draft.pod.Apps[i].Image
		}
	}
	return ""
}
