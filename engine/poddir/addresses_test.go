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

// addressRole is this test binary as a process that leases addresses for pods that
// are there: SLOTS UUID….
const addressRole = "PODTUI_TEST_ADDRESS"

func addressMain(pods string) {
	slots, _ := strconv.Atoi(os.Args[1])
	for _, id := range os.Args[2:] {
		slot, err := Open(pods, id).LeaseAddress("default", slots)
		if err != nil {
			os.Stdout.WriteString(err.Error() + "\n")
			continue
		}
		os.Stdout.WriteString(strconv.Itoa(slot) + "\n")
	}
	os.Exit(0)
}

func slotOf(t *testing.T, d *Dir, network string, slots int) int {
	t.Helper()
	slot, err := d.LeaseAddress(network, slots)
	if err != nil {
		t.Fatal(err)
	}
	return slot
}

// holderOf is who has a slot of a network, by its link.
func holderOf(pods, network string, slot int) string {
	holder, _ := os.Readlink(filepath.Join(filepath.Dir(pods), "networks", "addresses", network, strconv.Itoa(slot)))
	return holder
}

func TestPodKeepsItsAddressUntilItGivesItBack(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d, other := newPod(t, pods), newPod(t, pods)
	slot := slotOf(t, d, "default", 4)
	if again := slotOf(t, Open(pods, d.UUID), "default", 4); again != slot || slot != 0 {
		t.Errorf("asked again it has %d, and had %d; the first is 0", again, slot)
	}
	if got := slotOf(t, other, "default", 4); got != 1 {
		t.Errorf("another has %d", got)
	}
	if got := slotOf(t, other, "back", 4); got != 0 || holderOf(pods, "back", 0) != other.UUID {
		t.Errorf("of another network it has %d", got)
	}
	for range 2 {
		if err := d.ReleaseAddress("default"); err != nil {
			t.Error(err)
		}
	}
	if holderOf(pods, "default", 0) != "" || holderOf(pods, "default", 1) != other.UUID {
		t.Error("what was given back is the pod's own and no other's")
	}
	if err := d.ReleaseAddress("never-there"); err != nil {
		t.Error(err)
	}
}

func TestAddressIsNotAnothersAtOnce(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d := newPod(t, pods)
	var given []int
	for range 6 {
		given = append(given, slotOf(t, d, "default", 4))
		if err := d.ReleaseAddress("default"); err != nil {
			t.Fatal(err)
		}
	}
	if want := []int{0, 1, 2, 3, 0, 1}; !slices.Equal(given, want) {
		t.Errorf("given one after another: %v, want %v", given, want)
	}
}

func TestHintOfTheLastAddressIsNoMoreThanThat(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d := newPod(t, pods)
	slotOf(t, d, "default", 4)
	for said, want := range map[string]int{"": 0, "x": 0, "-7": 0, "0000000002": 3, "0000000003": 0, "2000000001": 2, "9999999999": 0, "3 and more than ten": 0} {
		if err := d.ReleaseAddress("default"); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(filepath.Dir(pods), "networks", "addresses", "default", "last"), []byte(said), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := slotOf(t, d, "default", 4); got != want {
			t.Errorf("after %q: %d, want %d", said, got, want)
		}
	}
}

func TestNoAddressIsLeasedTwice(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	const processes, each, slots = 8, 6, 40
	var all sync.WaitGroup
	said := make([]bytes.Buffer, processes)
	for i := range processes {
		args := []string{strconv.Itoa(slots)}
		for range each {
			args = append(args, newPod(t, pods).UUID)
		}
		all.Go(func() {
			asks := exec.Command("/proc/self/exe", args...)
			asks.Env = append(os.Environ(), addressRole+"="+pods)
			asks.Stdout = &said[i]
			if err := asks.Run(); err != nil {
				t.Errorf("%v: %s", err, said[i].String())
			}
		})
	}
	all.Wait()
	taken, refused := make(map[string]bool), 0
	for i := range said {
		for line := range strings.Lines(said[i].String()) {
			slot, err := strconv.Atoi(strings.TrimSpace(line))
			switch {
			case err != nil && strings.HasPrefix(line, "network default: no free address, 40 pods use it: "):
				refused++
			case err != nil || slot < 0 || slot >= slots || taken[line]:
				t.Errorf("given: %s", line)
			}
			taken[line] = err == nil
		}
	}
	if refused != processes*each-slots {
		t.Errorf("%d were refused of %d pods that asked for %d addresses", refused, processes*each, slots)
	}
}

// Pods that come and go meanwhile: each has an address of its own while it has one.
func TestNoAddressHasTwoPodsWhileOthersComeAndGo(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	const slots = 5
	var using [slots]sync.Mutex
	var all sync.WaitGroup
	for range slots {
		d := newPod(t, pods)
		all.Go(func() {
			for range 40 {
				slot, err := d.LeaseAddress("default", slots)
				if err != nil {
					t.Error(err)
					return
				}
				if !using[slot].TryLock() {
					t.Errorf("%d has two pods", slot)
					return
				}
				if holder := holderOf(pods, "default", slot); holder != d.UUID {
					t.Errorf("%d is of %s, and %s has it", slot, holder, d.UUID)
				}
				using[slot].Unlock()
				if err := d.ReleaseAddress("default"); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestFullNetworkSaysWhoHasIt(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	var holders []string
	for range 5 {
		d := newPod(t, pods)
		slotOf(t, d, "default", 5)
		holders = append(holders, d.UUID)
	}
	slices.Sort(holders)
	late := newPod(t, pods)
	_, err := late.LeaseAddress("default", 5)
	var full *AddressesTakenError
	if !errors.As(err, &full) || full.Network != "default" || full.Slots != 5 || !slices.Equal(full.Pods, holders) {
		t.Errorf("got %v, want %v", err, holders)
	}
	want := "network default: no free address, 5 pods use it: " + strings.Join(holders[:3], ", ") + " and 2 more; each gives up its own when it ends"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if err := Open(pods, holders[2]).ReleaseAddress("default"); err != nil {
		t.Error(err)
	}
	slotOf(t, late, "default", 5)
}

func TestAddressesOfACrashAreFree(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	kept := newPod(t, pods)
	slotOf(t, kept, "default", 3)
	slotOf(t, kept, "other", 3)
	lost := linkFolder{pods, addressesDir + "/default"}
	for _, slot := range []string{"1", "2"} {
		if err := os.Symlink(NewUUID(), lost.link(slot)); err != nil {
			t.Fatal(err)
		}
	}
	// A pod needs no gc for them.
	d := newPod(t, pods)
	if slot := slotOf(t, d, "default", 3); slot != 1 {
		t.Errorf("it has %d", slot)
	}
	if err := SweepAddresses(pods); err != nil {
		t.Error(err)
	}
	for slot, want := range []string{kept.UUID, d.UUID, ""} {
		if got := holderOf(pods, "default", slot); got != want {
			t.Errorf("after the sweep %d is of %q, want %q", slot, got, want)
		}
	}
	if err := SweepAddresses(podsOf(t)); err != nil {
		t.Errorf("no networks: %v", err)
	}
}

// Whoever made the range smaller has pods that are beyond its end.
func TestAddressBeyondASmallerRangeIsGivenBack(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d := newPod(t, pods)
	for range 7 {
		slotOf(t, newPod(t, pods), "default", 8)
	}
	if slot := slotOf(t, d, "default", 8); slot != 7 {
		t.Fatalf("it has %d", slot)
	}
	if _, err := d.LeaseAddress("default", 4); err == nil {
		t.Error("all four are taken")
	}
	if holder := holderOf(pods, "default", 7); holder != "" {
		t.Errorf("%s has the last still", holder)
	}
}

func TestNetworksThatAreNoFoldersNames(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d := newPod(t, pods)
	for _, network := range []string{"", ".", "..", "../names", "a/b", "a\x00"} {
		if slot, err := d.LeaseAddress(network, 4); err == nil {
			t.Errorf("%q: %d", network, slot)
		}
		if err := d.ReleaseAddress(network); err == nil {
			t.Errorf("%q: given back", network)
		}
	}
	if slot, err := d.LeaseAddress("default", 0); err == nil || err.Error() != "network default: its range has no addresses for a pod" {
		t.Errorf("of no addresses it has %d (%v)", slot, err)
	}
}
