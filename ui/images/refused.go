package images

import (
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/screen"
)

// refused is why nobody vouches for the image, if that is why its fetch failed.
func (f *fetching) refused() *engine.UnverifiedError {
	var err *engine.UnverifiedError
	if f.state != failed || !errors.As(f.err, &err) || err.Refusal == nil {
		return nil
	}
	return err
}

// reviewed is what was decided about the key of an image that waits for it.
type reviewed struct {
	of       *fetching
	decision dialog.Decision
}

// trusted is how trusting a key went.
type trusted struct {
	key    engine.KeyInfo
	prefix string
	err    error
}

// unverifiedAnswer is the user's yes to an image that nobody vouches for.
type unverifiedAnswer struct{ of *fetching }

// review asks about the key that an image is signed with; unasked is for a
// question that comes up by itself.
func (s *Screen) review(one *fetching, unasked bool) screen.Out {
	err := one.refused()
	if !dialog.Reviewable(err) {
		return screen.Out{}
	}
	return screen.Say(screen.Ask{Unasked: unasked, Dialog: dialog.NewReview(s.env.Now(), err, func(d dialog.Decision) tea.Msg {
		return reviewed{one, d}
	})})
}

// takeReview goes on with a fetch whose key is believed now, for its image alone or
// for all that is called so. One that was refused stays with its cause.
func (s *Screen) takeReview(m reviewed) screen.Out {
	one := m.of
	switch d := m.decision; {
	case d.Refused, !slices.Contains(s.fetches.list, one), one.under():
		return screen.Out{}
	case d.Prefix == "":
		one.believe = d.Believe(one.believe)
		return screen.Do(s.begin(one))
	default:
		return screen.Do(func() tea.Msg {
			_, err := s.engine.Trust(d.Prefix, d.Key)
			return trusted{d.Key, d.Prefix, err}
		})
	}
}

// takeTrusted goes on with all fetches that wait for a key, and lists the store
// again: others may be vouched for now.
func (s *Screen) takeTrusted(m trusted) screen.Out {
	if m.err != nil {
		return screen.Say(screen.Notice{Text: m.err.Error(), Wrong: true})
	}
	work := s.Load()
	for _, one := range s.fetches.list {
		if offers(one.refused(), m.key) {
			work = join(work, s.begin(one))
		}
	}
	return screen.Out{Cmd: work, Wish: screen.Notice{Text: keycard.Name(m.key) + " is trusted for " + m.prefix}}
}

// offers reports whether an image waits for a key.
func offers(err *engine.UnverifiedError, key engine.KeyInfo) bool {
	return dialog.Reviewable(err) && slices.ContainsFunc(err.Offers, func(o engine.Offer) bool {
		return o.Key.Fingerprint == key.Fingerprint
	})
}

// askUnverified warns before an image is fetched that nobody vouches for.
func (s *Screen) askUnverified(one *fetching) screen.Out {
	err := one.refused()
	if err == nil {
		return screen.Out{}
	}
	return screen.Say(screen.Ask{Dialog: dialog.NewConfirm(s.env.Now(), "Fetch "+one.reference+" unverified?", "fetch it unverified", unverifiedAnswer{one},
		"It was refused: "+err.Refusal.Error()+".",
		"Nobody vouches for it then. It is marked everywhere, and asked about again before it runs.",
	)})
}

// takeUnverified goes on with a fetch that may come as it is.
func (s *Screen) takeUnverified(a unverifiedAnswer) screen.Out {
	if !slices.Contains(s.fetches.list, a.of) || a.of.under() {
		return screen.Out{}
	}
	a.of.unverified = true
	return screen.Do(s.begin(a.of))
}
