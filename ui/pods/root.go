package pods

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

// Roots is what it takes to save the root of an app that has ended.
type Roots interface {
	ExportPod(ctx context.Context, uuid, app string, w io.Writer, left func(path string)) (id string, err error)
}

// rootOf is the root of an app that has ended, which is wanted as a file.
type rootOf struct {
	uuid, app string
	label     string // of the pod
}

// savePath is the file that a root is to be saved to.
type savePath struct {
	rootOf
	path string
}

// rootSaved is how saving one went.
type rootSaved struct {
	savePath
	err error
}

// askRoot offers what can be had of the root of an app that has ended: nothing runs in
// it any more, so it becomes an image, which can be looked into and run like any other.
func (s *Screen) askRoot(p *pod, app string) screen.Out {
	apps := stages.AppNames(p.Status)
	if app != "" || len(apps) == 1 {
		apps = []string{apps[max(slices.Index(apps, app), 0)]}
	}
	label := stages.PodLabel(p.Status)
	if len(apps) > 1 {
		return screen.Say(screen.Ask{Dialog: &dialog.Choice{
			Title: "Save whose root, of " + label + "?", Among: apps,
			Answer: func(i int) tea.Msg { return rootOf{p.UUID, apps[i], label} },
		}})
	}
	return s.takeRoot(rootOf{p.UUID, apps[0], label})
}

func (s *Screen) takeRoot(r rootOf) screen.Out {
	return screen.Say(screen.Ask{Dialog: r.prompt()})
}

func (r rootOf) prompt() *dialog.Prompt {
	name := strings.ReplaceAll(r.app, "/", "_")
	return &dialog.Prompt{
		Title: "Save the root of " + r.app + " to which file?",
		Body: []string{
			r.label + " has ended, and nothing runs in its roots any more.",
			"As an image (ACI), with what the app changed, it can be looked into, and run. What is on volumes is not in it.",
		},
		Offers: []string{"./" + name + ".aci", "/tmp/" + name + ".aci"},
		Answer: func(typed string) tea.Msg { return savePath{r, typed} },
	}
}

func (s *Screen) takeSavePath(m savePath) screen.Out {
	return screen.Do(func() tea.Msg { return rootSaved{m, m.save(s.ctx, s.engine)} })
}

func (s *Screen) takeRootSaved(m rootSaved) screen.Out {
	if m.err != nil {
		return screen.Say(screen.Ask{
			Dialog: m.prompt().Refused(m.path, m.err.Error()), Unasked: true,
			Else: screen.Notice{Text: m.err.Error(), Wrong: true},
		})
	}
	return screen.Say(screen.Notice{Text: "the root of " + m.app + " is saved to " + m.path})
}

// save writes the root to a new file, all of it or nothing: it has another name until it
// is whole and safe on disk, so that no end of podtui leaves half an image.
func (m savePath) save(ctx context.Context, e Roots) error {
	if _, err := os.Lstat(m.path); err == nil { // before all of it is packed for nothing
		return exists(m.path)
	}
	file, err := os.CreateTemp(filepath.Dir(m.path), ".podtui-export-") // for its owner alone
	if err != nil {
		return fmt.Errorf("%s: %w", m.path, errors.Unwrap(err))
	}
	_, err = e.ExportPod(ctx, m.uuid, m.app, file, skip)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = name(file.Name(), m.path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}

// name gives a file its name, unless somebody else has that by now.
func name(file, path string) error {
	err := unix.Renameat2(unix.AT_FDCWD, file, unix.AT_FDCWD, path, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) { // not every file system can
		if err = unix.Link(file, path); err == nil {
			return os.Remove(file)
		}
	}
	switch {
	case errors.Is(err, unix.EEXIST):
		return exists(path)
	case err != nil:
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func exists(path string) error { return fmt.Errorf("%s exists, and is not replaced", path) }

// skip takes the paths of what no archive can hold: sockets and the like, which are
// nothing in an image either.
func skip(string) {}
