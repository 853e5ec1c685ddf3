package poddir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// fillHostile fills a folder as a hostile app might, and returns a file outside
// that its links lead to.
func fillHostile(t *testing.T, folder string) (victim string) {
	t.Helper()
	victim = filepath.Join(t.TempDir(), "victim")
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(victim, "kept"), 0o700))
	must(os.Symlink(victim, filepath.Join(folder, "link")))
	must(os.Symlink("../../../../../../..", filepath.Join(folder, "up")))
	must(unix.Mkfifo(filepath.Join(folder, "pipe"), 0o600))
	for _, name := range []string{"new\nline", "-rf", "\xff\xfe", "\x1b[31m", "1", "2", ".wh..opq"} {
		must(os.MkdirAll(filepath.Join(folder, name, "1", "2"), 0o700))
		must(os.Chmod(filepath.Join(folder, name, "1"), 0))
		must(os.WriteFile(filepath.Join(folder, name, "f"), nil, 0))
	}
	if os.Geteuid() == 0 {
		must(unix.Mknod(filepath.Join(folder, "whiteout"), unix.S_IFCHR, 0))
	}
	return victim
}

// deepen makes folders in folders, deeper than any path is long.
func deepen(t *testing.T, folder string, levels int) {
	t.Helper()
	at, err := unix.Open(folder, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	for n := 0; n < levels && err == nil; n++ {
		if err = unix.Mkdirat(at, "deep", 0o700); err != nil {
			break
		}
		var next int
		next, err = unix.Openat(at, "deep", unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		unix.Close(at)
		at = next
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(at)
	if err := unix.Symlinkat("/", at, "link"); err != nil {
		t.Fatal(err)
	}
}

func gone(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is there (%v)", path, err)
	}
}

func TestHostileFilesGoAndNothingElse(t *testing.T) {
	t.Parallel()
	d := create(t, podsOf(t))
	victim := fillHostile(t, d.file(appsDir))
	deepen(t, d.file(appsDir), 1000)
	if err := d.Remove(); err != nil {
		t.Error(err)
	}
	gone(t, d.Path)
	gone(t, d.Path+deletingSuffix)
	if _, err := os.Stat(filepath.Join(victim, "kept")); err != nil {
		t.Errorf("what a link led to: %v", err)
	}
}

func TestManyRemoveOneTree(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d := create(t, pods)
	fillHostile(t, d.file(appsDir))
	deepen(t, d.file(appsDir), 20)
	for n := range 300 {
		if err := os.WriteFile(d.file(volumesDir, fmt.Sprint(n)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(d.Path, d.Path+deletingSuffix); err != nil {
		t.Fatal(err)
	}
	d.Unlock()
	var sweepers sync.WaitGroup
	for range 4 {
		sweepers.Go(func() {
			if err := Sweep(pods); err != nil {
				t.Error(err)
			}
		})
	}
	sweepers.Wait()
	gone(t, d.Path+deletingSuffix)
}

// A file system that is mounted in a pod's folder is somebody's: it is neither
// emptied nor hidden.
func TestMountInATreeIsLeftAlone(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	d := create(t, podsOf(t))
	victim := fillHostile(t, t.TempDir())
	target := filepath.Join(d.file(volumesDir), "a", "b")
	if err := os.MkdirAll(target, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount(victim, target, "", unix.MS_BIND, ""); err != nil {
		t.Skip("no mounts here: ", err)
	}
	t.Cleanup(func() {
		mounts, _ := filepath.Glob(d.Path + deletingSuffix + "/*/b")
		deeper, _ := filepath.Glob(d.Path + deletingSuffix + "/*/*/b")
		for _, at := range append(append(mounts, deeper...), target) {
			_ = unix.Unmount(at, unix.MNT_DETACH)
		}
	})
	if err := d.Remove(); !errors.Is(err, unix.EXDEV) && !errors.Is(err, unix.EBUSY) {
		t.Errorf("removed a pod with a mount in it: %v", err)
	}
	if _, err := os.Stat(filepath.Join(victim, "kept")); err != nil {
		t.Errorf("what is mounted: %v", err)
	}
}

func TestCopyOfAPodThatIsBeingRemoved(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d := create(t, pods)
	if err := os.MkdirAll(filepath.Join(d.Path+deletingSuffix, "logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := d.Remove(); err != nil {
		t.Error(err)
	}
	gone(t, d.Path)
	gone(t, d.Path+deletingSuffix)
}

func TestSweepTakesWhatWasBegunAndNoPod(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d := create(t, pods)
	unborn := filepath.Join(pods, NewUUID()+beginningSuffix)
	if err := os.MkdirAll(filepath.Join(unborn, "apps"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Sweep(pods); err != nil {
		t.Error(err)
	}
	gone(t, unborn)
	if s := look(t, d); s.State != Preparing {
		t.Errorf("%+v", s)
	}
}

func TestClearAppsKeepsWhatThePodKeeps(t *testing.T) {
	t.Parallel()
	d := create(t, podsOf(t))
	state(t, d, Status{State: Exited})
	for _, path := range []string{d.AppUpper("a"), d.Volume("v"), d.file(sandboxDir, "init")} {
		if err := os.MkdirAll(filepath.Join(path, "x"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{d.file(eventsFile), d.file(logsDir, "a")} {
		if err := os.WriteFile(path, []byte("kept\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	victim := fillHostile(t, d.AppUpper("a"))
	for _, crashed := range []func(){
		func() {},
		func() { os.Rename(d.file(appsDir), d.file(appsDir+clearedSuffix)) }, // and no new one made
		func() { os.MkdirAll(d.file(appsDir+clearedSuffix, "a", "upper"), 0o700) },
	} {
		crashed()
		if err := d.ClearApps(); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{appsDir, sandboxDir} {
			if left, err := os.ReadDir(d.file(name)); err != nil || len(left) > 0 {
				t.Errorf("%s has %v (%v)", name, left, err)
			}
			gone(t, d.file(name+clearedSuffix))
		}
	}
	for _, path := range []string{filepath.Join(d.Volume("v"), "x"), d.file(eventsFile), d.file(logsDir, "a"), filepath.Join(victim, "kept")} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}
