package watch

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

// stopAnswer is the user's yes to stopping the pod.
type stopAnswer struct {
	of    *Screen
	force bool
}

// AskStop asks whether the pod, or its start, shall be stopped.
func (s *Screen) AskStop() screen.Out {
	ask := func(title, action string, force bool, body string) screen.Out {
		return screen.Say(screen.Ask{Dialog: dialog.NewConfirm(s.env.Now(), title, action, stopAnswer{s, force}, body)})
	}
	switch {
	case s.ended:
		return screen.Say(screen.Notice{Text: "it has ended"})
	case s.Prepared():
		return screen.Say(screen.Notice{Text: "it does not run yet"})
	case s.halted:
		return screen.Say(screen.Notice{Text: "it is being stopped"})
	case s.starting:
		return ask("Stop starting "+s.Name()+"?", "stop", false, "It does not run then. What was downloaded is kept, and the form stays as it is.")
	case s.stopping:
		return ask("Kill "+s.label()+" now?", "kill", true, "Its apps have been asked to end, and are killed if they don't.")
	}
	return ask("Stop "+s.label()+"?", "stop", false, "Its apps are asked to end, and killed if they don't. Logs stay.")
}

// stop does what was asked.
func (s *Screen) stop(force bool) screen.Out {
	if s.Halt() || s.starting || s.ended {
		return screen.Out{}
	}
	s.stopping = true
	s.env.Stop(s.uuid, true)
	return screen.Do(func() tea.Msg {
		return stopped{s, s.engine.StopPod(s.ctx, s.uuid, engine.StopOptions{Force: force})}
	})
}

// label names the pod where a question does.
func (s *Screen) label() string {
	switch {
	case s.uuid == "":
		return s.Name()
	case s.Name() == "":
		return "pod " + stages.ShortUUID(s.uuid)
	}
	return fmt.Sprintf("%s (%s)", s.Name(), stages.ShortUUID(s.uuid))
}
