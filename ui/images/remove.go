package images

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// removeAnswer is the user's yes.
type removeAnswer struct{ image engine.Entry }

// removed is the store's answer.
type removed struct {
	image engine.Entry
	err   error
}

func (s *Screen) askRemove() screen.Out {
	img, ok := s.current()
	if !ok {
		return screen.Out{}
	}
	return screen.Say(screen.Ask{Dialog: dialog.NewConfirm(s.env.Now(),
		"Remove "+label(img)+"?", "remove", removeAnswer{img},
		fmt.Sprintf("%s, %s. It can be fetched or added again.", shortID(img.ID), text.Bytes(img.Size)),
	)})
}

func (s *Screen) remove(img engine.Entry) tea.Cmd {
	return func() tea.Msg { return removed{img, s.engine.RemoveImage(img.ID)} }
}

func (s *Screen) takeRemoved(m removed) screen.Out {
	if m.err != nil {
		return screen.Say(screen.Notice{Text: m.err.Error(), Wrong: true})
	}
	delete(s.marked, m.image.ID)
	return screen.Out{Cmd: s.Load(), Wish: screen.Notice{Text: "removed " + label(m.image)}}
}

// shortID is an ID with the 12 digits of listings.
func shortID(id string) string {
	const short = len("sha512-") + 12
	if len(id) <= short {
		return id
	}
	return id[:short]
}
