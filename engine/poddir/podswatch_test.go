package poddir

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func watch(t *testing.T, pods string) *PodsWatch {
	t.Helper()
	w, err := WatchPods(pods)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// told waits until a watch has told of a pod; or, of the pod "", that everything
// may have changed.
func told(t *testing.T, w *PodsWatch, id string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		changed, overflow, err := w.Wait(ctx)
		if err != nil {
			t.Fatalf("not told of %q: %v", id, err)
		}
		if id == "" && overflow || slices.Contains(changed, id) {
			return
		}
	}
}

// quiet fails if the watch tells anything now.
func quiet(t *testing.T, w *PodsWatch) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*afterlife)
	defer cancel()
	if changed, overflow, err := w.Wait(ctx); err == nil {
		t.Errorf("told of %v (%t) though nothing has changed", changed, overflow)
	}
}

func TestWatchTellsWhichPodsHaveChanged(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	old := create(t, pods)
	w := watch(t, pods)
	quiet(t, w)
	d := create(t, pods)
	told(t, w, d.UUID)
	w.Running([]string{old.UUID})
	told(t, w, old.UUID) // it may have ended meanwhile
	quiet(t, w)
	state(t, old, Status{State: Running})
	told(t, w, old.UUID)
	if _, err := old.Status(); err != nil {
		t.Error(err)
	}
	quiet(t, w) // who looks changes nothing
	w.Running([]string{d.UUID})
	told(t, w, d.UUID)
	old.Unlock()
	quiet(t, w) // nobody has asked for that any more
	if err := d.Remove(); err != nil {
		t.Fatal(err)
	}
	told(t, w, d.UUID)
}

// ownRole is this test binary as a pod's owner.
const ownRole = "PODTUI_TEST_OWN"

func ownMain(pods string) {
	d := Open(pods, os.Args[1])
	if err := d.Lock(); err != nil {
		panic(err)
	}
	if err := d.WriteStatus(Status{State: Running}); err != nil {
		panic(err)
	}
	_ = unix.Pause()
}

func TestWatchTellsOfAnOwnerThatIsKilled(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d := create(t, pods)
	d.Unlock()
	w := watch(t, pods)
	for range 5 {
		owner := exec.Command(os.Args[0], d.UUID)
		owner.Env = append(os.Environ(), ownRole+"="+pods)
		if err := owner.Start(); err != nil {
			t.Fatal(err)
		}
		for look(t, d).State != Running {
			told(t, w, d.UUID)
		}
		w.Running([]string{d.UUID})
		told(t, w, d.UUID)
		if err := owner.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for look(t, d).State != Exited { // if what it told came too early, it tells again
			told(t, w, d.UUID)
		}
		_ = owner.Wait()
		w.Running(nil)
	}
}

func TestWatchFindsTheFolderOfAllPodsWhereverItIs(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	pods := filepath.Join(data, "pods")
	w := watch(t, pods)
	quiet(t, w)
	for range 2 {
		d := create(t, pods) // another process's first pod
		told(t, w, "")
		w.Running([]string{d.UUID})
		told(t, w, d.UUID)
		d.Unlock()
		if err := os.RemoveAll(pods); err != nil {
			t.Fatal(err)
		}
		told(t, w, "")
	}
	create(t, pods)
	told(t, w, "")
	if err := os.Rename(pods, filepath.Join(data, "elsewhere")); err != nil {
		t.Fatal(err)
	}
	told(t, w, "")
	d := create(t, pods)
	told(t, w, "")
	state(t, d, Status{State: Prepared})
	told(t, w, d.UUID)
}

func TestWatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := watch(t, podsOf(t))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, _, err := w.Wait(ctx); err != context.Canceled {
		t.Error(err)
	}
	if _, _, err := w.Wait(ctx); err != context.Canceled {
		t.Errorf("again: %v", err)
	}
}

func TestWatchesAreFewAndGoAgain(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	w := watch(t, pods)
	var ids []string
	for range 50 {
		ids = append(ids, create(t, pods).UUID)
	}
	w.Running(ids)
	w.Running(ids)
	if len(w.locks) != 50 || len(w.blind) > 0 {
		t.Errorf("%d locks watched, %d not", len(w.locks), len(w.blind))
	}
	w.Running(ids[:3])
	if len(w.locks) != 3 {
		t.Errorf("%d locks watched", len(w.locks))
	}
	w.Running(nil)
	if len(w.locks) != 0 {
		t.Errorf("%d locks watched", len(w.locks))
	}
}

// A lock that can't be watched is looked at now and then.
func TestWatchLooksAtWhatItCanNotWatch(t *testing.T) {
	t.Parallel()
	w := watch(t, podsOf(t))
	id := NewUUID() // has no lock file
	w.Running([]string{id})
	told(t, w, id)
}

func TestWatchLooksAtWhatItCanNotWatchWhileOthersChange(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	busy := create(t, pods)
	w := watch(t, pods)
	id := NewUUID() // has no lock file
	for tells, end := 0, time.Now().Add(20*time.Second); time.Now().Before(end); tells++ {
		w.Running([]string{id, busy.UUID})
		state(t, busy, Status{State: Running, Cause: strconv.Itoa(tells)})
		changed, _, err := w.Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(changed, id) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("not told of it")
}

func FuzzNotices(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, unix.SizeofInotifyEvent))
	f.Add(append(make([]byte, 12), 4, 0, 0, 0, 'a', 0, 0, 0))
	f.Add(append(make([]byte, 12), 255, 255, 255, 255))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &PodsWatch{folder: 0, parent: -1, locks: map[string]int32{"x": 1}, again: map[string]time.Time{}}
		read := 0
		notices(data, func(watch int32, mask uint32, name string) {
			read += unix.SizeofInotifyEvent + len(name)
			if watch != w.folder { // that would be armed again
				w.notice(map[string]bool{}, watch, mask, name)
			}
		})
		if read > len(data) {
			t.Errorf("%d bytes out of %d", read, len(data))
		}
	})
}
