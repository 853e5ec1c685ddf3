package ui_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/uitest"
)

// What is said above the footer is there to its end, unless it would take the screen.
func TestWhatIsSaidIsNotCut(t *testing.T) {
	long := strings.Repeat("why it went wrong, and ", 10) + "what would mend it"
	options := ui.Options{Trouble: "/etc/podtui/" + strings.Repeat("a-long-folder/", 8) + "trustedkeys: permission denied"}
	uitest.Run(t, uitest.Setup{Engine: recordings(t), Options: options}, func(d *uitest.Driver) {
		rows := func() int { return strings.Count(d.Sees("5 images").Screen(), "\n") + 1 }
		d.Sees("! /etc/podtui/", "trustedkeys: permission", "denied", "? help")
		if n := rows(); n != 24 {
			t.Errorf("%d rows:\n%s", n, d.Screen())
		}
		d.Resize(200, 24).Sees("trustedkeys: permission denied")
		d.Resize(40, 8).Sees("! /etc/podtui/", "…").SeesNot("permission denied")
	})
	e := recordings(t)
	e.FailTrust(errors.New(long + strings.Repeat(" and so on", 200)))
	uitest.Run(t, uitest.Setup{Engine: e, Options: atTrust()}, func(d *uitest.Driver) {
		d.Sees("6 keys").Press(keymap.TrustRemove).Pass(time.Second).Press(keymap.DialogYes).
			Sees("! why it went wrong", "what would mend it", "/ search", "Site administration", "? help")
		if n := strings.Count(d.Screen(), "\n") + 1; n != 24 {
			t.Errorf("%d rows:\n%s", n, d.Screen())
		}
	})
}

// Several errors are told one after the other.
func TestSeveralErrorsAreJoinedInWords(t *testing.T) {
	e := recordings(t)
	e.FailTrust(errors.Join(errors.New("one is busy"), errors.New("one is broken")))
	uitest.Run(t, uitest.Setup{Engine: e, Options: atTrust()}, func(d *uitest.Driver) {
		d.Sees("6 keys").Press(keymap.TrustRemove).Pass(time.Second).Press(keymap.DialogYes).Sees("! one is busy; one is broken")
	})
}
