package engine_test

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/network/nettest"
)

// Pods of two data folders of one host don't meet: neither in addresses nor in ports,
// and what becomes of the one's is nothing to the other's.
func TestDataFoldersOfOneHostDontMeet(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	ours := newWorldHost(t)
	theirs := &worldHost{enginetest.NewHost(t), ours.World, t}
	serves := func(h *worldHost, word string, hostPort int) *enginetest.Started {
		pod := networked(enginetest.Pod(enginetest.Shell(t, "echo ready; while :; do echo "+word+" | nc -l -p 80; done")), "default")
		pod.Name = "web" // in both folders
		started := h.Start(published(pod, hostPort, 80))
		started.WaitFor(t, "ready\n")
		return started
	}
	answers := func(address, word string) {
		t.Helper()
		ours.Outside.Eventually(word+" answers at "+address, func() bool {
			said, err := hear(ours.Outside, address)
			return err == nil && said == word+"\n"
		})
	}
	before := ours.warm(connected(t, "true"))
	first := serves(ours, "ours", 8080)
	address := ours.addressOf(first.UUID)

	got := theirs.Run(published(networked(enginetest.Pod(enginetest.Shell(t, "true")), "default"), 8080, 80))
	if want := "port p80: tcp port 8080 of the host is taken by pod " + first.UUID; got.Exit != 125 || got.Err == nil || !strings.HasSuffix(got.Err.Error(), want) || strings.Contains(got.Err.Error(), "\n") {
		t.Errorf("their pod, for our port: exit %d (%v), want %s", got.Exit, got.Err, want)
	}
	if left := glob(theirs.Dir + "/pods/*"); left != nil {
		t.Errorf("left of it: %q", left)
	}
	for _, end := range []func(*enginetest.Started){
		func(second *enginetest.Started) { second.Stop(true) },
		func(*enginetest.Started) { _ = unix.Kill(theirs.pidOf("supervisor", "web"), unix.SIGKILL) },
	} {
		second := serves(theirs, "theirs", 8081)
		if at := theirs.addressOf(second.UUID); at == address {
			t.Errorf("both have the address %s", at)
		}
		answers(nettest.HostIP+":8080", "ours")
		answers(nettest.HostIP+":8081", "theirs")
		end(second)
		second.Wait()
		ours.gc() // of the other folder's end it takes nothing but what leads nowhere
		answers(nettest.HostIP+":8080", "ours")
		theirs.gc()
		answers(nettest.HostIP+":8080", "ours")
		ours.World.Host.Eventually("our link alone is left", func() bool { return ours.links() == 1 })
	}
	first.Stop(true)
	first.Wait()
	ours.isAsBefore(before, "after all")
	theirs.isAsBefore(before, "after all, in the other folder")
}
