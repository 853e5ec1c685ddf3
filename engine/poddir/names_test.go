package poddir

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestNameIsAPodsForAsLongAsItIsThere(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	first, second := create(t, pods), create(t, pods)
	if err := Claim(pods, "web", first.UUID); err != nil {
		t.Fatal(err)
	}
	if err := Claim(pods, "web", first.UUID); err != nil {
		t.Errorf("its own: %v", err)
	}
	var taken *NameTakenError
	if err := Claim(pods, "web", second.UUID); !errors.As(err, &taken) || taken.UUID != first.UUID || taken.Name != "web" {
		t.Errorf("another's: %v", err)
	}
	if err := Release(pods, "web", second.UUID); err != nil {
		t.Error(err)
	}
	if id, err := Find(pods, "web"); err != nil || id != first.UUID {
		t.Errorf("after another has given up what it never had: %s (%v)", id, err)
	}
	if err := SweepNames(pods); err != nil {
		t.Error(err)
	}
	if err := first.Remove(); err != nil {
		t.Fatal(err)
	}
	if id, err := Find(pods, "web"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a name without a pod is %q (%v)", id, err)
	}
	if err := Claim(pods, "web", second.UUID); err != nil {
		t.Errorf("after its pod has gone: %v", err)
	}
	if err := Release(pods, "web", first.UUID); err != nil { // too late
		t.Error(err)
	}
	if id, err := Find(pods, "web"); err != nil || id != second.UUID {
		t.Errorf("%s (%v)", id, err)
	}
	if err := Release(pods, "web", second.UUID); err != nil {
		t.Error(err)
	}
	if _, err := Find(pods, "web"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after it was given up: %v", err)
	}
}

func TestSweepFreesTheNamesOfPodsThatAreGone(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	if err := SweepNames(pods); err != nil {
		t.Errorf("no names: %v", err)
	}
	kept := create(t, pods)
	for name, id := range map[string]string{"kept": kept.UUID, "lost": NewUUID()} {
		if err := Claim(pods, name, id); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../pods", filepath.Join(linkFolder{pods, namesDir}.path(), "odd")); err != nil {
		t.Fatal(err)
	}
	if err := SweepNames(pods); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(linkFolder{pods, namesDir}.path())
	if err != nil || len(entries) != 1 || entries[0].Name() != "kept" {
		t.Errorf("left: %v (%v)", entries, err)
	}
}

func TestNamesThatAreNone(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d := create(t, pods)
	for _, name := range []string{"", ".", "..", "../pods/x", "a/b", "a\x00b", strings.Repeat("x", 256)} {
		if err := Claim(pods, name, d.UUID); err == nil {
			t.Errorf("claimed %q", name)
		}
		if err := Release(pods, name, d.UUID); err != nil {
			t.Errorf("released %q: %v", name, err)
		}
		if _, err := Find(pods, name); !errors.Is(err, ErrNotFound) {
			t.Errorf("found %q: %v", name, err)
		}
	}
}

func TestFindTakesAUUIDThenANameThenABeginning(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	ids := []string{
		"aaaa0000-0000-4000-8000-000000000001", "aaaa0000-0000-4000-8000-000000000002", "bbbb0000-0000-4000-8000-000000000003",
		"aaaa0000-0000-4000-8000-000000000004", "aaaa0000-0000-4000-8000-000000000005",
	}
	for _, id := range ids {
		d, err := Create(pods, id)
		if err != nil {
			t.Fatal(err)
		}
		d.Unlock()
	}
	for name, id := range map[string]string{"bbbb": ids[0], ids[2]: ids[1]} {
		if err := Claim(pods, name, id); err != nil {
			t.Fatal(err)
		}
	}
	for word, want := range map[string]string{ids[0]: ids[0], ids[2]: ids[2], "bbbb": ids[0], "bbbb0": ids[2]} {
		if id, err := Find(pods, word); err != nil || id != want {
			t.Errorf("%q is %s (%v), not %s", word, id, err, want)
		}
	}
	var ambiguous *AmbiguousError
	_, err := Find(pods, "aaaa")
	if !errors.As(err, &ambiguous) || len(ambiguous.UUIDs) != 4 || !strings.HasSuffix(err.Error(), ids[3]+" and 1 more") {
		t.Errorf("%v", err)
	}
}

// claimRole is this test binary as a process that claims a name for a pod.
const claimRole = "PODTUI_TEST_CLAIM"

func claimMain(pods string) {
	if err := Claim(pods, os.Args[1], os.Args[2]); err != nil {
		fmt.Print(err)
		os.Exit(1)
	}
	os.Exit(0)
}

func TestOneOfManyProcessesGetsAName(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	for round := range 3 {
		name := fmt.Sprintf("name%d", round)
		if err := Claim(pods, name, NewUUID()); round > 0 && err != nil { // a crash's, to be taken over
			t.Fatal(err)
		}
		var got sync.Map
		var processes sync.WaitGroup
		for range 8 {
			d := create(t, pods)
			processes.Go(func() {
				claim := exec.Command(os.Args[0], name, d.UUID)
				claim.Env = append(os.Environ(), claimRole+"="+pods)
				if out, err := claim.Output(); err == nil {
					got.Store(d.UUID, true)
				} else if !strings.Contains(string(out), "is taken by pod") {
					t.Errorf("%v: %s", err, out)
				}
			})
		}
		processes.Wait()
		winners := 0
		got.Range(func(id, _ any) bool {
			winners++
			if holder, err := Find(pods, name); err != nil || holder != id {
				t.Errorf("%s got it, %s has it (%v)", id, holder, err)
			}
			return true
		})
		if winners != 1 {
			t.Errorf("%d got the name", winners)
		}
	}
}
