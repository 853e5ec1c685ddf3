package poddir

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

// PodsWatch tells which pods may have changed, whoever changes them: one watch of
// the folder of all pods, where each has its bell, and one of the lock of each
// that is owned, for an owner that is killed rings no bell.
type PodsWatch struct {
	pods   string
	file   *os.File
	folder int32            // the watch of the folder of all pods, or
	parent int32            // of the one that it will be in; both -1: none
	locks  map[string]int32 // by UUID
	blind  []string         // owned pods that this host has no watch for

	again  map[string]time.Time // pods to be looked at once more, and when
	round  time.Time            // when what can't be watched is looked at; zero: not set
	lost   bool                 // everything may have changed
	buffer []byte
}

const (
	// afterlife is more than the time between a killed owner's closing of its lock
	// file, which is told, and the end of its lock, which is not.
	afterlife = 30 * time.Millisecond

	// blindness is how often that is looked at which can't be watched.
	blindness = time.Second
)

// WatchPods begins to watch. What is read after it was opened can't miss a
// change. The folder of all pods need not be there.
func WatchPods(pods string) (*PodsWatch, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if errors.Is(err, unix.EMFILE) {
		return nil, errors.New("pods can't be watched: this user has as many inotify instances as fs.inotify.max_user_instances allows")
	}
	if err != nil {
		return nil, os.NewSyscallError("inotify", err)
	}
	w := &PodsWatch{
		pods: pods, file: os.NewFile(uintptr(fd), "inotify"), folder: -1, parent: -1,
		locks: make(map[string]int32), again: make(map[string]time.Time), buffer: make([]byte, 64<<10),
	}
	w.arm()
	w.lost = false // nobody has been told anything yet
	return w, nil
}

// Close ends the watch.
func (w *PodsWatch) Close() error { return w.file.Close() }

// arm watches the folder of all pods, or waits for it where it will appear. Where
// neither is there, it is tried again now and then.
func (w *PodsWatch) arm() {
	if w.armFolder(); w.folder < 0 && w.parent < 0 {
		w.parent = w.add(filepath.Dir(w.pods), unix.IN_CREATE|unix.IN_MOVED_TO|unix.IN_DELETE_SELF|unix.IN_MOVE_SELF|unix.IN_ONLYDIR)
		w.armFolder() // made meanwhile
	}
}

func (w *PodsWatch) armFolder() {
	const mask = unix.IN_ATTRIB | unix.IN_MOVED_TO | unix.IN_MOVED_FROM | unix.IN_DELETE | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_ONLYDIR
	if w.folder = w.add(w.pods, mask); w.folder < 0 {
		return
	}
	w.lost = true // what was there before the watch
	if w.parent >= 0 {
		w.remove(w.parent)
		w.parent = -1
	}
}

// disarm lets go of a folder that is not that of all pods any more.
func (w *PodsWatch) disarm() {
	w.remove(w.folder)
	for _, watch := range w.locks {
		w.remove(watch)
	}
	w.folder = -1
	w.lost = true
	clear(w.locks)
	clear(w.again)
}

func (w *PodsWatch) add(path string, mask uint32) int32 {
	watch, err := unix.InotifyAddWatch(w.fd(), path, mask)
	if err != nil {
		return -1
	}
	return int32(watch) //nolint:gosec // the kernel counts them in an int
}

func (w *PodsWatch) remove(watch int32) {
	_, _ = unix.InotifyRmWatch(w.fd(), uint32(watch)) //nolint:gosec // it is one that add returned
}

func (w *PodsWatch) fd() (fd int) {
	raw, err := w.file.SyscallConn()
	if err == nil {
		err = raw.Control(func(f uintptr) { fd = int(f) }) //nolint:gosec // a descriptor is an int
	}
	if err != nil {
		return -1
	}
	return fd
}

// Running sets which pods are owned by somebody. Those that are new among them may
// have ended since they were looked at: they are told as changed.
func (w *PodsWatch) Running(uuids []string) {
	w.blind = nil
	running := make(map[string]bool, len(uuids))
	for _, id := range uuids {
		running[id] = true
		if _, ok := w.locks[id]; ok {
			continue
		}
		watch := w.add(filepath.Join(w.pods, id, lockFile), unix.IN_CLOSE_WRITE)
		if watch < 0 {
			w.blind = append(w.blind, id)
			continue
		}
		w.locks[id] = watch
		w.lookAgain(id, 0)
	}
	maps.DeleteFunc(w.locks, func(id string, watch int32) bool {
		if !running[id] {
			w.remove(watch)
		}
		return !running[id]
	})
}

func (w *PodsWatch) lookAgain(id string, later time.Duration) {
	if at := time.Now().Add(later); at.After(w.again[id]) {
		w.again[id] = at
	}
}

// Wait returns the pods that may have changed since the last time, or overflow if
// any may have, once there are some. Many changes are one.
func (w *PodsWatch) Wait(ctx context.Context) (changed []string, overflow bool, err error) {
	stop := context.AfterFunc(ctx, func() { _ = w.file.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	seen := make(map[string]bool)
	for len(seen) == 0 && !w.lost {
		_ = w.file.SetReadDeadline(w.nextLook())
		if ctx.Err() != nil { // and if it ends now, the deadline is its
			return nil, false, ctx.Err()
		}
		n, err := w.file.Read(w.buffer)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, false, err
		}
		notices(w.buffer[:n], func(watch int32, mask uint32, name string) { w.notice(seen, watch, mask, name) })
		w.lookAround(seen)
	}
	overflow, w.lost = w.lost, false
	return slices.Sorted(maps.Keys(seen)), overflow, nil
}

// nextLook is when something is to be looked at unasked.
func (w *PodsWatch) nextLook() (at time.Time) {
	switch blind := len(w.blind) > 0 || w.folder < 0 && w.parent < 0; {
	case !blind:
		w.round = time.Time{}
	case w.round.IsZero():
		w.round = time.Now().Add(blindness)
	}
	at = w.round
	for _, again := range w.again {
		if at.IsZero() || again.Before(at) {
			at = again
		}
	}
	return at
}

// lookAround takes up what no watch tells, however much the others do.
func (w *PodsWatch) lookAround(seen map[string]bool) {
	now := time.Now()
	maps.DeleteFunc(w.again, func(id string, at time.Time) bool {
		if !now.Before(at) {
			seen[id] = true
		}
		return !now.Before(at)
	})
	if w.round.IsZero() || now.Before(w.round) {
		return
	}
	w.round = time.Time{}
	for _, id := range w.blind {
		seen[id] = true
	}
	if w.folder < 0 {
		w.arm()
	}
}

// notice takes what the kernel says.
func (w *PodsWatch) notice(seen map[string]bool, watch int32, mask uint32, name string) {
	switch {
	case mask&unix.IN_Q_OVERFLOW != 0:
		w.lost = true
	case watch == w.folder:
		if mask&(unix.IN_DELETE_SELF|unix.IN_MOVE_SELF|unix.IN_IGNORED|unix.IN_UNMOUNT) != 0 {
			w.disarm()
			w.arm()
		} else if uuid.Validate(name) == nil {
			seen[name] = true
		}
	case watch == w.parent:
		if mask&(unix.IN_DELETE_SELF|unix.IN_MOVE_SELF|unix.IN_IGNORED|unix.IN_UNMOUNT) != 0 {
			w.remove(w.parent)
			w.parent = -1
		}
		w.arm()
	default:
		w.noticeLock(seen, watch, mask)
	}
}

func (w *PodsWatch) noticeLock(seen map[string]bool, watch int32, mask uint32) {
	for id, lock := range w.locks {
		if lock != watch {
			continue
		}
		seen[id] = true
		if mask&unix.IN_IGNORED != 0 {
			delete(w.locks, id)
		}
		w.lookAgain(id, afterlife)
		return
	}
}

// notices takes apart what is read of an inotify instance.
func notices(data []byte, each func(watch int32, mask uint32, name string)) {
	for len(data) >= unix.SizeofInotifyEvent {
		watch := int32(binary.NativeEndian.Uint32(data)) //nolint:gosec // it is one
		mask := binary.NativeEndian.Uint32(data[4:])
		size := uint64(binary.NativeEndian.Uint32(data[12:]))
		data = data[unix.SizeofInotifyEvent:]
		if size > uint64(len(data)) {
			return
		}
		name, _, _ := bytes.Cut(data[:size], []byte{0})
		each(watch, mask, string(name))
		data = data[size:]
	}
}
