package images

import (
	"encoding/json"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

// details are what is known of the image under the cursor beyond its row: they
// are read once it is there.
type details struct {
	of      engine.Entry
	image   engine.Image  // its Manifest is nil until it was read
	doubt   *stages.Doubt // why nobody vouches for it
	err     error
	old     bool // the list has come again: why nobody vouches for it may be another reason
	inspect bool // the manifest is to be shown as soon as it is there
	asked   int  // the generation of what was asked last
}

// followed is what was read.
type followed struct {
	image engine.Image
	doubt *stages.Doubt
	err   error
	asked int
}

// follow returns the work of reading the image under the cursor, if that is
// another than before, or if who vouches for it, or why nobody does, may have changed.
func (s *Screen) follow() tea.Cmd {
	entry, _ := s.current()
	switch {
	case entry != s.under.of:
		s.under = details{of: entry, asked: s.under.asked}
	case !s.under.old:
		return nil
	}
	s.under.old = false
	s.under.asked++
	if entry.ID == "" {
		return nil
	}
	asked := s.under.asked
	return func() tea.Msg {
		image, err := s.engine.Image(entry.ID)
		m := followed{image: image, err: err, asked: asked}
		if err == nil && image.Verified == nil {
			_, err = stages.Doubts(s.ctx, s.engine, image.ID, "")
			m.doubt = stages.DoubtOf(err, image.ID)
		}
		return m
	}
}

// takeDetails takes what was asked for last, and nothing else.
func (s *Screen) takeDetails(m followed) screen.Out {
	if m.asked != s.under.asked {
		return screen.Out{}
	}
	s.under.image, s.under.doubt, s.under.err = m.image, m.doubt, m.err
	if s.under.inspect {
		return s.inspect()
	}
	return screen.Out{}
}

// inspect shows the manifest of the image under the cursor, as soon as it was
// read; who goes on to another image before that doesn't want it any more.
func (s *Screen) inspect() screen.Out {
	switch {
	case s.under.err != nil:
		return screen.Say(screen.Notice{Text: s.under.err.Error(), Wrong: true})
	case s.under.image.Manifest == nil:
		s.under.inspect = s.under.of.ID != ""
		return screen.Out{}
	}
	s.under.inspect = false
	body, err := json.MarshalIndent(s.under.image.Manifest, "", "  ")
	if err != nil {
		return screen.Say(screen.Notice{Text: err.Error(), Wrong: true})
	}
	about := s.under.of.ID + "\n" + s.under.vouched()
	return screen.Say(screen.Ask{Dialog: dialog.NewText(label(s.under.of), about+"\n\n"+string(body))})
}
