package network

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/poddir"
)

// setUpAll sets many pods up at once, each on a thread of its own.
func setUpAll(pods []*guest, names ...string) []error {
	errs := make([]error, len(pods))
	var all sync.WaitGroup
	for i, p := range pods {
		all.Go(func() { errs[i] = p.setUp(names...) })
	}
	all.Wait()
	return errs
}

func endAll(t *testing.T, pods []*guest) {
	t.Helper()
	var all sync.WaitGroup
	for _, p := range pods {
		all.Go(func() {
			if err := p.end(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// Forty that begin at once, on a host where nothing is there yet, of two data folders:
// each has addresses of its own, they reach outside, and the rule is there once.
func TestFortyAtOnce(t *testing.T) {
	t.Parallel()
	w := nettest.NewWorld(t)
	folders := []string{t.TempDir(), t.TempDir()}
	var pods []*guest
	for i := range 40 {
		pods = append(pods, newGuest(t, w.Host, folders[i%2]))
	}
	var addresses []string
	for i, err := range setUpAll(pods, "default") {
		if err != nil {
			t.Fatal(err)
		}
		addresses = append(addresses, pods[i].Interfaces[0].Addresses[0])
	}
	slices.Sort(addresses)
	if different := slices.Compact(slices.Clone(addresses)); len(different) != len(addresses) {
		t.Errorf("addresses are given twice: %q", addresses)
	}
	if rules := w.Host.Run("nft", "list", "ruleset"); strings.Count(rules, "masquerade comment") != 1 {
		t.Errorf("not one rule: %s", rules)
	}
	echo := w.Outside.Echo("tcp", nettest.FarIP+":0")
	for _, p := range pods {
		if as, err := p.Ask("tcp", echo.String()); err != nil || as.Addr() != netip.MustParseAddr(nettest.HostIP) {
			t.Errorf("%s: taken for %v (%v)", p.Interfaces[0].Addresses, as, err)
		}
	}
	endAll(t, pods)
	for _, folder := range folders {
		if left := leftovers(t, folder); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
	}
	w.Host.Eventually("links of pods are gone", func() bool { return links(w.Host) == "" })
}

// All 128 pairs of a range are given, to four pods here and to others that wait to be
// made; the next is told who has them, and gets one that is given back, though its
// link may not have gone yet.
func TestFullRangeTellsWhoHasIt(t *testing.T) {
	t.Parallel()
	host, data := nettest.New(t, "host"), t.TempDir()
	var pods []*guest
	for range 4 {
		pods = append(pods, newGuest(t, host, data).mustSetUp("default"))
	}
	for range 124 {
		dir, err := poddir.Create(filepath.Join(data, "pods"), poddir.NewUUID())
		if err != nil {
			t.Fatal(err)
		}
		defer dir.Unlock()
		if _, err := dir.LeaseAddress("172.16.28.0-24", 128); err != nil {
			t.Fatal(err)
		}
	}
	late := newGuest(t, host, data)
	var full *poddir.AddressesTakenError
	if err := late.setUp("default"); !errors.As(err, &full) || len(full.Pods) != 128 || !slices.Contains(full.Pods, pods[3].dir.UUID) || !strings.Contains(err.Error(), "network default:") {
		t.Errorf("%v", err)
	}
	if err := late.end(); err != nil {
		t.Error(err)
	}
	late.Namespace = nettest.New(t, "pod")
	if err := pods[3].end(); err != nil {
		t.Error(err)
	}
	var err error
	for tries := 0; tries < 10; tries++ { // the kernel may take longer to remove the link than a pod waits for it
		if err = late.setUp("default"); err == nil || !strings.Contains(err.Error(), "could be had within") {
			break
		}
		if err := late.end(); err != nil {
			t.Error(err)
		}
		late.Namespace = nettest.New(t, "pod")
	}
	if err != nil || late.Interfaces[0].Addresses[0] != pods[3].Interfaces[0].Addresses[0] {
		t.Errorf("%v: %+v", err, late.Setup)
	}
}

// Another data folder's pods have addresses that are free in ours. They are left out;
// where there are no others, that is told.
func TestDataFoldersShareAHost(t *testing.T) {
	t.Parallel()
	w := nettest.NewWorld(t)
	small := ownConfig{Subnet: "10.4.4.0/30"}.network("small")
	ours, theirs := t.TempDir(), t.TempDir()
	first, second, third := newGuest(t, w.Host, theirs), newGuest(t, w.Host, ours), newGuest(t, w.Host, ours)
	for _, p := range []*guest{first, second} {
		if err := p.setUpNetworks(small); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := first.Interfaces[0], second.Interfaces[0]; a.Host != "pt-0a040400" || b.Host != "pt-0a040402" {
		t.Errorf("links %s and %s", a.Host, b.Host)
	}
	if err := third.setUpNetworks(small); err == nil || !strings.Contains(err.Error(), "10.4.4.0/30") {
		t.Errorf("the third has %+v (%v)", third.Setup, err)
	}
	for _, p := range []*guest{first, second, third} {
		if err := p.end(); err != nil {
			t.Error(err)
		}
	}
	if left := append(leftovers(t, ours), leftovers(t, theirs)...); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// A crashed run has left leases of pods that are gone, and some of pods that are
// there: the former are free, the latter kept.
func TestLeasesOfACrashedRun(t *testing.T) {
	t.Parallel()
	host, data := nettest.New(t, "host"), t.TempDir()
	small := ownConfig{Subnet: "10.4.4.0/29"}
	alive := newGuest(t, host, data)
	leases := filepath.Join(data, "networks", "addresses", "10.4.4.0-29")
	if err := os.MkdirAll(leases, 0o700); err != nil {
		t.Fatal(err)
	}
	for slot, holder := range []string{poddir.NewUUID(), alive.dir.UUID, "no UUID", poddir.NewUUID()} {
		if err := os.Symlink(holder, filepath.Join(leases, fmt.Sprint(slot))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(leases, "rubbish"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 3 {
		p := newGuest(t, host, data)
		if err := p.setUpNetworks(small.network("small")); err != nil {
			t.Fatal(err)
		}
		got = append(got, p.Interfaces[0].Addresses...)
	}
	if slices.Sort(got); !slices.Equal(got, []string{"10.4.4.1/31", "10.4.4.5/31", "10.4.4.7/31"}) {
		t.Errorf("addresses: %q", got)
	}
	var full *poddir.AddressesTakenError // its words name but three of them
	if err := newGuest(t, host, data).setUpNetworks(small.network("small")); !errors.As(err, &full) || !slices.Contains(full.Pods, alive.dir.UUID) {
		t.Errorf("one too many: %v", err)
	}
}

func TestAddressesAreNotReusedAtOnce(t *testing.T) {
	t.Parallel()
	host, data := nettest.New(t, "host"), t.TempDir()
	var got []string
	for range 3 {
		p := newGuest(t, host, data).mustSetUp("default")
		got = append(got, p.Interfaces[0].Addresses...)
		if err := p.end(); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(got, []string{"172.16.28.1/31", "172.16.28.3/31", "172.16.28.5/31"}) {
		t.Errorf("addresses: %q", got)
	}
}
