package ui

import (
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
)

func TestWhatGoesOnIsSaidWhenTheScreenIsClosed(t *testing.T) {
	e := enginetest.NewScripted()
	e.AddPods(
		poddir.Status{UUID: "8e6fc849-0000-0000-0000-000000000000", State: poddir.Running},
		poddir.Status{UUID: "aaaaaaaa-0000-0000-0000-000000000000", State: poddir.Running}, // somebody else's
		poddir.Status{UUID: "bbbbbbbb-0000-0000-0000-000000000000", State: poddir.Exited},
	)
	got := goesOn(e, []string{"bbbbbbbb-0000-0000-0000-000000000000", "8e6fc849-0000-0000-0000-000000000000"})
	if want := "pod 8e6fc849 still runs: podtui stop 8e6fc849\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
