// Package podroot opens the root of a pod's app, and copies to it and from it.
// A running app's root is what the app sees, with its volumes; that of an app
// that has ended is stacked once more, to be read.
//
// A root is an app's: whatever is in it, and however it changes meanwhile, no
// path leads out of it. Which pod and which app are meant, and that the pod stays
// as it is, is for the engine.
package podroot

import (
	"fmt"
	"os"
	"slices"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/podroot/treecopy"
	"github.com/podtui/podtui/engine/sandbox"
)

// Root is an open root.
type Root struct {
	top   *os.File
	app   string
	owner treecopy.Owner // of what is made there
	users sandbox.Users  // who the files are of, if not the host's
}

// OfRunning opens the root of an app that runs.
func OfRunning(dir *poddir.Dir, app poddir.AppStatus) (*Root, error) {
	top, err := sandbox.OpenRoot(dir.Sandbox(), dir.UUID, app.Name)
	if err != nil {
		return nil, fmt.Errorf("app %q: %w", app.Name, err)
	}
	ids, err := dir.IDs()
	if err != nil {
		top.Close()
		return nil, err
	}
	users := sandbox.Users(ids)
	return &Root{top, app.Name, treecopy.Owner{UID: users.Host(app.UID), GID: users.Host(app.GID)}, users}, nil
}

// OfEnded opens the root that an app has left in a pod that the caller owns, on
// the layers of its image.
func OfEnded(dir *poddir.Dir, app string, layers []string) (*Root, error) {
	if _, err := os.Lstat(dir.AppUpper(app)); err != nil {
		return nil, noRoot(dir, app)
	}
	top, err := openEnded(dir, app, layers)
	if err != nil {
		return nil, fmt.Errorf("app %q: %w", app, err)
	}
	return &Root{top: top, app: app}, nil
}

// noRoot says why an app has none. A folder with the mark of a copy, or of an app that
// has run, had one: its supervisor was killed between two.
func noRoot(dir *poddir.Dir, app string) error {
	status, err := dir.Status()
	if err != nil {
		return err
	}
	ran := slices.ContainsFunc(status.Apps, func(a poddir.AppStatus) bool { return a.Name == app && !a.Started.IsZero() })
	if copied, err := dir.IsCopied(app); err == nil && !copied && !ran {
		return fmt.Errorf("app %q was never started, and has no root", app)
	}
	return fmt.Errorf("app %q has no root: its supervisor was killed while it made a clean one; restart the pod, and it has one again", app)
}

func openEnded(dir *poddir.Dir, app string, layers []string) (*os.File, error) {
	ids, err := dir.IDs()
	if err != nil {
		return nil, err
	}
	users, upper := sandbox.Users(ids), dir.AppUpper(app)
	copied, err := dir.IsCopied(app)
	switch {
	case err != nil:
		return nil, err
	case copied:
		return sandbox.OpenCopy(users, upper)
	}
	return sandbox.Stack(users, slices.Concat([]string{upper}, layers))
}

// Path is a path by which this process finds the root.
func (r *Root) Path() string { return fmt.Sprintf("/proc/self/fd/%d/.", r.top.Fd()) }

// Close lets go of the root.
func (r *Root) Close() error { return r.top.Close() }
