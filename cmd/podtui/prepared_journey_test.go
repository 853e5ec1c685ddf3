package main

import (
	"testing"

	"github.com/podtui/podtui/keymap"
)

// A pod that was prepared on a command line is run from its screen, which follows it
// then; and what was only run from the list is told of at the end as well.
func TestJourneyWithAPreparedPod(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("sleeper")
	for _, name := range []string{"web1", "web2"} {
		if out := tm.Shell("podtui --insecure-options=image prepare --pod-name=" + name + " example.com/sleeper"); out.status != 0 {
			t.Fatalf("%+v", out)
		}
	}
	tm.Command("podtui").Sees("1 Images").Press(keymap.GoPods).Sees("2 pods", "▌  web2").Press(keymap.PodsOpen).
		Sees("prepared · web2", "not running yet", "r run, restart").
		Press(keymap.WatchRun).Sees("running · web2", "ready", "following · 1 line", "s stop")
	tm.Press(keymap.Quit).Sees("▌  web2").Press(keymap.Down).Sees("▌  web1").Press(keymap.PodsRun).Sees("started web1 (", "Pods ● 2")
	tm.Press(keymap.Quit, keymap.Quit).Sees("pod web2 (", ") still runs: podtui logs web2 / podtui stop web2", ") still runs: podtui logs web1 / podtui stop web1").IsShell(0)
	if out := tm.Shell("podtui stop web1 web2"); out.status != 0 {
		t.Errorf("%+v", out)
	}
}
