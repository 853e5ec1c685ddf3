package network

import (
	"context"
	"net/netip"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/spec"
)

// TestLookingTakesNoPort: somebody looks at a port again and again, and nobody who binds
// it meets them. No other test runs meanwhile, as a process that one starts has for a
// moment what is open here.
func TestLookingTakesNoPort(t *testing.T) {
	host := nettest.New(t, "host")
	ctx, cancel := context.WithCancel(t.Context())
	var looking sync.WaitGroup
	wanted := []spec.Published{port(spec.TCP, "", 1008, 80), port(spec.UDP, "127.0.0.1", 1008, 80)}
	looking.Go(func() {
		host.Do(func() {
			for ctx.Err() == nil {
				LookAtSockets().Check(wanted, func(spec.Published) string { return "another" })
			}
		})
	})
	host.Do(func() {
		for range 2000 {
			sockets, err := holdAll(wanted, []netip.Addr{netip.IPv4Unspecified()}, func(spec.Published, netip.Addr) string { return "who looks" })
			if err != nil {
				t.Error(err)
				break
			}
			sockets.release()
		}
	})
	cancel()
	looking.Wait()
}

func FuzzSeenSocket(f *testing.F) {
	f.Add(make([]byte, 72))
	f.Add(append(append(append([]byte{unix.AF_INET6}, make([]byte, 71)...), 5, 0, 11, 0), 1, 0, 0, 0))
	f.Add(append(make([]byte, 72), 5, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, message []byte) {
		if s, ok := parseSeen(message); ok && !s.on.IsValid() {
			t.Errorf("%q: %v", message, s)
		}
	})
}
