package ui_test

import (
	"fmt"
	"testing"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/secrets"
	"github.com/podtui/podtui/ui/theme"
	"github.com/podtui/podtui/ui/uitest"
)

// elaborate is a pod whose values are secret, long, and in writings of all kinds.
func elaborate() spec.Pod {
	return spec.Pod{
		Apps: []spec.App{
			{Image: "example.com/reduce-worker:1.4.0", Args: []string{"--greet", "שלום עולם", "", "a \"b\"\nc", "日本語 と 👩‍👩‍👧"}, Env: []spec.Var{
				{Name: "DB_PASSWORD", Value: "hunter2"}, {Name: "MODE", Value: "שלום עולם"}, {Name: "WIDE", Value: "日本語の長い値はここで切れる・切れる・切れる"},
				{Name: "EMOJI", Value: "👩‍👩‍👧 🇩🇪 e\u0301"}, {Name: "TRICK", Value: "\x1b[31m\u202eevil"}, {Name: "LONG", Value: fmt.Sprintf("%0120d", 7)}}},
			{Image: "example.com/worker-backup:2.0.1", Env: []spec.Var{{Name: "API_TOKEN", Value: "two\nlines"}}},
		},
		Volumes: []spec.Volume{{Name: "work", Kind: spec.HostVolume, Source: "/no/such/folder"}, {Name: "idle", Kind: spec.EmptyVolume}},
	}
}

// What is in the form is told by signs and words, whatever it is written in; nothing
// is cut without saying so.
func TestGoldenForm(t *testing.T) {
	folder, err := secrets.In("/var/lib/podtui/secrets")
	if err != nil {
		t.Fatal(err)
	}
	folder = folder.Naming(func() string { return "w4djaktjuzpy" })
	for name, walk := range map[string]func(d *uitest.Driver){
		"form-env":  func(d *uitest.Driver) { d.Press(keymap.ComposeChanged, keymap.ComposeChanged) },
		"form-args": func(d *uitest.Driver) { d.Press(keymap.ComposeChanged, keymap.Down, keymap.ComposeEdit, keymap.Down) },
		"form-long": func(d *uitest.Driver) {
			d.Press(keymap.ComposeRight, keymap.End, keymap.Home)
			for range 7 {
				d.Press(keymap.ComposeChanged)
			}
			d.Press(keymap.ComposeEdit)
		},
		"form-map":  func(d *uitest.Driver) { d.Press(keymap.Down, keymap.Down, keymap.Down, keymap.Down) },
		"form-add":  func(d *uitest.Driver) { d.Press(keymap.ComposeAddHere).Type("etc") },
		"form-undo": func(d *uitest.Driver) { d.Press(keymap.ComposeResetApp, keymap.ComposeUndo) },
	} {
		for _, size := range sizes {
			uitest.Run(t, uitest.Setup{
				Engine: recordings(t), Options: ui.Options{Start: ui.StartCompose, Pod: elaborate(), Secrets: folder}, Mode: theme.Plain, W: size.w, H: size.h,
			}, func(d *uitest.Driver) {
				walk(d.Sees("does not exist"))
				d.SeesNot("hunter2").Golden(fmt.Sprintf("%s-%dx%d", name, size.w, size.h))
			})
		}
	}
}
