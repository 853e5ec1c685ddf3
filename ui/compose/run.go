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
		out := screen.Say(screen.Notice{Text: s.Problem(), Wrong: true})
		out.Cmd = s.foresee() // who has a port may be gone
		return out
	}
	if all := s.unasked(); len(all) > 0 {
		return s.askConsent(all)
	}
	return s.start()
}

func (s *Screen) start() screen.Out {
	if write := s.writeSecrets(); write != nil {
		s.waiting = true // until the file is there
		return screen.Do(write)
	}
	names, images := make([]string, len(s.draft.pod.Apps)), map[string]string{}
	for i, app := range s.draft.pod.Apps {
		names[i] = s.appName(i)
		if k := s.of(i); k.found {
			images[app.Image] = title(k.image)
		}
	}
	return screen.Say(Run{
		Pod: s.outward(), Apps: names, Images: images, Unverified: s.consented(), SkipVerify: s.options.AllowUnverified,
	})
}

// title is an image's name and version.
func title(img engine.Image) string {
	if v := img.Version(); v != "" {
		return img.Name() + " " + v
	}
	return img.Name()
}

// Show is said when the screen is gone to. It returns the work of looking at the host
// again: meanwhile pods have come and gone.
func (s *Screen) Show() tea.Cmd {
	s.hidden = false
	return s.foresee()
}

// Mend goes to the field that a run has failed for.
func (s *Screen) Mend(path string) {
	c := sectionOf(path)
	s.open(c, true)
	if i := rowAt(s.rows, path); i < len(s.rows) {
		s.cursor = i
	}
	s.seeking = c.kind == networkSection // where the look at the host may know more
}

// found goes to what is wrong with the network, if that is what led here.
func (s *Screen) found() {
	if !s.seeking || s.editing != nil {
		return
	}
	s.seeking = false
	for _, p := range s.problems {
		if i := rowAt(s.rows, p.path); s.at.kind == networkSection && sectionOf(p.path) == s.at && i < len(s.rows) {
			s.cursor = i
			return
		}
	}
}

// Hide is said when another screen is gone to: what has waited for an image
// does not run then, where nobody looks.
func (s *Screen) Hide() {
	s.waiting, s.hidden = false, true
	if s.bare {
		s.bare = false
		s.refresh()
	}
}

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
