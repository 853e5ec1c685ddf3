package store

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// TestCrashes kills a process at each point where something is half done. What
// it leaves must not be seen, must go with the next GC, and must be in nobody's
// way: the same action succeeds right after.
func TestCrashes(t *testing.T) {
	t.Parallel()
	archive := build(t, "manifest\ndir rootfs mode=0755\nrepeat 20\nfile rootfs/f%d \"content of %d\"\n")
	id := idPrefix + sum(archive)
	path := filepath.Join(t.TempDir(), "image.aci")
	if err := os.WriteFile(path, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		role, arg string
		point     crashPoint
		exists    bool // the image, after the crash
	}{
		{"import", path, staged, false},
		{"import", path, unpacking, false},
		{"import", path, beforeSync, false},
		{"import", path, layerRenamed, false},
		{"import", path, indexed, false},
		{"import", path, committed, true},
		{"remove", id, unlinked, false},
		{"remove", id, swept, false},
	} {
		t.Run(test.role+" "+string(test.point), func(t *testing.T) {
			t.Parallel()
			prepare := func() *Store {
				s := open(t)
				if test.role == "remove" {
					add(t, s, archive)
				}
				die(t, spawn(s, test.role, test.arg, test.point))
				list, err := s.List()
				if err != nil || (len(list) == 1) != test.exists {
					t.Errorf("%d images, %v", len(list), err)
				}
				return s
			}
			s := prepare()
			collect(t, s)
			if test.exists {
				export(t, s, id)
				if err := s.Remove(id); err != nil {
					t.Error(err)
				}
				collect(t, s)
			}
			wantEmpty(t, s)

			s = prepare() // now without a GC
			add(t, s, archive)
			export(t, s, id)
			collect(t, s)
			if left := remains(t, s); len(left) != 3 {
				t.Errorf("the store has %q", left)
			}
		})
	}
}

// Who dies between telling the record and telling the index leaves a listing
// that says less than is true, and the next GC mends it.
func TestCrashWhileVerifyingIsMended(t *testing.T) {
	t.Parallel()
	s := open(t)
	archive := named(t, "example.com/a", "version=1")
	id := add(t, s, archive).ID
	path := filepath.Join(t.TempDir(), "image.aci")
	if err := os.WriteFile(path, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	die(t, spawn(s, "verify", path, vouched))
	if img, err := s.Get(id); err != nil || img.Verified == nil {
		t.Errorf("the record: %+v, %v", img, err)
	}
	wantVerifiedBy(t, s, "")
	collect(t, s)
	wantVerifiedBy(t, s, "Example Builds")
}

// die runs a child that must die of SIGKILL.
func die(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !exit.Sys().(interface{ Signaled() bool }).Signaled() {
		t.Fatalf("the child did not die: %v\n%s", err, out)
	}
}

// A GC while an import goes on takes nothing from it.
func TestGCLeavesWorkUnderWayAlone(t *testing.T) {
	t.Parallel()
	s := open(t)
	st, err := s.stage()
	if err != nil {
		t.Fatal(err)
	}
	if c := collect(t, s); c.Staged != 0 {
		t.Errorf("got %+v", c)
	}
	if _, err := os.Lstat(st.dir); err != nil {
		t.Error(err)
	}
	if err := st.lock.Close(); err != nil { // as its process's death would
		t.Fatal(err)
	}
	if c := collect(t, s); c.Staged != 1 {
		t.Errorf("got %+v", c)
	}
	wantEmpty(t, s)
}

// Collections make private folders of their own. None takes another's, between
// its making and its lock, for what a crash left.
func TestCollectionsAtOnceFindNothingInterrupted(t *testing.T) {
	t.Parallel()
	s := open(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 25 {
				c, err := s.GC(context.Background(), GCOptions{})
				if err != nil || c.Staged != 0 {
					t.Errorf("removed what %d left (%v)", c.Staged, err)
				}
			}
		})
	}
	group.Wait()
}
