package ui_test

import (
	"slices"
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/uitest"
)

// formOver walks through a form over an engine of the test's own.
func formOver(t *testing.T, e *enginetest.Scripted, pod spec.Pod, journey func(d *uitest.Driver)) {
	t.Helper()
	uitest.Run(t, uitest.Setup{W: 160, H: 40, Engine: e, Options: ui.Options{Start: ui.StartCompose, Pod: pod}}, journey)
}

func withoutFolder() spec.Pod {
	return spec.Pod{Apps: []spec.App{worker()}, Volumes: []spec.Volume{{Name: "work", Kind: spec.HostVolume, Source: "/no/such/folder"}}}
}

// A folder of the host is created for who asks for it and says yes to its path, and
// for nobody else.
func TestAMissingFolderIsCreatedOnlyWhenAskedFor(t *testing.T) {
	e := recordings(t)
	formOver(t, e, withoutFolder(), func(d *uitest.Driver) {
		d.Sees("/no/such/folder does not exist on the host").SeesNot("m create").
			Press(keymap.ComposeProblem).Sees("; m creates it", "m create the folder").
			Press(keymap.ComposeMake).Sees("Create the folder /no/such/folder on the host?").Pass(time.Second).
			Press(keymap.DialogTake).SeesNot("Create the folder").Sees("does not exist")
		if made := e.Made(); len(made) > 0 {
			t.Errorf("created %q without a yes", made)
		}
		d.Press(keymap.ComposeMake).Pass(time.Second).Press(keymap.DialogYes).Sees("/no/such/folder is there now").
			SeesNot("does not exist").SeesNot("m create")
		if made := e.Made(); !slices.Equal(made, []string{"/no/such/folder"}) {
			t.Errorf("created %q", made)
		}
	})
}

func TestAPathIsLookedAtOnceItRests(t *testing.T) {
	formOver(t, recordings(t), spec.Pod{Apps: []spec.App{worker()}}, func(d *uitest.Driver) {
		d.Sees("work → /var/lib/work", "! starts empty").
			Press(keymap.ComposeEdit, keymap.End, keymap.Up, keymap.Up, keymap.Up, keymap.Up).Press(keymap.ComposeEdit).Type("/no/such").Pass(100 * time.Millisecond).SeesNot("does not exist").
			Type("/path").Sees("/no/such/path does not exist on the host").SeesNot("creates it").
			Press(keymap.EditReset).SeesNot("does not exist")
	})
}

func TestUsersOfTheImageAreOffered(t *testing.T) {
	e := recordings(t)
	images, _ := e.Images()
	e.Known = map[string]engine.People{}
	for _, image := range images {
		e.Known[image.ID] = engine.People{Users: []engine.Person{{Name: "root"}, {Name: "worker", ID: 1000}}}
	}
	formOver(t, e, spec.Pod{Apps: []spec.App{worker()}}, func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeEdit, keymap.Down, keymap.Down, keymap.ComposeEdit).Sees("root  0", "worker  1000").
			Type("wo").SeesNot("root  0").Press(keymap.EditNext).Sees("--user=worker").
			Type("s").Sees(`user "workers": there is none of that name in the image's /etc/passwd; perhaps "worker" is meant`)
	})
}

func TestMoreMemoryThanTheHostHasIsHintedAt(t *testing.T) {
	pod := spec.Pod{Apps: []spec.App{worker()}}
	pod.Apps[0].Memory, pod.Apps[0].CPU = "64Gi", "64"
	formOver(t, recordings(t), pod, func(d *uitest.Driver) {
		d.Sees("! more than the host's 8.2 GB", "! more than the host's 4 cores")
	})
}
