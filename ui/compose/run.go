package compose

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
)

// consentAnswer is the user's yes to running images that nobody vouches for.
// They are named by ID, and by reference where that is not known yet.
type consentAnswer struct{ ids []string }

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
	ids, names := s.unverified()
	if len(ids) > 0 && !s.options.AllowUnverified {
		return s.askConsent(ids, names)
	}
	return s.start()
}

func (s *Screen) askConsent(ids, names []string) screen.Out {
	title := "Run " + strings.Join(names, " and ") + " without verification?"
	return screen.Say(screen.Ask{Dialog: dialog.NewConfirm(s.env.Now(), title, "run anyway", consentAnswer{ids},
		"No signature says who made it and that it is unchanged.",
		"You are asked once for each image. The command line has --insecure-skip-verify.",
	)})
}

func (s *Screen) runWithConsent(a consentAnswer) screen.Out {
	for _, id := range a.ids {
		s.consent[id] = true
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
	return screen.Say(Run{Pod: s.Pod(), Apps: names, Images: images, SkipVerify: s.skipsVerify()})
}

// title is an image's name and version.
func title(img engine.Image) string {
	if v := img.Version(); v != "" {
		return img.Name() + " " + v
	}
	return img.Name()
}

// unverified are the images of the draft that nobody vouches for and that the
// user was not asked about.
func (s *Screen) unverified() (ids, names []string) {
	for i := range s.draft.pod.Apps {
		k := s.of(i)
		id, name := k.image.ID, ""
		switch {
		case k.elsewhere(): // who vouches for it is not known before it is here
			id, name = s.draft.pod.Apps[i].Image, s.draft.pod.Apps[i].Image
		case k.found && k.image.Verified == nil:
			name = title(k.image)
		}
		if name != "" && !s.consent[id] && !slices.Contains(ids, id) {
			ids, names = append(ids, id), append(names, name)
		}
	}
	if len(names) > 3 {
		names = append(names[:2], fmt.Sprintf("%d more", len(names)-2))
	}
	return ids, names
}

// skipsVerify reports whether the pod only runs with --insecure-skip-verify.
func (s *Screen) skipsVerify() bool {
	if s.options.AllowUnverified {
		return true
	}
	for i := range s.draft.pod.Apps {
		if k := s.of(i); k.elsewhere() || k.found && k.image.Verified == nil {
			return true
		}
	}
	return false
}

// Hide is said when another screen is gone to: what has waited for an image
// does not run then, where nobody looks.
func (s *Screen) Hide() { s.waiting = false }

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
