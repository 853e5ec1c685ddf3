package images

import (
	"errors"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// removeAnswer is the user's yes.
type removeAnswer struct{ images []engine.Entry }

// removed is the store's answer.
type removed struct {
	images []engine.Entry // that are gone
	err    error          // why others are not
}

// askRemove asks before images go, and names them.
func (s *Screen) askRemove() screen.Out {
	chosen := s.chosen()
	switch len(chosen) {
	case 0:
		return screen.Out{}
	case 1:
		img := chosen[0]
		return screen.Say(screen.Ask{Dialog: dialog.NewConfirm(s.env.Now(),
			"Remove "+label(img)+"?", "remove", removeAnswer{chosen},
			fmt.Sprintf("%s, %s. It can be fetched or added again.", shortID(img.ID), text.Bytes(img.Size)),
		)})
	}
	var size int64
	for _, img := range chosen {
		size += img.Size
	}
	return screen.Say(screen.Ask{Dialog: dialog.NewConfirm(s.env.Now(),
		"Remove "+text.Count(len(chosen), "image")+"?", "remove", removeAnswer{chosen},
		append(labelsOf(chosen), "", text.Bytes(size)+" together, less what others share. They can be fetched or added again.")...,
	)})
}

// labelsOf are images in a question, a line each, and not more than can be read.
func labelsOf(images []engine.Entry) []string {
	const most = 8
	var lines []string
	for i, img := range images {
		if i == most-1 && len(images) > most {
			return append(lines, "and "+text.Number(len(images)-i)+" more")
		}
		lines = append(lines, label(img))
	}
	return lines
}

// remove returns the work. What stands in the way of one is no matter for the others.
func (s *Screen) remove(images []engine.Entry) tea.Cmd {
	return func() tea.Msg {
		var m removed
		var errs []error
		for _, img := range images {
			if s.ctx.Err() != nil {
				break
			}
			if err := s.engine.RemoveImage(img.ID); err != nil {
				errs = append(errs, err)
				continue
			}
			m.images = append(m.images, img)
		}
		if m.err = errors.Join(errs...); len(errs) > 1 {
			m.err = fmt.Errorf("%d images could not be removed: %w", len(errs), errs[0])
		}
		return m
	}
}

func (s *Screen) takeRemoved(m removed) screen.Out {
	var out screen.Out
	for _, img := range m.images {
		delete(s.marked, img.ID)
	}
	if len(m.images) > 0 {
		out.Cmd = s.Load()
	}
	switch {
	case m.err != nil:
		out.Wish = screen.Notice{Text: m.err.Error(), Wrong: true}
	case len(m.images) == 1:
		out.Wish = screen.Notice{Text: "removed " + label(m.images[0])}
	default:
		out.Wish = screen.Notice{Text: "removed " + text.Count(len(m.images), "image")}
	}
	return out
}

// shortID is an ID with the 12 digits of listings.
func shortID(id string) string {
	const short = len("sha512-") + 12
	if len(id) <= short {
		return id
	}
	return id[:short]
}
