package images_test

import (
	"context"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/images"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/theme"
	"github.com/podtui/podtui/ui/uitest"
)

// looking is an engine that tells which images were read.
type looking struct {
	*enginetest.Scripted
	read []string
}

func (l *looking) Image(id string) (engine.Image, error) {
	l.read = append(l.read, id)
	return l.Scripted.Image(id)
}

// A listing reads no image; the one under the cursor is read beside the loop,
// and what comes back for one that the cursor has left is dropped.
func TestOnlyTheImageUnderTheCursorIsRead(t *testing.T) {
	samples := uitest.Samples()
	e := &looking{Scripted: enginetest.NewScripted(samples...)}
	env := &screen.Env{Theme: theme.New(theme.Plain), Keys: keymap.Default(), Now: func() time.Time { return uitest.Noon }}
	s := images.New(context.Background(), env, e)

	first := s.Update(s.Load()()).Cmd
	if first == nil || len(e.read) != 0 {
		t.Fatalf("read in an update, or nothing to read: %q", e.read)
	}
	second := s.Update(uitest.Key("j")).Cmd
	late := answers(first)
	give(s, answers(second))
	if len(e.read) != 2 {
		t.Fatalf("read %q", e.read)
	}
	shown := s.Draw(80, 24)
	give(s, late)
	if s.Draw(80, 24) != shown {
		t.Errorf("an image that the cursor has left is shown:\n%s", s.Draw(80, 24))
	}
	give(s, answers(s.Update(uitest.Key("k")).Cmd))
	give(s, answers(s.Update(s.Load()()).Cmd))
	if len(e.read) != 3 {
		t.Errorf("an image that did not change is read again: %q", e.read)
	}
	give(s, answers(s.Update(uitest.Key("j")).Cmd)) // of one that nobody vouches for the reason may change
	if give(s, answers(s.Update(s.Load()()).Cmd)); len(e.read) != 5 {
		t.Errorf("read %q", e.read)
	}
}

// answers does work, and returns what it leads to.
func answers(work tea.Cmd) []tea.Msg {
	if work == nil {
		return nil
	}
	msg := work()
	batch, ok := msg.(tea.BatchMsg)
	if !ok {
		return []tea.Msg{msg}
	}
	var all []tea.Msg
	for _, cmd := range batch {
		all = append(all, answers(cmd)...)
	}
	return all
}

// give hands messages to a screen, and returns what it wishes.
func give(s *images.Screen, msgs []tea.Msg) screen.Wish {
	var wish screen.Wish
	for _, msg := range msgs {
		if w := s.Update(msg).Wish; w != nil {
			wish = w
		}
	}
	return wish
}

// Who asks for a manifest before it was read sees it once it is.
func TestInspectWaitsForTheImage(t *testing.T) {
	env := &screen.Env{Theme: theme.New(theme.Plain), Keys: keymap.Default(), Now: func() time.Time { return uitest.Noon }}
	s := images.New(context.Background(), env, enginetest.NewScripted(uitest.Samples()...))
	read := s.Update(s.Load()()).Cmd
	if out := s.Update(inspectKey(env.Keys)); out.Wish != nil {
		t.Fatalf("a manifest that was not read: %v", out.Wish)
	}
	if give(s, answers(read)) == nil {
		t.Error("the manifest was asked for, and is not shown")
	}
	if out := s.Update(inspectKey(env.Keys)); out.Wish == nil {
		t.Error("the manifest is there, and is not shown at once")
	}
}

func inspectKey(keys *keymap.Map) tea.KeyPressMsg {
	for _, b := range keys.Bindings() {
		if b.Action == keymap.ImagesInspect {
			return uitest.Key(b.Keys()[0])
		}
	}
	return tea.KeyPressMsg{}
}
