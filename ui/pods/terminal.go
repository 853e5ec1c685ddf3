package pods

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/console"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// visit is a terminal that is handed over: to an app (attach), or to a program
// beside it (enter).
type visit struct {
	action    keymap.Action
	uuid, app string
	argv      []string // of the program; empty: a shell
	input     bool     // the app has one
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
	var visits []visit
	for _, one := range p.Apps {
		if (app == "" || one.Name == app) && one.Exit == nil && one.Next.IsZero() {
			apps = append(apps, one.Name)
			visits = append(visits, visit{action: a, uuid: p.UUID, app: one.Name, input: one.Input})
		}
	}
	label := stages.PodLabel(p.Status)
	switch {
	case p.State == poddir.Exited && !p.start && a == keymap.PodEnter && len(p.Apps) > 0:
		return s.askRoot(p, app)
	case p.State != poddir.Running || p.start:
		return screen.Say(screen.Notice{Text: label + " does not run"})
	case len(apps) == 0 && app != "":
		return screen.Say(screen.Notice{Text: app + " does not run now"})
	case len(apps) == 0:
		return screen.Say(screen.Notice{Text: "no app of " + label + " runs now"})
	case len(apps) == 1:
		return s.visit(visits[0])
	}
	_, does := s.env.Keys.Hint(a)
	return screen.Say(screen.Ask{Dialog: &dialog.Choice{
		Title: does + ": which app of " + label + "?", Among: apps,
		Answer: func(i int) tea.Msg { return appAnswer{visits[i]} },
	}})
}

func (s *Screen) takeApp(m appAnswer) screen.Out { return s.visit(m.visit) }

// visit gives the terminal away, and takes it back.
func (s *Screen) visit(v visit) screen.Out {
	status := 0
	return screen.Say(screen.Terminal{
		Pod: v.uuid,
		Run: func(ctx context.Context, stdin io.Reader, stdout io.Writer) (err error) {
			status, err = v.run(ctx, s.engine, stdin, stdout)
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
	case errors.Is(m.err, context.Canceled): // podtui ends
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

// run does it, on the terminal.
func (v visit) run(ctx context.Context, e Engine, stdin io.Reader, stdout io.Writer) (int, error) {
	in, isIn := stdin.(*os.File)
	out, isOut := stdout.(*os.File)
	if !isIn || !isOut {
		return 0, errors.New("there is no terminal to give away")
	}
	terminal := console.Terminal{In: in, Out: out, Err: out}
	if v.action == keymap.PodEnter {
		return terminal.Enter(ctx, e, v.uuid, engine.EnterOptions{App: v.app, Argv: v.argv})
	}
	if !v.input {
		fmt.Fprintf(out, "podtui: %s was started without an input: only what it writes is shown\n", text.Escape(v.app))
	}
	return terminal.Attach(ctx, e, v.uuid, engine.AttachOptions{App: v.app, Input: v.input})
}
