package watch

import (
	"slices"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/screen"
)

// What a pod's events don't tell, its status does.
func TestWhereAPodIsThatDoesNotJustRun(t *testing.T) {
	now := time.Unix(1000, 0)
	waits := []poddir.AppStatus{{Name: "a", Next: now.Add(12 * time.Second)}}
	for _, c := range []struct {
		status          poddir.Status
		where, position string
		offered, not    keymap.Action
	}{
		{poddir.Status{State: poddir.Running}, "running · a+b 9e06f0e2", "following · 0 lines", keymap.WatchStop, keymap.WatchRun},
		{poddir.Status{State: poddir.Running, Name: "web2"}, "running · web2 9e06f0e2", "following · 0 lines", keymap.WatchStop, keymap.WatchRun},
		{poddir.Status{State: poddir.Prepared, Name: "web2"}, "prepared · web2 9e06f0e2", "not running yet", keymap.WatchRun, keymap.WatchStop},
		{poddir.Status{State: poddir.Preparing, Before: poddir.Exited}, "starting · a+b 9e06f0e2", "following · 0 lines", keymap.WatchStop, keymap.WatchRun},
		{poddir.Status{State: poddir.Running, Apps: waits}, "restarting in 12 s · a+b 9e06f0e2", "following · 0 lines", keymap.WatchStop, keymap.WatchRun},
	} {
		s := New(t.Context(), &screen.Env{Now: func() time.Time { return now }, Keys: keymap.Default()}, nil)
		s.call([]string{"a", "b"})
		s.uuid = "9e06f0e2-0000-0000-0000-000000000000"
		s.Set(c.status)
		if got := s.Where(); got != c.where {
			t.Errorf("%q, want %q", got, c.where)
		}
		if got := s.position(); got != c.position {
			t.Errorf("%s: %q, want %q", c.where, got, c.position)
		}
		if keys := s.Footer(); !slices.Contains(keys, c.offered) || slices.Contains(keys, c.not) {
			t.Errorf("%s offers %q", c.where, keys)
		}
	}
}
