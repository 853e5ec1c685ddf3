package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
)

// Nobody's app waits until the host's firewall has been looked at; what there is to say
// of it is said in any case.
func TestFirewallIsToldWhenTheAppsRun(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	h.World.Host.NFT(`table inet firewall { chain forward { type filter hook forward priority filter; policy drop; } }`)
	got := h.Run(networked(enginetest.Pod(enginetest.Shell(t, "true")), "default"))
	told := slices.IndexFunc(got.Events, func(e event.Event) bool {
		return e.Type == event.Warning && strings.Contains(e.Message, "the host's firewall drops what it doesn't know (table inet firewall, chain forward)")
	})
	started := slices.IndexFunc(got.Events, func(e event.Event) bool { return e.Type == event.AppStart })
	if got.Err != nil || started < 0 || told < started {
		t.Errorf("the app has started at %d, the firewall is told of at %d (%v): %+v", started, told, got.Err, got.Events)
	}
}
