package poddir

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// leaseRole is this test binary as a process that leases for pods that are there.
const leaseRole = "PODTUI_TEST_LEASE"

func leaseMain(pods string) {
	for _, id := range os.Args[1:] {
		ids, err := Open(pods, id).LeaseIDs()
		if err != nil {
			os.Stdout.WriteString(err.Error())
			os.Exit(1)
		}
		os.Stdout.WriteString(strconv.Itoa(ids.First) + "\n")
	}
	os.Exit(0)
}

func newPod(t *testing.T, pods string) *Dir {
	t.Helper()
	d, err := Create(pods, NewUUID())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Unlock)
	return d
}

func leaseOf(t *testing.T, d *Dir) IDRange {
	t.Helper()
	ids, err := d.LeaseIDs()
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestPodKeepsItsIDsForAsLongAsItsFolderIsThere(t *testing.T) {
	t.Parallel()
	pods := filepath.Join(t.TempDir(), "pods")
	d := newPod(t, pods)
	if ids, err := d.IDs(); err != nil || ids != (IDRange{}) {
		t.Errorf("before its lease it has %v (%v)", ids, err)
	}
	ids := leaseOf(t, d)
	if ids.Count != 65536 || ids.First < idsFrom || ids.First+ids.Count > idsTo || ids.First%ids.Count != 0 {
		t.Errorf("it has %+v", ids)
	}
	if again := leaseOf(t, d); again != ids {
		t.Errorf("asked again it has %v, and had %v", again, ids)
	}
	if said, err := Open(pods, d.UUID).IDs(); err != nil || said != ids {
		t.Errorf("its folder says %v (%v), not %v", said, err, ids)
	}
	link := filepath.Join(filepath.Dir(pods), "ids", strconv.Itoa(ids.First))
	if err := SweepIDs(pods); err != nil {
		t.Error(err)
	}
	if holder, _ := os.Readlink(link); holder != d.UUID {
		t.Errorf("%s leads to %q", link, holder)
	}
	if err := os.RemoveAll(d.Path); err != nil {
		t.Fatal(err)
	}
	if err := SweepIDs(pods); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(link); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the pod has gone, and its lease is there (%v)", err)
	}
}

func TestLeaseGoesWithItsPodAlone(t *testing.T) {
	t.Parallel()
	pods := filepath.Join(t.TempDir(), "pods")
	d := newPod(t, pods)
	ids := leaseOf(t, d)
	if err := ReleaseIDs(pods, NewUUID(), ids); err != nil {
		t.Error(err)
	}
	link := filepath.Join(filepath.Dir(pods), "ids", strconv.Itoa(ids.First))
	if _, err := os.Lstat(link); err != nil {
		t.Errorf("another pod's end has ended it: %v", err)
	}
	if err := ReleaseIDs(pods, d.UUID, ids); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(link); err == nil {
		t.Error("its own end has not")
	}
	// Its lease went, and another has the IDs that its volumes belong to.
	if err := os.Symlink(newPod(t, pods).UUID, link); err != nil {
		t.Fatal(err)
	}
	if _, err := d.LeaseIDs(); err == nil || !strings.Contains(err.Error(), "are those of pod") {
		t.Errorf("it has them as well: %v", err)
	}
}

func TestNoRangeIsLeasedTwice(t *testing.T) {
	t.Parallel()
	pods := filepath.Join(t.TempDir(), "pods")
	const processes, each = 8, 20
	var all sync.WaitGroup
	said := make([]bytes.Buffer, processes)
	for i := range processes {
		uuids := make([]string, each)
		for n := range uuids {
			uuids[n] = newPod(t, pods).UUID
		}
		all.Go(func() {
			asks := exec.Command("/proc/self/exe", uuids...)
			asks.Env = append(os.Environ(), leaseRole+"="+pods)
			asks.Stdout = &said[i]
			if err := asks.Run(); err != nil {
				t.Errorf("%v: %s", err, said[i].String())
			}
		})
	}
	all.Wait()
	var firsts []string
	for i := range said {
		firsts = append(firsts, strings.Fields(said[i].String())...)
	}
	slices.Sort(firsts)
	if n := len(slices.Compact(firsts)); n != processes*each {
		t.Errorf("%d pods have %d ranges", processes*each, n)
	}
}

// crowd makes links for all ranges but one, to a pod that is there or isn't.
func crowd(t *testing.T, leases linkFolder, holder string, but int) {
	t.Helper()
	for first := idsFrom; first < idsTo; first += idCount {
		if first == but {
			continue
		}
		if err := os.Symlink(holder, leases.link(strconv.Itoa(first))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLastRangeIsFoundAndAFullSpaceSaysWhoHasIt(t *testing.T) {
	t.Parallel()
	pods := filepath.Join(t.TempDir(), "pods")
	leases, err := openLinks(pods, leasesDir)
	if err != nil {
		t.Fatal(err)
	}
	holder, last, late := newPod(t, pods), newPod(t, pods), newPod(t, pods)
	const left = idsFrom + 77*idCount
	crowd(t, leases, holder.UUID, left)
	if ids := leaseOf(t, last); ids.First != left {
		t.Errorf("%d is left, and %d was given", left, ids.First)
	}
	_, err = late.LeaseIDs()
	var full *IDsTakenError
	if !errors.As(err, &full) || !slices.Contains(full.Pods, holder.UUID) || strings.Contains(err.Error(), "\n") {
		t.Errorf("all are taken: %v", err)
	}
	if ids, err := late.IDs(); err != nil || ids.Count != 0 {
		t.Errorf("it has %v (%v)", ids, err)
	}
}

func TestIDsOfPodsThatHaveNoFolderAreFree(t *testing.T) {
	t.Parallel()
	pods := filepath.Join(t.TempDir(), "pods")
	leases, err := openLinks(pods, leasesDir)
	if err != nil {
		t.Fatal(err)
	}
	d := newPod(t, pods)
	crowd(t, leases, NewUUID(), 0)
	ids := leaseOf(t, d)
	if holder, _ := leases.holder(strconv.Itoa(ids.First)); holder != d.UUID {
		t.Errorf("%d is held by %s", ids.First, holder)
	}
}

func TestIDsThatUsersWereGivenAreNotLeased(t *testing.T) {
	t.Parallel()
	pods := filepath.Join(t.TempDir(), "pods")
	leases, err := openLinks(pods, leasesDir)
	if err != nil {
		t.Fatal(err)
	}
	const left = idsFrom + 5*idCount
	for name, given := range map[string][]IDRange{
		"all but one":       {{idsFrom - 10, left - idsFrom + 10}, {left + idCount, idsTo}},
		"one ID in each":    {{idsFrom, left - idsFrom}, {left + idCount, idsTo - left}},
		"up to a single ID": {{0, left - idCount + 1}, {left - 1, 1}, {left + idCount, 1}, {left + idCount + 1, idsTo}, {idsFrom + 1, 4 * idCount}},
	} {
		if ids, err := lease(leases, NewUUID(), given); err != nil || ids.First != left {
			t.Errorf("%s: %v (%v), want %d", name, ids, err, left)
		}
	}
	if _, err := lease(leases, NewUUID(), []IDRange{{0, 1<<32 - 1}}); err == nil || !strings.Contains(err.Error(), "/etc/subuid") {
		t.Errorf("none is left: %v", err)
	}
}

func TestLinesOfSubuid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]IDRange{
		"":                                   nil,
		"root:100000:65536\n":                {{100000, 65536}},
		"a:1:2\n1000:3000000000:4\n":         {{1, 2}, {3000000000, 4}},
		"a:1:0\nb:x:1\nc:1\nd:-1:5\n# e:7:7": {{7, 7}},
		"a:1:2:3\n  b:5:6  ":                 {{5, 6}},
		"a:4294967296:1\n":                   nil,
	} {
		if got := parseSubIDs(strings.NewReader(text)); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestFolderThatLiesAboutItsIDs(t *testing.T) {
	t.Parallel()
	pods := filepath.Join(t.TempDir(), "pods")
	for _, said := range []string{"0", "x", "1000", strconv.Itoa(idsFrom + 1), strconv.Itoa(idsTo), "-65536", "../../etc"} {
		d := newPod(t, pods)
		if err := os.Symlink(said, d.file(idsFile)); err != nil {
			t.Fatal(err)
		}
		if ids, err := d.IDs(); err == nil {
			t.Errorf("%q is believed: %v", said, ids)
		}
		if ids, err := d.LeaseIDs(); err == nil {
			t.Errorf("%q is believed: %v", said, ids)
		}
	}
}

func FuzzSubIDs(f *testing.F) {
	f.Add("root:100000:65536\n# x\nb:1")
	f.Fuzz(func(t *testing.T, text string) {
		for _, given := range parseSubIDs(strings.NewReader(text)) {
			if given.First < 0 || given.Count <= 0 {
				t.Errorf("%q: %v", text, given)
			}
			overlaps([]IDRange{given}, idsFrom)
		}
	})
}
