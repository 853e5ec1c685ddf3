package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/podroot"
	"github.com/podtui/podtui/engine/sandbox"
)

// PodPath is a path in an app's root.
type PodPath struct {
	Pod, App string // App "": the pod's only one
	Path     string
}

// CopyOptions say how something is copied, and who is told of what is not:
// devices, fifos and sockets, and what could not be read.
type CopyOptions = podroot.Options

// CopyFromPod copies a file or folder out of an app's root to a path of the host,
// as "cp -a" would, but for owners. No link of the app's leads out of its root,
// and nothing of the host is followed that the app could have named.
func (e *Engine) CopyFromPod(ctx context.Context, from PodPath, to string, o CopyOptions) error {
	return e.withRoot(ctx, from, func(_ *poddir.Dir, root *podroot.Root) error {
		return root.CopyOut(ctx, from.Path, to, o)
	})
}

// CopyToPod copies a file or folder of the host into a running app's root. What it
// makes belongs to the app's user. The root of an app that does not run is made
// anew when it does: nothing is copied there.
func (e *Engine) CopyToPod(ctx context.Context, from string, to PodPath, o CopyOptions) error {
	dir, status, n, err := e.app(to)
	if err != nil {
		return err
	}
	if status.State != poddir.Running {
		return fmt.Errorf("pod %s is %s: the root of an app is made anew when it starts, so only a running one can be copied to", dir.UUID, status.State)
	}
	if err := runs(status.Apps[n]); err != nil {
		return fmt.Errorf("pod %s: %w", dir.UUID, err)
	}
	if err := e.checkSource(from); err != nil {
		return err
	}
	root, err := podroot.OfRunning(dir, status.Apps[n])
	if err != nil {
		return fmt.Errorf("pod %s: %w", dir.UUID, err)
	}
	defer root.Close()
	return root.CopyIn(ctx, from, to.Path, o)
}

// checkSource refuses a folder that the pod's own is in: the copy would have to
// hold itself.
func (e *Engine) checkSource(from string) error {
	info, err := os.Lstat(from)
	if err != nil || !info.IsDir() {
		return nil //nolint:nilerr // who copies finds out, and says so
	}
	folder, err := filepath.Abs(from)
	if err == nil {
		folder, err = filepath.EvalSymlinks(folder)
	}
	if err != nil {
		return err
	}
	data, err := filepath.EvalSymlinks(e.pods())
	if err != nil {
		return err
	}
	if inside, err := filepath.Rel(folder, data); err == nil && inside != ".." && !strings.HasPrefix(inside, "../") {
		return fmt.Errorf("%s holds the pods of podtui, and is not copied into one", from)
	}
	return nil
}

// app finds a pod and one of its apps.
func (e *Engine) app(at PodPath) (*poddir.Dir, poddir.Status, int, error) {
	dir, err := e.find(at.Pod)
	if err != nil {
		return nil, poddir.Status{}, 0, err
	}
	status, err := dir.Status()
	if err != nil {
		return nil, poddir.Status{}, 0, err
	}
	n, err := status.ChooseApp(at.App)
	if err != nil {
		return nil, poddir.Status{}, 0, fmt.Errorf("pod %s: %w", dir.UUID, err)
	}
	return dir, status, n, nil
}

// withRoot does something with an app's root, which the app goes on changing if it
// runs, and nobody if it doesn't.
func (e *Engine) withRoot(ctx context.Context, at PodPath, do func(*poddir.Dir, *podroot.Root) error) error {
	dir, status, n, err := e.app(at)
	if err != nil {
		return err
	}
	if status.State != poddir.Running {
		return e.withEndedRoot(ctx, dir, n, do)
	}
	app := status.Apps[n]
	if err := runs(app); err != nil {
		return fmt.Errorf("pod %s: %w; its root can be had once the pod has ended", dir.UUID, err)
	}
	root, err := podroot.OfRunning(dir, app)
	if errors.Is(err, sandbox.ErrAppNotRunning) { // it has just ended, and the pod perhaps as well
		err := e.withEndedRoot(ctx, dir, n, do)
		if errors.Is(err, poddir.ErrBusy) {
			err = fmt.Errorf("pod %s: app %q has ended; its root can be had once the pod has ended", dir.UUID, app.Name)
		}
		return err
	}
	if err != nil {
		return fmt.Errorf("pod %s: %w", dir.UUID, err)
	}
	defer root.Close()
	return do(dir, root)
}

// withEndedRoot owns the pod meanwhile, so that it is neither started again nor
// removed.
func (e *Engine) withEndedRoot(ctx context.Context, dir *poddir.Dir, n int, do func(*poddir.Dir, *podroot.Root) error) error {
	if err := own(ctx, dir); err != nil {
		return err
	}
	defer dir.Unlock()
	if _, err := dir.Settle(); err != nil {
		return err
	}
	record, err := dir.ReadRecord()
	if err != nil {
		return fmt.Errorf("pod %s: %w", dir.UUID, err)
	}
	if n >= len(record.Images) || n >= len(record.Resolved.Apps) {
		return fmt.Errorf("pod %s: its record is not that of its state", dir.UUID)
	}
	root, err := podroot.OfEnded(dir, record.Resolved.Apps[n].Name.Value, record.Images[n].Layers)
	if err != nil {
		return fmt.Errorf("pod %s: %w", dir.UUID, err)
	}
	defer root.Close()
	return do(dir, root)
}

// own owns a pod that does not run. Its supervisor goes a moment after its last
// word, and others may be copying: they are waited for, but not for long.
func own(ctx context.Context, dir *poddir.Dir) error {
	for deadline := time.Now().Add(5 * time.Second); ; {
		err := dir.Lock()
		if err == nil {
			return nil
		}
		if !errors.Is(err, poddir.ErrBusy) {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("pod %s: %w", dir.UUID, err)
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
