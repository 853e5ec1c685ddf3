package ui_test

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/uitest"
)

// What goes on is seen in the title and the task bar of a terminal that one does not
// look at, a failure until the next key, and nothing once all is done.
func TestWhatGoesOnIsSeenFromOutside(t *testing.T) {
	bar := func(d *uitest.Driver, when string, want *tea.ProgressBar, title string) {
		t.Helper()
		switch got := d.Bar(); {
		case (got == nil) != (want == nil):
			t.Errorf("%s: bar %+v, want %+v", when, got, want)
		case want != nil && (got.State != want.State || want.Value > 0 && got.Value != want.Value):
			t.Errorf("%s: bar %+v, want %+v", when, *got, *want)
		}
		if got := d.Title(); got != title {
			t.Errorf("%s: title %q, want %q", when, got, title)
		}
	}
	setup := uitest.Setup{Engine: recordings(t), Options: ui.Options{Environ: []string{"TERM=xterm-256color"}}}
	uitest.Run(t, setup, func(d *uitest.Driver) {
		d.Sees("5 images")
		bar(d, "at the beginning", nil, "podtui")
		search(d, "docker://quay.io/coreos/etcd:v3.5").Press(keymap.OfferFetch)
		bar(d, "before a byte has come", &tea.ProgressBar{State: tea.ProgressBarIndeterminate}, "podtui · fetching 1")
		d.Pass(500 * time.Millisecond)
		if got := d.Bar(); got == nil || got.State != tea.ProgressBarDefault || got.Value < 1 || got.Value > 99 {
			t.Errorf("on the way: %+v", got)
		}
		d.Pass(time.Minute)
		bar(d, "at the end", nil, "podtui")
		search(d, "docker://registry.test/private/app:1").Press(keymap.OfferFetch).Pass(10 * time.Second)
		bar(d, "after a failure", &tea.ProgressBar{State: tea.ProgressBarError, Value: 100}, "podtui · failed")
		d.Press(keymap.GoPods)
		bar(d, "after a key", nil, "podtui")
	})
	setup.Engine, setup.Options.Environ = recordings(t), []string{"TERM=linux"}
	uitest.Run(t, setup, func(d *uitest.Driver) {
		search(d.Sees("5 images"), "docker://quay.io/coreos/etcd:v3.5").Press(keymap.OfferFetch)
		bar(d, "on the console", nil, "podtui · fetching 1")
	})
}
