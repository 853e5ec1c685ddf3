package compose

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/theme"
)

// reader is a form that runs an image of which nothing was read yet.
func reader(t *testing.T) (s *Screen, read tea.Msg) {
	t.Helper()
	image := enginetest.ScriptedImage("example.com/worker", "1.0", "9f", nil)
	env := &screen.Env{Theme: theme.New(theme.Plain), Keys: keymap.Default(), Now: time.Now}
	pod := spec.Pod{Apps: []spec.App{{Image: "example.com/worker", Exec: "/bin/worker"}}}
	s = New(t.Context(), env, enginetest.NewScripted(image), pod, Options{AllowUnverified: true})
	s.Update(s.find(question{"example.com/worker", ""})())
	look := s.SetImages([]engine.Entry{image.Entry()})
	batch, ok := look().(tea.BatchMsg)
	if !ok {
		return s, look()
	}
	return s, batch[0]()
}

var pressRun = tea.KeyPressMsg{Code: 'r', Text: "r"}

func TestRunWaitsForTheImageToBeRead(t *testing.T) {
	s, read := reader(t)
	if notice, ok := s.Update(pressRun).Wish.(screen.Notice); !ok || notice.Wrong {
		t.Fatalf("it should say that it waits, not %+v", notice)
	}
	if run, ok := s.Update(read).Wish.(Run); !ok || len(run.Pod.Apps) != 1 {
		t.Errorf("it should run: %+v", run)
	}
}

func TestWhatHasWaitedDoesNotRunOnceSomethingElseIsDone(t *testing.T) {
	for name, change := range map[string]func(*Screen){
		"another key":    func(s *Screen) { s.Update(tea.KeyPressMsg{Code: tea.KeyDown}) },
		"another screen": (*Screen).Hide,
	} {
		s, read := reader(t)
		s.Update(pressRun)
		change(s)
		if wish := s.Update(read).Wish; wish != nil {
			t.Errorf("%s: %+v", name, wish)
		}
	}
}

func TestWhatWasApprovedRunsIfNothingElseIsDone(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(*Screen)
		runs      bool
	}{
		"waiting":        {func(*Screen) {}, true},
		"another key":    {func(s *Screen) { s.Update(tea.KeyPressMsg{Code: tea.KeyDown}) }, false},
		"another screen": {(*Screen).Hide, false},
	} {
		s, read := reader(t)
		s.options.AllowUnverified = false
		s.Update(read)
		ask, ok := s.Update(pressRun).Wish.(screen.Ask)
		if !ok {
			t.Fatalf("%s: nothing is asked", name)
		}
		work := s.Update(ask.Dialog.(*dialog.Confirm).Else).Cmd
		c.meanwhile(s)
		out := s.Update(work())
		looked := s.Update(out.Cmd())
		if _, runs := looked.Wish.(Run); runs != c.runs {
			t.Errorf("%s: %+v, then %+v", name, out.Wish, looked.Wish)
		}
	}
}

func TestAnImageIsCalledByItsNameUnlessAnotherHasIt(t *testing.T) {
	image := enginetest.ScriptedImage("example.com/worker", "1.0", "9f", nil).Entry()
	twin := enginetest.ScriptedImage("example.com/worker", "1.0", "a0", nil).Entry()
	for _, c := range []struct {
		store []engine.Entry
		named bool
	}{
		{nil, true}, // it has just come
		{[]engine.Entry{image}, true},
		{[]engine.Entry{image, twin}, false},
		{[]engine.Entry{twin}, false},
	} {
		s := &Screen{store: c.store}
		if got := s.reference(image); (got == "example.com/worker:1.0") != c.named {
			t.Errorf("beside %d images it is called %s", len(c.store), got)
		}
	}
}
