package compose

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// pasted is a pod that somebody has pasted, as a command line or as a pod manifest.
type pasted struct {
	pod    spec.Pod
	beside []string // what becomes of what is no part of it, in sentences
}

// manifestRead is the answer about the manifest's file that a pasted line names.
type manifestRead struct {
	pasted
	err error
}

// takePasted makes a form of what was pasted while no field was open. What is wrong with it
// is said, and nothing changes.
func (s *Screen) takePasted(content string) screen.Out {
	if strings.HasPrefix(strings.TrimSpace(content), "{") {
		pod, err := spec.FromManifest([]byte(content))
		if err != nil {
			return notPasted(err)
		}
		pod.ManifestFile = "-"
		return s.offerPasted(pasted{pod: pod})
	}
	line, err := spec.ReadLine(content)
	if err != nil {
		return notPasted(err)
	}
	p := pasted{line.Pod, s.aside(line)}
	switch line.Pod.ManifestFile {
	case "":
		return s.offerPasted(p)
	case "-":
		return notPasted(errors.New("--pod-manifest=- is what its caller types; paste the manifest itself"))
	}
	return screen.Do(func() tea.Msg {
		data, err := readManifest(p.pod.ManifestFile)
		if err == nil {
			p.pod, err = p.pod.WithManifest(data)
		}
		return manifestRead{p, err}
	})
}

func notPasted(err error) screen.Out {
	return screen.Say(screen.Notice{Text: "not taken: " + err.Error(), Wrong: true})
}

// readManifest reads a file that somebody named. What is no file could have no end.
func readManifest(name string) ([]byte, error) {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("--pod-manifest=%s: there is no such file here", name)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("--pod-manifest: %w", err)
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, spec.MaxManifest+1))
}

func (s *Screen) takeManifestRead(m manifestRead) screen.Out {
	if m.err != nil {
		return notPasted(m.err)
	}
	return s.offerPasted(m.pasted)
}

// offerPasted says what the pasted pod replaces. An empty form is no loss.
func (s *Screen) offerPasted(p pasted) screen.Out {
	switch {
	case s.editing != nil:
		return notPasted(errors.New("a field is open"))
	case same(s.draft.pod, p.pod):
		return screen.Say(screen.Notice{Text: "the form is that pod already"})
	case same(s.draft.pod, spec.Pod{}):
		return s.replacePasted(p)
	}
	undo, _ := s.env.Keys.Hint(keymap.ComposeUndo)
	body := append([]string{s.replaced(p.pod), undo + " brings back what is there now."}, p.beside...)
	return screen.Say(screen.Ask{
		Dialog:  dialog.NewConfirm(s.env.Now(), "Put the pasted pod into the form?", "replace", p, body...),
		Unasked: true, Else: screen.Notice{Text: "what was pasted was not taken: something else came up", Wrong: true},
	})
}

// replaced tells what goes and what comes, by their apps.
func (s *Screen) replaced(pod spec.Pod) string {
	list := func(p *spec.Pod) string {
		var names []string
		for _, app := range p.Apps {
			names = append(names, text.Escape(firstOf(app.Name, app.ImageName, app.Image)))
		}
		const most = 3
		if n := len(names); n > most {
			names = append(names[:most], fmt.Sprintf("%d more", n-most))
		}
		if len(names) == 0 {
			return "a pod without an app"
		}
		return strings.Join(names, ", ")
	}
	return "It has " + list(&pod) + ", and takes the place of " + list(&s.draft.pod) + "."
}

func firstOf(values ...string) string {
	i := slices.IndexFunc(values, func(v string) bool { return v != "" })
	return values[max(i, 0)]
}

// replacePasted is one change, which can be undone. Undoing ends with the program, so
// what was there is told, too.
func (s *Screen) replacePasted(p pasted) screen.Out {
	s.written = nil
	out := s.Replace(drafts.Draft{Pod: p.pod})
	undo, _ := s.env.Keys.Hint(keymap.ComposeUndo)
	notice := screen.Notice{Text: strings.Join(append([]string{"the form is the pasted pod; " + undo + " takes it back"}, p.beside...), " · ")}
	if lost, ok := out.Wish.(Replaced); ok {
		lost.Notice = notice
		out.Wish = lost
	} else {
		out.Wish = notice
	}
	return out
}

// aside tells what becomes of what stands in a line beside its pod. What is of no use here,
// such as --batch, or is so here already, is nothing to tell.
func (s *Screen) aside(line spec.Line) []string {
	var told, called, set []string
	if line.Verb == "prepare" {
		told = append(told, "Not prepare, which runs nothing: a pod of the form is run.")
	}
	for _, b := range line.Beside {
		switch {
		case b.Variable():
			set = append(set, b.String())
		case slices.Contains([]string{"--batch", "--output", "--debug", "--detach", "--dry-run"}, b.Name), slices.Contains(s.options.Command, b.String()):
		case b.Name == "--uuid-file-save":
			told = append(told, "Not "+b.String()+": that goes with --batch.")
		case b.Name == "--insecure-skip-verify" || b.Name == "--insecure-options" && b.Value == "image":
			if !s.options.AllowUnverified {
				told = append(told, "Not "+b.String()+": the form asks about each image that nobody vouches for.")
			}
		default:
			called = append(called, b.String())
		}
	}
	if len(called) > 0 {
		told = append(told, "Not "+strings.Join(called, ", ")+": that is said when podtui is called.")
	}
	switch {
	case len(set) > 0 && line.Pod.InheritEnv:
		told = append(told, "Not "+strings.Join(set, ", ")+": apps inherit the environment of this podtui.")
	case len(set) > 0:
		told = append(told, "Not "+strings.Join(set, ", ")+", of podtui's own environment.")
	}
	return told
}

// askPaste is the way for who has no key that pastes, or pastes something on several lines
// where the terminal would take each for a key.
func (s *Screen) askPaste() screen.Out {
	return screen.Say(screen.Ask{Dialog: &dialog.Paste{
		Title:  "Paste or type a command line, or a pod manifest",
		Body:   []string{"A line of podtui or of rkt becomes the form, with sudo or a prompt in front, too. So does an appc pod manifest."},
		Answer: func(content string) tea.Msg { return tea.PasteMsg{Content: content} },
	}})
}
