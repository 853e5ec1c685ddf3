package watch

import (
	"errors"
	"maps"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

// Allowed tells that an image may run though nobody vouches for it, as the pod calls
// it.
type Allowed struct{ Reference string }

// refused is why nobody vouches for an image, if that is why the pod did not start.
func (s *Screen) refused() *engine.UnverifiedError {
	var err *engine.UnverifiedError
	if s.starting || s.uuid != "" || !errors.As(s.err, &err) || err.Refusal == nil {
		return nil
	}
	return err
}

// reviewed is what was decided about the key that keeps the pod from starting.
type reviewed struct {
	of       *Screen
	decision dialog.Decision
}

// trusted is how trusting it went.
type trusted struct {
	of       *Screen
	decision dialog.Decision
	err      error
}

// unverifiedAnswer is the user's yes to an image that nobody vouches for: this once,
// or because of what exactly it is.
type unverifiedAnswer struct {
	of      *Screen
	err     *engine.UnverifiedError // what was asked about
	approve bool
}

// approved is how approving its content went.
type approved struct {
	of    *Screen
	image string
	err   error
}

// reviewOf asks about the key that would let the start go on, nil if none would.
func (s *Screen) reviewOf() dialog.Dialog {
	err := s.refused()
	if !dialog.Reviewable(err) {
		return nil
	}
	return dialog.NewReview(s.env.Now(), err, func(d dialog.Decision) tea.Msg { return reviewed{s, d} })
}

// takeReview goes on with the start, or back to the form, where everything is as it
// was.
func (s *Screen) takeReview(d dialog.Decision) screen.Out {
	switch {
	case s.refused() == nil:
		return screen.Out{}
	case d.Refused:
		return screen.Say(ToForm{Notice: screen.Notice{Text: s.Name() + " was not started: you refused key " + d.Key.KeyID + " of " + d.Image}})
	case d.Prefix == "":
		s.options.Believe = d.Believe(s.options.Believe)
		return screen.Do(s.begin())
	}
	return screen.Do(func() tea.Msg {
		_, err := s.engine.Trust(d.Prefix, d.Key)
		return trusted{s, d, err}
	})
}

func (s *Screen) takeTrusted(m trusted) screen.Out {
	if m.err != nil {
		return screen.Say(screen.Notice{Text: m.err.Error(), Wrong: true})
	}
	believed := screen.Believed{Notice: screen.Notice{Text: keycard.Name(m.decision.Key) + " is trusted for " + m.decision.Prefix}}
	if s.refused() == nil {
		return screen.Say(believed)
	}
	return screen.Out{Cmd: s.begin(), Wish: believed}
}

// askUnverified warns before an image runs that nobody vouches for.
func (s *Screen) askUnverified() screen.Out {
	err := s.refused()
	if err == nil {
		return screen.Out{}
	}
	d := dialog.NewConfirm(s.env.Now(), "Run "+err.Image+" unverified?", "run it unverified", unverifiedAnswer{of: s, err: err},
		"It was refused: "+err.Refusal.Error()+".",
		"Nobody vouches for what it does then. The command line has "+stages.SkipsImages+", for every image in it.",
	)
	if len(err.Digests) > 0 && stages.Approvable(err.Refusal.Kind) {
		d.Also, d.Else = dialog.ApproveContent, unverifiedAnswer{s, err, true}
		d.Body = append(d.Body, dialog.ApprovedContent)
	}
	return screen.Say(screen.Ask{Dialog: d})
}

// takeUnverified begins the start anew, with the image that was in the way, if it
// still is what was asked about.
func (s *Screen) takeUnverified(m unverifiedAnswer) screen.Out {
	err := s.refused()
	switch {
	case err == nil || err != m.err:
		return screen.Out{}
	case m.approve:
		return screen.Do(func() tea.Msg {
			_, fault := s.engine.Approve(err.Digests[0], err.Image)
			return approved{s, err.Image, fault}
		})
	}
	allowed := maps.Clone(s.options.Unverified)
	if allowed == nil {
		allowed = make(map[string]string)
	}
	allowed[err.Image] = "" // of an app, or of what one needs; whatever comes now
	s.options.Unverified = allowed
	return screen.Out{Cmd: s.begin(), Wish: Allowed{err.Image}}
}

func (s *Screen) takeApproved(m approved) screen.Out {
	if m.err != nil {
		return screen.Say(screen.Notice{Text: m.err.Error(), Wrong: true})
	}
	believed := screen.Believed{Notice: screen.Notice{Text: "what " + m.image + " is now was approved"}}
	if s.refused() == nil {
		return screen.Say(believed)
	}
	return screen.Out{Cmd: s.begin(), Wish: believed}
}
