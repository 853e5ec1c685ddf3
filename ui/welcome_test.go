package ui_test

import (
	"context"
	"errors"
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

// nothing is a host where podtui was never used.
func nothing(o ui.Options) uitest.Setup {
	return uitest.Setup{Engine: enginetest.NewScripted(), Options: o}
}

// withDemo has a demo that takes a moment.
func withDemo() ui.Options {
	return ui.Options{Demo: func(context.Context) (spec.Pod, error) {
		time.Sleep(time.Second)
		return spec.Pod{Apps: []spec.App{{Image: "demo/web"}, {Image: "demo/visitor"}}}, nil
	}}
}

func notRoot() ui.Options {
	return ui.Options{
		Trouble: "not root: running pods needs root (sudo podtui)",
		Missing: "Not root: running pods needs root. sudo podtui has it all.", Works: "Searching works without it.",
	}
}

func TestGoldenWelcome(t *testing.T) {
	for name, o := range map[string]ui.Options{"welcome": withDemo(), "welcome-not-root": notRoot()} {
		for _, size := range sizes {
			setup := nothing(o)
			setup.W, setup.H = size.w, size.h
			uitest.Run(t, setup, func(d *uitest.Driver) {
				d.Sees("without a daemon").Golden(fmt.Sprintf("%s-%dx%d", name, size.w, size.h))
			})
		}
	}
	for name, mode := range map[string]theme.Mode{"dark": theme.Dark, "light": theme.Light, "no-color": theme.Plain} {
		setup := nothing(withDemo())
		setup.Mode = mode
		uitest.Run(t, setup, func(d *uitest.Driver) { d.Sees("the demo").GoldenStyles("styles-welcome-" + name) })
	}
}

func TestTheDemoIsOneKeyFromTheForm(t *testing.T) {
	uitest.Run(t, nothing(withDemo()), func(d *uitest.Driver) {
		d.Sees("the demo").Press(keymap.ImagesDemo).Sees("come into the store").Press(keymap.ImagesDemo).
			Sees("2 apps", "the demo is in the form", "runs it").Press(keymap.GoImages).SeesNot("without a daemon")
	})
}

// Who has gone on to something else keeps it.
func TestTheDemoTakesNothingFromWhoWentOn(t *testing.T) {
	for name, goOn := range map[string]func(d *uitest.Driver){
		"another screen": func(d *uitest.Driver) { d.Press(keymap.GoPods) },
		"a search":       func(d *uitest.Driver) { d.Press(keymap.ImagesFilter).Type("etcd") },
		"help":           func(d *uitest.Driver) { d.Press(keymap.Help) },
	} {
		t.Run(name, func(t *testing.T) {
			uitest.Run(t, nothing(withDemo()), func(d *uitest.Driver) {
				d.Sees("the demo").Press(keymap.ImagesDemo)
				goOn(d)
				d.Pass(2 * time.Second).SeesNot("2 apps").Sees("the demo's")
			})
		})
	}
}

func TestADemoThatCantBeShownSaysWhy(t *testing.T) {
	o := ui.Options{Demo: func(context.Context) (spec.Pod, error) { return spec.Pod{}, errors.New("no space left on device") }}
	uitest.Run(t, nothing(o), func(d *uitest.Driver) {
		d.Sees("the demo").Press(keymap.ImagesDemo).Sees("the demo can't be shown: no space left on device", "without a daemon")
	})
}

// It goes when there is something, and is in nobody's way before.
func TestTheWelcomeGoesWhenThereIsSomething(t *testing.T) {
	for name, c := range map[string]struct {
		setup uitest.Setup
		walk  func(d *uitest.Driver)
	}{
		"images":       {uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) { d.Sees("5 images") }},
		"a search":     {nothing(ui.Options{}), func(d *uitest.Driver) { d.Press(keymap.ImagesFilter) }},
		"a file":       {nothing(ui.Options{}), func(d *uitest.Driver) { d.Press(keymap.ImagesAdd) }},
		"a paste":      {nothing(ui.Options{}), func(d *uitest.Driver) { d.Paste("docker://registry.test/app") }},
		"another form": {nothing(ui.Options{Pod: composed()}), func(d *uitest.Driver) { d.Sees("No images yet") }},
	} {
		t.Run(name, func(t *testing.T) {
			uitest.Run(t, c.setup, func(d *uitest.Driver) {
				c.walk(d)
				d.SeesNot("without a daemon")
			})
		})
	}
	e := enginetest.NewScripted()
	e.AddPods(uitest.Pods()...)
	uitest.Run(t, uitest.Setup{Engine: e}, func(d *uitest.Driver) { d.Pass(time.Second).Sees("No images yet").SeesNot("without a daemon") })
}
