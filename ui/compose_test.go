package ui_test

import (
	"testing"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/uitest"
)

// form walks through a form wide enough for its notes.
func form(t *testing.T, pod spec.Pod, journey func(d *uitest.Driver)) {
	t.Helper()
	uitest.Run(t, uitest.Setup{W: 160, H: 40, Engine: recordings(t), Options: ui.Options{Start: ui.StartCompose, Pod: pod}}, journey)
}

func worker() spec.App { return spec.App{Image: "example.com/reduce-worker:1.4.0"} }

func TestACommandLineInExecIsHintedAt(t *testing.T) {
	form(t, spec.Pod{Apps: []spec.App{worker()}}, func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeEdit, keymap.ComposeEdit).Type("/bin/x").SeesNot("go into args").
			Type(" -v").Sees("! arguments go into args").Press(keymap.EditAccept).Sees("! arguments go into args")
	})
}

func TestHelpIsNotOfferedWhereItsKeyIsTyped(t *testing.T) {
	form(t, spec.Pod{Apps: []spec.App{worker()}}, func(d *uitest.Driver) {
		d.Sees("? help").Press(keymap.ComposeEdit, keymap.ComposeEdit).SeesNot("? help").Sees("complete, or next field").
			Press(keymap.EditCancel).Sees("? help").
			Press(keymap.GoImages, keymap.ImagesFilter).SeesNot("? help")
	})
}

func TestWhatIsSwitchedTwiceIsAsItWas(t *testing.T) {
	pod := spec.Pod{Apps: []spec.App{worker()}, Volumes: []spec.Volume{{Name: "work", Kind: spec.HostVolume, Source: "/usr"}}}
	form(t, pod, func(d *uitest.Driver) {
		const line = "--volume=work,kind=host,source=/usr example.com"
		d.Sees("verified by", line).Press(keymap.End, keymap.Up, keymap.ComposeRight, keymap.Down).
			Press(keymap.ComposeToggle).Sees("--volume=work,kind=empty example.com").
			Press(keymap.ComposeToggle).Sees(line).
			Press(keymap.Down, keymap.Down, keymap.ComposeToggle).Sees("source=/usr,readOnly=true").
			Press(keymap.ComposeToggle).Sees(line)
	})
}

func TestAHintThatHasNoRoomIsSaidBelow(t *testing.T) {
	options := ui.Options{Start: ui.StartCompose, Pod: spec.Pod{Apps: []spec.App{worker()}}}
	uitest.Run(t, uitest.Setup{W: 80, H: 24, Engine: recordings(t), Options: options}, func(d *uitest.Driver) {
		const hint = "a path, instead of the image's exec and its arguments"
		d.Sees("verified by").SeesNot(hint).Press(keymap.ComposeEdit, keymap.ComposeEdit).Sees(hint).Press(keymap.EditCancel).SeesNot(hint)
	})
}
