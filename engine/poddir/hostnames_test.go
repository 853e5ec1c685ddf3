package poddir

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// at is a pod's link to a network.
func at(network string, addresses ...string) Interface {
	return Interface{Network: network, Addresses: addresses}
}

func announce(t *testing.T, d *Dir, name string, interfaces ...Interface) {
	t.Helper()
	if err := d.AnnounceHostName(d.HostNameOf(name, interfaces)); err != nil {
		t.Fatal(err)
	}
}

// namesIn are the names that others find, with addresses.
func namesIn(t *testing.T, pods string) (list []string) {
	t.Helper()
	names, err := HostNames(pods)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		list = append(list, n.target())
	}
	return list
}

func leftOfNames(pods string) (left []string) {
	entries, _ := os.ReadDir(filepath.Join(filepath.Dir(pods), hostNamesDir))
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	return left
}

func TestPodIsKnownByNameAsLongAsItIsOwned(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	if got := namesIn(t, pods); got != nil {
		t.Errorf("of nobody: %q", got)
	}
	web, db := newPod(t, pods), newPod(t, pods)
	announce(t, web, "web", at("default", "172.16.28.1/31", "fd70::1/127"), at("back", "10.0.0.2/24"))
	announce(t, db, "db", at("back", "10.0.0.3/24"))
	both := []string{"db back=10.0.0.3", "web default=172.16.28.1 default=fd70::1 back=10.0.0.2"}
	if got := namesIn(t, pods); !slices.Equal(got, both) {
		t.Errorf("%q, want %q", got, both)
	}
	for range 2 {
		if err := web.WithdrawHostName(); err != nil {
			t.Fatal(err)
		}
		if got := namesIn(t, pods); !slices.Equal(got, both[:1]) {
			t.Errorf("%q, want %q", got, both[:1])
		}
	}
	announce(t, web, "web", at("default", "172.16.28.5/31"))
	db.Unlock() // as if it had been killed
	if got := namesIn(t, pods); !slices.Equal(got, []string{"web default=172.16.28.5"}) {
		t.Errorf("%q", got)
	}
}

func TestPodWithoutAddressesIsNotKnownByName(t *testing.T) {
	t.Parallel()
	d := newPod(t, podsOf(t))
	announce(t, d, "web", at("mute"), at("broken", "nonsense"))
	if left := leftOfNames(filepath.Dir(d.Path)); left != nil {
		t.Errorf("%q", left)
	}
}

func TestWatchOfNamesIsToldOfEachChange(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d, other := newPod(t, pods), newPod(t, pods)
	w, err := d.WatchHostNames()
	if err != nil {
		t.Fatal(err)
	}
	for range 20 { // more than a socket keeps
		announce(t, other, "web", at("default", "172.16.28.1/31"))
		if err := other.WithdrawHostName(); err != nil {
			t.Fatal(err)
		}
	}
	told := make(chan error)
	go func() { told <- w.Wait() }()
	if err := <-told; err != nil {
		t.Fatal(err)
	}
	go func() { told <- w.Wait() }()
	announce(t, other, "web", at("default", "172.16.28.1/31"))
	if err := <-told; err != nil {
		t.Fatal(err)
	}
	go func() { told <- w.Wait() }()
	w.Close()
	if err := <-told; !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	again, err := d.WatchHostNames() // after a supervisor that was killed, whose bell is there
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	if err := errors.Join(d.WithdrawHostName(), other.WithdrawHostName()); err != nil || leftOfNames(pods) != nil {
		t.Errorf("%v, left %q", err, leftOfNames(pods))
	}
}

// Who is killed between the steps of a withdrawal leaves what the next one finishes,
// and tells of.
func TestWithdrawalThatWasCutShortIsFinished(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d, other := newPod(t, pods), newPod(t, pods)
	announce(t, d, "web", at("default", "172.16.28.1/31"))
	link := filepath.Join(filepath.Dir(pods), hostNamesDir, d.UUID)
	if err := os.Rename(link, link+goingSuffix); err != nil {
		t.Fatal(err)
	}
	if got := namesIn(t, pods); got != nil {
		t.Errorf("%q", got)
	}
	w, err := other.WatchHostNames()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := d.WithdrawHostName(); err != nil {
		t.Fatal(err)
	}
	if err := w.Wait(); err != nil {
		t.Error(err)
	}
	if left := leftOfNames(pods); !slices.Equal(left, []string{other.UUID + bellSuffix}) {
		t.Errorf("left %q", left)
	}
}

func TestSweepWithdrawsTheNamesOfPodsWithoutAFolder(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	if err := SweepHostNames(pods); err != nil {
		t.Error(err)
	}
	gone, there := newPod(t, pods), newPod(t, pods)
	for _, d := range []*Dir{gone, there} {
		announce(t, d, "web", at("default", "172.16.28.1/31"))
		w, err := d.WatchHostNames()
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
	}
	foreign := filepath.Join(filepath.Dir(pods), hostNamesDir, "README")
	if err := errors.Join(os.RemoveAll(gone.Path), os.WriteFile(foreign, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := SweepHostNames(pods); err != nil {
		t.Error(err)
	}
	want := []string{there.UUID, there.UUID + bellSuffix, "README"}
	if left := leftOfNames(pods); !slices.Equal(sorted(left), sorted(want)) {
		t.Errorf("left %q, want %q", left, want)
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

func FuzzHostName(f *testing.F) {
	f.Add("web default=172.16.28.1 default=fd70::1")
	f.Add("web\ndb default=::1%eth0")
	f.Add("-x a=1.2.3.4")
	f.Fuzz(func(t *testing.T, target string) {
		n, ok := parseHostName("id", target)
		if !ok {
			return
		}
		if again, ok := parseHostName("id", n.target()); !ok || !reflect.DeepEqual(again, n) {
			t.Errorf("%q is %+v, and written again %+v", target, n, again)
		}
		if strings.ContainsAny(n.Name, " \t\n#%") || len(n.Addresses) == 0 {
			t.Errorf("%q: %+v", target, n)
		}
	})
}
