package poddir

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Watch waits for changes in a pod's folder, by inotify.
type Watch struct{ file *os.File }

// Watch begins to watch the pod's events, logs and state. What is read after
// it was opened can't miss a change.
func (d *Dir) Watch() (*Watch, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("inotify", err)
	}
	w := &Watch{file: os.NewFile(uintptr(fd), "inotify")}
	// A supervisor that is killed closes its files: that is a change as well.
	const mask = unix.IN_MODIFY | unix.IN_CLOSE_WRITE | unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_MOVE_SELF
	for _, path := range []string{d.Path, d.file(logsDir)} {
		if _, err := unix.InotifyAddWatch(fd, path, mask); err != nil {
			w.Close()
			return nil, &os.PathError{Op: "watch", Path: path, Err: err}
		}
	}
	return w, nil
}

// Wait returns when something has changed since the last time, after a second at
// the latest, or when the context ends. Many changes are one.
func (w *Watch) Wait(ctx context.Context) error {
	// The lock of a supervisor that was killed goes a moment after its files: who
	// looked in between looks again.
	_ = w.file.SetReadDeadline(time.Now().Add(time.Second))
	stop := context.AfterFunc(ctx, func() { _ = w.file.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	buffer := make([]byte, 16<<10)
	_, err := w.file.Read(buffer)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}

// Close ends the watch.
func (w *Watch) Close() error { return w.file.Close() }
