package ui_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/theme"
	"github.com/podtui/podtui/ui/uitest"
)

// exported is a pod of which everybody else has to say something.
func exported() spec.Pod {
	return spec.Pod{
		Name: "reduce", Network: spec.Network{Names: []string{"default"}}, Ports: []spec.Port{{Name: "http", HostPort: 8088}},
		Apps: []spec.App{
			{Image: reduceWorker, Args: []string{"--loglevel", "very verbose"}, Memory: "64Mi", StopSignal: "INT", Env: []spec.Var{{Name: "MODE", Value: "map"}}},
			{Image: workerBackup},
		},
		Volumes: []spec.Volume{{Name: "work", Kind: spec.EmptyVolume}, {Name: "cache", Kind: spec.EmptyVolume, Medium: spec.MemoryMedium, Size: "64Mi"}},
	}
}

func TestGoldenPodsInOtherWords(t *testing.T) {
	for _, size := range sizes {
		setup := uitest.Setup{Engine: enginetest.NewScripted(uitest.Samples()...), Options: ui.Options{Start: ui.StartCompose, Pod: exported()}, W: size.w, H: size.h}
		at := fmt.Sprintf("-%dx%d", size.w, size.h)
		uitest.Run(t, setup, func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.ComposeLine).Sees("without a screen").Golden("written-line" + at)
			d.Press(keymap.WrittenNext).Sees("PodManifest").Golden("written-manifest" + at)
			d.Press(keymap.WrittenNext).Sees("kind: Pod").Golden("written-kubernetes" + at)
			d.Press(keymap.WrittenNext).Sees("[Unit]").Golden("written-systemd" + at)
			d.Press(keymap.WrittenNext).Sees("without a screen").Press(keymap.Back).Sees("apps")
		})
	}
	for name, mode := range map[string]theme.Mode{"dark": theme.Dark, "light": theme.Light} {
		setup := uitest.Setup{Engine: enginetest.NewScripted(uitest.Samples()...), Options: ui.Options{Start: ui.StartCompose, Pod: exported()}, Mode: mode}
		uitest.Run(t, setup, func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.ComposeLine, keymap.WrittenNext).Sees("PodManifest").GoldenStyles("styles-written-" + name)
		})
	}
}

// A line from a manual becomes the form, after a question where something is lost, and u
// takes it back.
func TestAPastedLineBecomesTheForm(t *testing.T) {
	setup := uitest.Setup{Engine: recordings(t), Options: composing(workerBackup)}
	uitest.Run(t, setup, func(d *uitest.Driver) {
		d.Sees("worker-backup").Paste("hello").Sees("not taken: no command line of podtui or rkt in this; it begins with hello")
		d.Paste("# rkt --insecure-skip-verify run --volume=work,kind=host,source=/opt/tenant1/work \\\r  example.com/reduce-worker:1.4.0\r").
			Sees("Put the pasted pod into the form?", "It has example.com/reduce-worker:1.4.0, and takes", "--insecure-skip-verify: the form asks").Golden("pasted-80x24")
		d.Pass(time.Second).Press(keymap.DialogYes).Sees("the form is the pasted pod", "reduce-worker · example.com").SeesNot("worker-backup")
		d.Press(keymap.ComposeUndo).Sees("worker-backup · example.com").SeesNot("reduce-worker · ")
		d.Press(keymap.ComposeRedo).Sees("reduce-worker · example.com")
	})
}

// Where a terminal doesn't say that something was pasted, it can be asked for.
func TestALineCanBeTyped(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t), Options: ui.Options{Start: ui.StartCompose}}, func(d *uitest.Driver) {
		d.Press(keymap.ComposePaste).Sees("Paste or type a command line").Type("rkt run example.com/worker-backup:2.0.1").Golden("paste-80x24").
			Press(keymap.EditAccept).Sees("the form is the pasted pod", "worker-backup · example.com")
	})
}
