package pods

import (
	"errors"
	"io"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

// visit is a terminal that is handed over: to an app (attach), or to a program
// beside it (enter).
type visit struct {
	action    keymap.Action
	uuid, app string
	argv      []string
}

// appAnswer says which app is meant.
type appAnswer struct{ visit }

// commandAnswer is the program that shall run where there is no shell.
type commandAnswer struct {
	visit
	typed string
}

// left is how a visit has ended.
type left struct {
	visit
	status int
	err    error
}

// terminal hands the terminal over to an app of a pod, or a program beside it. Of
// several apps it asks which.
func (s *Screen) terminal(a keymap.Action, p *pod, app string) screen.Out {
	var apps []string
	for _, one := range p.Apps {
		if (app == "" || one.Name == app) && one.Exit == nil && one.Next.IsZero() {
			apps = append(apps, one.Name)
		}
	}
	label := stages.PodLabel(p.Status)
	switch {
	case p.State != poddir.Running || p.start:
		return screen.Say(screen.Notice{Text: label + " does not run"})
	case len(apps) == 0 && app != "":
		return screen.Say(screen.Notice{Text: app + " does not run now"})
	case len(apps) == 0:
		return screen.Say(screen.Notice{Text: "no app of " + label + " runs now"})
	case len(apps) == 1:
		return s.visit(visit{a, p.UUID, apps[0], nil})
	}
	_, does := s.env.Keys.Hint(a)
	return screen.Say(screen.Ask{Dialog: &dialog.Choice{
		Title: does + ": which app of " + label + "?", Among: apps,
		Answer: func(i int) tea.Msg { return appAnswer{visit{a, p.UUID, apps[i], nil}} },
	}})
}

func (s *Screen) takeApp(m appAnswer) screen.Out { return s.visit(m.visit) }

// visit gives the terminal away, and takes it back.
func (s *Screen) visit(v visit) screen.Out {
	status := 0
	return screen.Say(screen.Terminal{
		Run: func(stdin io.Reader, stdout io.Writer) (err error) {
			status, err = s.enterOrAttach(v, stdin, stdout)
			return err
		},
		Done: func(err error) tea.Msg { return left{v, status, err} },
	})
}

// takeLeft says how it ended. Where an app has no shell, something else of it can
// be run.
func (s *Screen) takeLeft(m left) screen.Out {
	name := m.app
	if p := s.find(m.uuid); p != nil && p.Name != "" {
		name = p.Name + "/" + m.app
	}
	var none *engine.NoShellError
	switch {
	case errors.As(m.err, &none):
		return screen.Say(screen.Ask{Dialog: s.askCommand(m.visit, none)})
	case errors.Is(m.err, engine.ErrDetached):
		return screen.Say(screen.Notice{Text: "detached: " + name + " goes on"})
	case m.err != nil:
		return screen.Say(screen.Notice{Text: name + ": " + m.err.Error(), Wrong: true})
	case m.action == keymap.PodAttach:
		return screen.Say(screen.Notice{Text: name + " " + stages.Ending(&m.status, "")})
	case m.status != 0:
		return screen.Say(screen.Notice{Text: "left " + name + ": status " + strconv.Itoa(m.status)})
	}
	return screen.Out{}
}

func (s *Screen) askCommand(v visit, none *engine.NoShellError) dialog.Dialog {
	d := &dialog.Prompt{
		Title: v.app + " has no shell. Which program shall run in it?", Offers: none.Executables,
		Check:  checkWords,
		Answer: func(typed string) tea.Msg { return commandAnswer{v, typed} },
	}
	if len(none.Executables) > 0 {
		d.Body = []string{"These are there:"}
	}
	return d
}

// checkWords refuses a command whose end is missing.
func checkWords(typed string) error {
	if _, open := field.Words(typed); open {
		return errors.New("a quotation is not closed")
	}
	return nil
}

func (s *Screen) takeCommand(m commandAnswer) screen.Out {
	m.argv, _ = field.Words(m.typed)
	return s.visit(m.visit)
}

// enterOrAttach does it, with the terminal.
func (s *Screen) enterOrAttach(v visit, stdin io.Reader, stdout io.Writer) (int, error) {
	return 0, errors.New("not there yet")
}
