package images

import (
	"encoding/json"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/store"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// removeAnswer is the user's yes.
type removeAnswer struct{ image store.Image }

// removed is the store's answer.
type removed struct {
	image store.Image
	err   error
}

func (s *Screen) askRemove() screen.Out {
	img, ok := s.current()
	if !ok {
		return screen.Out{}
	}
	return screen.Say(screen.Ask{Dialog: dialog.NewConfirm(s.env.Now(),
		"Remove "+label(img)+"?", "remove", removeAnswer{img},
		fmt.Sprintf("%s, %s. It can be added again from its file.", shortID(img.ID), text.Bytes(img.Size)),
	)})
}

func (s *Screen) remove(img store.Image) tea.Cmd {
	return func() tea.Msg { return removed{img, s.engine.RemoveImage(img.ID)} }
}

func (s *Screen) takeRemoved(m removed) screen.Out {
	if m.err != nil {
		return screen.Say(screen.Notice{Text: m.err.Error(), Wrong: true})
	}
	delete(s.marked, m.image.ID)
	return screen.Out{Cmd: s.Load(), Wish: screen.Notice{Text: "removed " + label(m.image)}}
}

// inspect shows the manifest of the image under the cursor.
func (s *Screen) inspect() screen.Out {
	img, ok := s.current()
	if !ok {
		return screen.Out{}
	}
	body, err := json.MarshalIndent(img.Manifest, "", "  ")
	if err != nil {
		return screen.Say(screen.Notice{Text: err.Error(), Wrong: true})
	}
	return screen.Say(screen.Ask{Dialog: dialog.NewText(label(img), img.ID+"\n\n"+string(body))})
}

// shortID is an ID with the 12 digits of listings.
func shortID(id string) string {
	const short = len("sha512-") + 12
	if len(id) <= short {
		return id
	}
	return id[:short]
}
