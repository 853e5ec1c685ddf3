package network

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// A list is made again where somebody has changed something meanwhile, or the kernel
// moved elements that it had to tell of yet.
func TestListsAreMadeInPeace(t *testing.T) {
	t.Parallel()
	nettest.New(t, "host").Do(func() {
		m, err := openPortMaps(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer m.close()
		to := targets{{netip.MustParsePrefix("172.16.28.1/31"), true}}
		elements := m.leading("uuid", port(spec.TCP, "", 8080, 80), to.wildcards()[0], to[0])
		last, err := m.generation()
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range []func() error{
			func() error { return m.ensure(t.Context()) },
			func() error { return m.change(nil, elements) },
			func() error { return m.change(elements, nil) },
		} {
			if err := change(); err != nil {
				t.Fatal(err)
			}
			if all, err := m.elements(); err != nil || hasTwice(all) || !hasTwice(append(all, elements[0], elements[0])) {
				t.Errorf("%+v (%v)", all, err)
			}
			now, err := m.generation()
			if again, _ := m.generation(); err != nil || now == last || again != now {
				t.Errorf("generation %d, then %d and %d (%v)", last, now, again, err)
			}
			last = now
		}
	})
}

// What can't be read is an error, and not nothing.
func TestMapsThatCantBeReadAreAnError(t *testing.T) {
	t.Parallel()
	host := nettest.New(t, "host")
	late, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	host.Do(func() {
		if err := SweepPorts(t.Context()); err != nil {
			t.Errorf("a host without rules: %v", err)
		}
		for what, err := range map[string]error{"swept": SweepPorts(late), "taken back": unpublish(late, poddir.NewUUID())} {
			if err == nil {
				t.Error(what)
			}
		}
		m, err := openPortMaps(late)
		if err != nil {
			t.Fatal(err)
		}
		defer m.close()
		if all, err := m.elements(); err == nil {
			t.Errorf("%d elements (%v)", len(all), err)
		}
	})
}
