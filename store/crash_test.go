package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
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

// The same of who vouches for what is stored, also in place of somebody else:
// nothing is listed that the record doesn't say.
func TestCrashWhileVouchingTellsLess(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		was   *Verification
		point crashPoint
		want  *Verification // of the record, after the crash
	}{
		"first":              {nil, vouched, signedBy("Bob")},
		"another, withdrawn": {signedBy("Ann"), withdrawn, signedBy("Ann")},
		"another, vouched":   {signedBy("Ann"), vouched, signedBy("Bob")},
		"a pin, withdrawn":   {approved("docker://x@sha256:0"), withdrawn, approved("docker://x@sha256:0")},
		"a pin, vouched":     {approved("docker://x@sha256:0"), vouched, signedBy("Bob")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			evidence := json.RawMessage(`{"hashes":"1"}`)
			img, err := commit(t, s, named(t, "example.com/a"), CommitOptions{Verified: test.was, Evidence: evidence})
			if err != nil {
				t.Fatal(err)
			}
			die(t, spawn(s, "vouch", img.ID, test.point))
			if e := mustList(t, s)[0]; e.VerifiedBy+e.VerifiedKey+e.VerifiedPin != "" {
				t.Errorf("listed as %+v", e)
			}
			if found := verify(t, s, img.ID); len(found) > 0 {
				t.Errorf("damaged: %v", found)
			}
			collect(t, s)
			wantStanding(t, s, standing{test.want, evidence, nil})

			die(t, spawn(s, "vouch", img.ID, test.point)) // now without a GC
			if err := s.vouchWhatever(img.ID, signedBy("Carl")); err != nil {
				t.Fatal(err)
			}
			wantStanding(t, s, standing{signedBy("Carl"), evidence, nil})
		})
	}
}

// TestCrashesOfFetches does the same with the layers of a registry image. Layers
// that were read are there for whoever goes on, and a GC without grace takes them.
func TestCrashesOfFetches(t *testing.T) {
	t.Parallel()
	needRoot(t)
	var files, diffIDs []string
	for i, recipe := range []string{"dir a mode=01777\nfile a/f x\n", "file a/g y\n", "file a/.wh.f\n"} {
		layer := build(t, recipe)
		path := filepath.Join(t.TempDir(), fmt.Sprint("layer-", i))
		if err := os.WriteFile(path, layer, 0o600); err != nil {
			t.Fatal(err)
		}
		files, diffIDs = append(files, path), append(diffIDs, diffID(layer))
	}
	arg := strings.Join(files, ":")
	id := registryImage(diffIDs).ID
	for _, test := range []struct {
		point  crashPoint
		layers int // of its archives, after the crash
		exists bool
	}{
		{staged, 0, false},
		{kept, 0, false},
		{unpacking, 0, false},
		{layerRead, 0, false},
		{layerPut, 1, false},
		{beforeSync, 3, false},
		{layerRenamed, 3, false},
		{indexed, 3, false},
		{committed, 3, true},
	} {
		t.Run(string(test.point), func(t *testing.T) {
			t.Parallel()
			s := open(t)
			die(t, spawn(s, "fetch", arg, test.point))
			if list, err := s.List(); err != nil || (len(list) == 1) != test.exists {
				t.Errorf("%d images, %v", len(list), err)
			}
			c, err := s.GC(context.Background(), GCOptions{Grace: time.Hour})
			if err != nil || c.Staged != 1 || len(c.Layers) != 0 {
				t.Errorf("with a grace: %+v, %v", c, err)
			}
			out, err := spawn(s, "fetch", arg, "").CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if got := strings.Count(string(out), "layer true"); got != test.layers {
				t.Errorf("%d layers were there, want %d", got, test.layers)
			}
			img, err := s.whole(id)
			if err != nil {
				t.Fatal(err)
			}
			wantSettled(t, s, img)
			if c := collect(t, s); len(c.Layers) != 0 {
				t.Errorf("layers of an image were taken: %+v", c)
			}
			if err := s.Remove(id); err != nil {
				t.Fatal(err)
			}
			collect(t, s)
			wantEmpty(t, s)

			s = open(t) // and without anybody who goes on
			die(t, spawn(s, "fetch", arg, test.point))
			collect(t, s)
			if test.exists {
				if err := s.Remove(id); err != nil {
					t.Error(err)
				}
				collect(t, s)
			}
			wantEmpty(t, s)
		})
	}
}

// wantSettled: no layer of an image counts as fresh.
func wantSettled(t *testing.T, s *Store, img Image) {
	t.Helper()
	for _, layer := range img.layers {
		if exists(s.path(layersDir, layer, freshFile)) {
			t.Errorf("layer %s is fresh", layer)
		}
	}
}

// A download, a turn and a memory are what they were before, or what they would
// have been, or not there.
func TestCrashesOfHelpers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		role  string
		point crashPoint
		bytes int64
	}{
		{"download", partialHeld, 0},
		{"download", validated, 0},
		{"download", downloaded, 10},
		{"turn", turnTaken, 0},
		{"turn", turnTold, 0},
		{"remember", remembering, 0},
	} {
		t.Run(test.role+" "+string(test.point), func(t *testing.T) {
			t.Parallel()
			s := open(t)
			die(t, spawn(s, test.role, "a", test.point))
			p := partial(t, s, "a")
			if p.Size() != test.bytes {
				t.Errorf("goes on with %d bytes", p.Size())
			}
			turn, err := s.Turn(context.Background(), "a", nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, ok, err := s.Recall("a"); ok || err != nil {
				t.Errorf("recall: %v", err)
			}
			if err := errors.Join(p.Close(), turn.Close()); err != nil {
				t.Error(err)
			}
			die(t, spawn(s, test.role, "b", test.point))
			collect(t, s)
			wantEmpty(t, s)
		})
	}
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
