package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// TestClientsOfUDPFindTheNextPod: a client that goes on from one port of its own was
// remembered as one of the pod that is gone, or of nobody.
func TestClientsOfUDPFindTheNextPod(t *testing.T) {
	t.Parallel()
	w := newPortWorld(t)
	first, next := w.newPod(), w.newPod()
	web := port(spec.UDP, "", 8080, 80)
	client := func() error {
		var err error
		w.Outside.Do(func() { err = askFrom(nettest.OutsideIP+":5555", nettest.HostIP+":8080") })
		return err
	}
	if client() == nil {
		t.Fatal("somebody answers already")
	}
	first.Echo("udp", ":80")
	held := first.mustPublish(web)
	held.forgetting.Wait()
	if err := client(); err != nil {
		t.Fatalf("a client that asked before: %v", err)
	}
	first.unpublish()
	nettest.Unforked(held.Close)
	if client() == nil {
		t.Error("a client still reaches a pod whose port is not published any more")
	}
	first.Run("ip", "link", "del", "eth0")
	next.Echo("udp", ":80")
	held = next.mustPublish(web)
	held.forgetting.Wait()
	if err := client(); err != nil {
		t.Errorf("a client of the first pod's: %v", err)
	}
	// After a crash, nothing is unpublished.
	nettest.Unforked(held.Close)
	next.Run("ip", "link", "del", "eth0")
	last := w.newPod()
	last.Echo("udp", ":80")
	last.mustPublish(web).forgetting.Wait()
	if err := client(); err != nil {
		t.Errorf("a client of a pod's that crashed: %v", err)
	}
}

// askFrom says a word to an echo from a certain port.
func askFrom(from, to string) error {
	dialer := net.Dialer{LocalAddr: net.UDPAddrFromAddrPort(netip.MustParseAddrPort(from))}
	conn, err := dialer.Dial("udp", to)
	if err != nil {
		return err
	}
	defer nettest.Unforked(func() { conn.Close() }) // the next one has the same port
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := conn.Write([]byte("hello")); err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 64))
	return err
}

// TestStaleElementsAreReplaced: what a pod has left behind that was killed leads
// nobody astray who gets its port, and its cleaning up takes nothing from them.
func TestStaleElementsAreReplaced(t *testing.T) {
	t.Parallel()
	w := newPortWorld(t)
	killed, other := w.newPod(), w.newPod()
	web := port(spec.TCP, "", 8080, 80)
	nettest.Unforked(killed.mustPublish(web).Close)
	heir := *killed // a pod that got its address as well
	heir.uuid = poddir.NewUUID()
	for _, p := range []*testPod{&heir, other} {
		p.Echo("tcp", ":80")
		held := p.mustPublish(web)
		killed.unpublish()
		for _, where := range []string{nettest.HostIP, "127.0.0.1"} {
			if _, err := w.Host.Ask("tcp", hostPort(where, 8080)); err != nil {
				t.Errorf("at %s: %v", where, err)
			}
		}
		killed.mustNotBeNamed()
		p.unpublish()
		p.unpublish() // twice is as good as once
		p.mustNotBeNamed()
		nettest.Unforked(held.Close)
	}
}

func (p *testPod) mustNotBeNamed() {
	p.w.t.Helper()
	if rules := p.w.Host.Run("nft", "list", "ruleset"); strings.Contains(rules, p.uuid) {
		p.w.t.Errorf("pod %s is still in the rules:\n%s", p.uuid, rules)
	}
}

// TestOnePodGetsAPort of many that start at once, and the others are told who.
func TestOnePodGetsAPort(t *testing.T) {
	t.Parallel()
	const pods = 8
	w := newPortWorld(t)
	all := make([]*testPod, pods)
	template := w.newPod()
	for i := range all { // they differ in what counts here
		p := *template
		p.uuid = poddir.NewUUID()
		p.interfaces = []poddir.Interface{{Network: "default", Addresses: []string{fmt.Sprintf("172.16.28.%d/31", 2*i+1)}}}
		all[i] = &p
	}
	for round := range 4 {
		errs, got := make([]error, pods), make([]*published, pods)
		var starting sync.WaitGroup
		for i, p := range all {
			starting.Go(func() {
				got[i], errs[i] = p.publish(port(spec.TCP, nettest.HostIP, 8080, 80), port(spec.UDP, nettest.HostIP, 9000+i, 80))
			})
		}
		starting.Wait()
		winner := -1
		for i, err := range errs {
			if err == nil && winner >= 0 {
				t.Errorf("round %d: pods %d and %d both have it", round, winner, i)
			} else if err == nil {
				winner = i
			}
		}
		if winner < 0 {
			t.Fatalf("round %d: nobody has it: %v", round, errors.Join(errs...))
		}
		for i, err := range errs {
			var wrong *PortError
			if i != winner && (!errors.As(err, &wrong) || wrong.Port.HostPort != 8080) {
				t.Errorf("round %d, pod %d: %v", round, i, err)
			}
		}
		if _, err := template.publish(port(spec.TCP, "", 8080, 80)); err == nil || !strings.Contains(err.Error(), "is taken by pod "+all[winner].uuid) {
			t.Errorf("round %d: %v instead of pod %s", round, err, all[winner].uuid)
		}
		all[winner].unpublish()
		nettest.Unforked(got[winner].Close)
		all[winner].mustNotBeNamed()
	}
}

// TestManyPodsPublishAtOnce: none is kept from its ports by others, even where the
// rules have to be laid first, and those are laid once.
func TestManyPodsPublishAtOnce(t *testing.T) {
	t.Parallel()
	const pods = 24
	w := newPortWorld(t)
	template := w.newPod()
	all, errs := make([]testPod, pods), make([]error, pods)
	var starting sync.WaitGroup
	for i := range all {
		all[i] = *template
		all[i].uuid = poddir.NewUUID()
		all[i].interfaces = []poddir.Interface{{Network: "default", Addresses: []string{fmt.Sprintf("172.16.28.%d/31", 2*i+1)}}}
		starting.Go(func() {
			var got *published
			if got, errs[i] = all[i].publish(port(spec.TCP, nettest.HostIP, 8000+i, 80)); errs[i] == nil {
				defer got.Close()
				w.Host.Do(func() { errs[i] = unpublish(context.Background(), all[i].uuid) })
			}
		})
	}
	starting.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	rules := w.Host.Run("nft", "list", "ruleset")
	for _, p := range all {
		if strings.Contains(rules, p.uuid) {
			t.Errorf("pod %s is still in the rules", p.uuid)
		}
	}
	if laid := strings.Count(rules, portsVersion); laid != 17 {
		t.Errorf("%d rules instead of 17:\n%s", laid, rules)
	}
}

// TestRangesOfPorts lead port by port.
func TestRangesOfPorts(t *testing.T) {
	t.Parallel()
	w := newPortWorld(t)
	pod := w.newPod()
	long := port(spec.TCP, "", 7000, 1000)
	long.Count = 600 // more than one message holds
	held := pod.mustPublish(long)
	for _, n := range []int{0, 255, 256, 599} {
		pod.Echo("tcp", fmt.Sprintf(":%d", 1000+n))
		if _, err := w.Outside.Ask("tcp", hostPort(nettest.HostIP, 7000+n)); err != nil {
			t.Errorf("port %d of the range: %v", n, err)
		}
	}
	pod.Echo("tcp", ":1600")
	if _, err := w.Outside.Ask("tcp", hostPort(nettest.HostIP, 7600)); err == nil {
		t.Error("the port after the range is published")
	}
	pod.unpublish()
	held.Close()
	pod.mustNotBeNamed()
}

// TestPortsOfPodsWithoutDefaultRoute answer everybody all the same, as they can't
// outside of the ports: clients look like the host to them.
func TestPortsOfPodsWithoutDefaultRoute(t *testing.T) {
	t.Parallel()
	w := newPortWorld(t)
	pod := w.newPod().unrouted()
	pod.Echo("tcp", ":80")
	pod.mustPublish(port(spec.TCP, "", 8080, 80))
	for _, c := range []struct {
		who       *nettest.Namespace
		where, as string
	}{
		{w.Outside, nettest.HostIP, "172.16.28.0"},
		{w.Outside, nettest.HostIP6, "fd12:3456::"},
		{w.Host, nettest.HostIP, "172.16.28.0"},
		{w.Host, "127.0.0.1", "172.16.28.0"},
		{w.newPod().Namespace, nettest.HostIP, "172.16.28.0"},
	} {
		if as, err := c.who.Ask("tcp", hostPort(c.where, 8080)); err != nil || as.Addr() != netip.MustParseAddr(c.as) {
			t.Errorf("at %s: taken for %v (%v) instead of %s", c.where, as, err, c.as)
		}
	}
}

// TestHostChangesUnderPublishedPorts: it gets another address, and its rules are
// loaded from what they were saved as; the next pod mends what is broken in ours.
func TestHostChangesUnderPublishedPorts(t *testing.T) {
	t.Parallel()
	w := newPortWorld(t)
	pod := w.newPod()
	pod.Echo("tcp", ":80")
	pod.mustPublish(port(spec.TCP, "", 8080, 80))
	const later = "198.51.100.77"
	w.Host.Run("ip", "address", "add", later+"/24", "dev", nettest.Uplink)
	ask := func(when string, number int) {
		t.Helper()
		for who, where := range map[*nettest.Namespace]string{w.Outside: later, w.Host: "127.0.0.1"} {
			if _, err := who.Ask("tcp", hostPort(where, number)); err != nil {
				t.Errorf("%s, at %s: %v", when, where, err)
			}
		}
	}
	ask("an address that came later", 8080)
	saved := w.Host.Run("nft", "list", "ruleset")
	w.Host.NFT("flush ruleset\n" + saved)
	ask("rules that were saved and loaded", 8080)
	if loaded := w.Host.Run("nft", "list", "ruleset"); loaded != saved {
		t.Errorf("nft has understood\n%s\nas\n%s", saved, loaded)
	}
	for i, broken := range []string{"flush chain inet podtui ports_own", "delete chain inet podtui ports_in", "delete table inet podtui", "flush ruleset"} {
		w.Host.NFT(broken)
		pod.mustPublish(port(spec.TCP, "", 8081+i, 80))
		ask("after "+broken, 8081+i)
	}
}

// TestPodsThatCanHaveNoPorts are told why, and nothing is held or laid for them.
func TestPodsThatCanHaveNoPorts(t *testing.T) {
	t.Parallel()
	w := newPortWorld(t)
	pod := w.newPod()
	for want, interfaces := range map[string][]poddir.Interface{
		"the pod has no address that ports could lead to: its networks give it none":    {{Network: "l2"}},
		"port web: " + nettest.HostIP6 + " is of IPv6, of which the pod has no address": {{Network: "default", Addresses: []string{"172.16.28.1/31"}}},
		`network odd: the pod's address "1.2.3" is none`:                                {{Network: "odd", Addresses: []string{"1.2.3"}}},
	} {
		pod.interfaces = interfaces
		if _, err := pod.publish(port(spec.TCP, "", 8080, 80), port(spec.TCP, nettest.HostIP6, 8081, 80)); err == nil || err.Error() != want {
			t.Errorf("%v instead of %s", err, want)
		}
	}
	pod.unpublish()
	if rules := w.Host.Run("nft", "list", "ruleset"); strings.Contains(rules, "podtui") {
		t.Errorf("there are rules:\n%s", rules)
	}
	isFree(t, w.Host, spec.TCP, 8080)
}
