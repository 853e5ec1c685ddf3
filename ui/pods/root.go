package pods

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/console"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// Roots is what it takes to look into the root of an app that has ended.
type Roots interface {
	PodSpec(uuid string) (spec.Pod, error)
	ExportPod(ctx context.Context, uuid, app string, w io.Writer, left func(path string)) (id string, err error)
	Images() ([]engine.Entry, error)
	Import(ctx context.Context, reference string, r io.Reader, size int64, sink event.Sink) (engine.Image, error)
	RemoveImage(id string) error
	RemovePod(uuid string) error
	console.Runner
}

// copyOf is the root of an app that has ended, of which a copy is wanted: to run a
// shell in, or as a file.
type copyOf struct {
	uuid, app string
	label     string
	argv      []string // what runs in it; nil: it is to be saved
	chosen    bool     // what is wanted of it has been said
}

// rootSaved is how saving one went.
type rootSaved struct {
	copyOf
	path string
	err  error
}

// savePath is the file that a root is to be saved to.
type savePath struct {
	copyOf
	path string
}

// leftCopy is how a visit in a copy has ended.
type leftCopy struct {
	copyOf
	status int
	err    error
}

// askRoot offers what can be had of the root of an app that has ended: nothing can be
// run in the root itself, which is what it is because nobody changes it any more.
func (s *Screen) askRoot(p *pod, app string) screen.Out {
	apps := stages.AppNames(p.Status)
	if app != "" || len(apps) == 1 {
		apps = []string{apps[max(slices.Index(apps, app), 0)]}
	}
	label := stages.PodLabel(p.Status)
	if len(apps) > 1 {
		return screen.Say(screen.Ask{Dialog: &dialog.Choice{
			Title: "Whose root, of " + label + "?", Among: apps,
			Answer: func(i int) tea.Msg { return copyOf{uuid: p.UUID, app: apps[i], label: label} },
		}})
	}
	return s.offerCopy(copyOf{uuid: p.UUID, app: apps[0], label: label})
}

func (s *Screen) offerCopy(c copyOf) screen.Out {
	c.chosen = true
	save, shell := c, c
	shell.argv = []string{"/bin/sh"}
	d := dialog.NewConfirm(s.env.Now(), "Look into the root of "+c.app+"?", "a shell in a copy", shell,
		c.label+" has ended, and the root of "+c.app+" is as it was left.",
		"A shell runs in a copy of it, in a pod of its own, with the app's user and limits, and without the pod's volumes, networks and files of the host. The copy goes with the shell.")
	d.Also, d.Else = "save it as an image", save
	return screen.Say(screen.Ask{Dialog: d})
}

// takeCopy does what was answered.
func (s *Screen) takeCopy(c copyOf) screen.Out {
	p := s.find(c.uuid)
	switch {
	case p == nil:
		return screen.Say(screen.Notice{Text: "the pod is gone"})
	case p.State != poddir.Exited:
		return screen.Say(screen.Notice{Text: c.label + " is " + string(p.State)})
	case c.argv == nil:
		return screen.Say(screen.Ask{Dialog: c.savePrompt()})
	}
	status := 0
	return screen.Say(screen.Terminal{
		Run: func(ctx context.Context, stdin io.Reader, stdout io.Writer) (err error) {
			status, err = c.visit(ctx, s.engine, stdin, stdout)
			return err
		},
		Done: func(err error) tea.Msg { return leftCopy{c, status, err} },
	})
}

func (s *Screen) takeLeftCopy(m leftCopy) screen.Out {
	switch {
	case errors.Is(m.err, context.Canceled):
		return screen.Say(screen.Notice{Text: "nothing is left of the copy"})
	case m.err != nil:
		return screen.Say(screen.Notice{Text: "a copy of " + m.app + ": " + m.err.Error(), Wrong: true})
	}
	return screen.Say(screen.Notice{Text: "left the copy of " + m.app + ", which is gone"})
}

// visit copies the root into an image, runs a shell in a pod of it, and takes both away
// again.
func (c copyOf) visit(ctx context.Context, e Roots, stdin io.Reader, stdout io.Writer) (int, error) {
	in, isIn := stdin.(*os.File)
	out, isOut := stdout.(*os.File)
	if !isIn || !isOut {
		return 0, errors.New("there is no terminal to give away")
	}
	fmt.Fprintf(out, "podtui: copying the root of %s (ctrl-c gives up)\n", text.Escape(c.app))
	image, mine, err := c.image(ctx, e)
	if err != nil {
		return 0, err
	}
	if mine {
		defer func() { _ = e.RemoveImage(image) }()
	}
	pod, err := c.pod(e, image)
	if err != nil {
		return 0, err
	}
	uuid, status, err := console.Terminal{In: in, Out: out, Err: out}.Run(ctx, e, pod, engine.RunOptions{Unverified: map[string]string{image: ""}})
	if uuid != "" {
		err = errors.Join(err, e.RemovePod(uuid))
	}
	return status, err
}

// image makes an image of the root, and tells whether it is there because of that: one
// that equals it, and was there before, is somebody else's.
func (c copyOf) image(ctx context.Context, e Roots) (id string, mine bool, err error) {
	ctx, stop := signal.NotifyContext(ctx, unix.SIGINT)
	defer stop()
	before, err := e.Images()
	if err != nil {
		return "", false, err
	}
	from, to := io.Pipe()
	packed := make(chan struct{})
	go func() {
		defer close(packed)
		_, err := e.ExportPod(ctx, c.uuid, c.app, to, skip)
		to.CloseWithError(err)
	}()
	image, err := e.Import(ctx, "the root of "+c.app, from, 0, nil)
	from.CloseWithError(errors.Join(err, io.ErrClosedPipe))
	<-packed
	if err != nil {
		return "", false, err
	}
	return image.ID, !slices.ContainsFunc(before, func(e engine.Entry) bool { return e.ID == image.ID }), nil
}

// pod is the one that the shell runs in. What the app was given of the host stays out
// of it: what is typed there must not change that.
func (c copyOf) pod(e Roots, image string) (spec.Pod, error) {
	was, err := e.PodSpec(c.uuid)
	if err != nil {
		return spec.Pod{}, err
	}
	app := spec.App{}
	for _, a := range was.Apps {
		if a.Name == c.app || len(was.Apps) == 1 {
			app = spec.App{User: a.User, Group: a.Group, Env: a.Env, Memory: a.Memory, CPU: a.CPU, PIDs: a.PIDs}
		}
	}
	app.Image, app.Name, app.Exec, app.Args = image, c.app, c.argv[0], c.argv[1:]
	return spec.Pod{Interactive: true, Apps: []spec.App{app}, Network: spec.Network{Names: []string{"none"}}}, nil
}

func (c copyOf) savePrompt() *dialog.Prompt {
	name := strings.ReplaceAll(c.app, "/", "_")
	return &dialog.Prompt{
		Title:  "Save the root of " + c.app + " to which file?",
		Body:   []string{"As an image (ACI), with what the app changed, as podtui export writes it. What is on volumes is not in it."},
		Offers: []string{"./" + name + ".aci", "/tmp/" + name + ".aci"},
		Answer: func(typed string) tea.Msg { return savePath{c, typed} },
	}
}

func (s *Screen) takeSavePath(m savePath) screen.Out {
	return screen.Do(func() tea.Msg { return rootSaved{m.copyOf, m.path, m.save(s.ctx, s.engine)} })
}

// save writes the root to a new file, all of it or nothing.
func (m savePath) save(ctx context.Context, e Roots) error {
	file, err := os.OpenFile(m.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = e.ExportPod(ctx, m.uuid, m.app, file, skip)
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(m.path)
	}
	return err
}

func (s *Screen) takeRootSaved(m rootSaved) screen.Out {
	if m.err != nil {
		return screen.Say(screen.Ask{
			Dialog: m.savePrompt().Refused(m.path, m.err.Error()), Unasked: true,
			Else: screen.Notice{Text: m.err.Error(), Wrong: true},
		})
	}
	return screen.Say(screen.Notice{Text: "the root of " + m.app + " is saved to " + m.path})
}

// skip takes the paths of what no archive can hold: sockets and the like, which are
// nothing in a copy either.
func skip(string) {}
