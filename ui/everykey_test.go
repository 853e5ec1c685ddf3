package ui_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/uitest"
)

// situation is where an action does something: what it begins with, and the way.
type situation struct {
	options ui.Options
	walk    func(d *uitest.Driver)
}

// everything is an engine with images, pods, keys, hosts to ask, and images that
// nobody vouches for.
func everything(t *testing.T) *enginetest.Scripted {
	e := refusing(t, "two-apps")
	uitest.Live(e)
	e.Take(spec.TCP, 8080, "pod web")
	return e
}

// stocked are drafts with pods that were saved and run.
func stocked(t *testing.T) *drafts.Drafts {
	all, err := drafts.Open(filepath.Join(t.TempDir(), "drafts"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = all.Close() })
	ran := alone()
	ran.Name = "nightly"
	if err := errors.Join(all.Save("web", drafts.Draft{Pod: alone()}, false), all.Ran(drafts.Run{UUID: uitest.Pods()[1].UUID, At: uitest.Noon, Who: "ada", Pod: &ran})); err != nil {
		t.Fatal(err)
	}
	return all
}

// byScope is where most of the actions of a scope do something.
func byScope() map[keymap.Scope]situation {
	at := func(o ui.Options, walk func(d *uitest.Driver)) situation { return situation{options: o, walk: walk} }
	images := func(d *uitest.Driver) { d.Sees("5 images") }
	return map[keymap.Scope]situation{
		keymap.Everywhere: at(ui.Options{}, images),
		keymap.List:       at(ui.Options{}, images),
		keymap.Images:     at(ui.Options{}, images),
		keymap.Offer:      at(ui.Options{}, func(d *uitest.Driver) { search(d.Sees("5 images"), "docker://quay.io/coreos/etcd:v3.5") }),
		keymap.Inside:     at(ui.Options{}, func(d *uitest.Driver) { search(d.Sees("5 images"), "docker://quay.io/coreos/e").Sees("tags ›") }),
		keymap.Search:     at(ui.Options{}, func(d *uitest.Driver) { d.Sees("5 images").Press(keymap.ImagesFilter).Type("coreos") }),
		keymap.Fetches:    at(ui.Options{}, func(d *uitest.Driver) { fetches(d).Press(keymap.ImagesFetches) }),
		keymap.Compose:    at(ui.Options{Start: ui.StartCompose, Pod: composed()}, func(d *uitest.Driver) { d.Sees("does not exist") }),
		keymap.Shelf: at(ui.Options{Start: ui.StartCompose}, func(d *uitest.Driver) {
			d.Press(keymap.ComposeShelf).Sees("saved under a name", "nightly")
		}),
		keymap.Written: at(ui.Options{Start: ui.StartCompose, Pod: exported()}, func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.ComposeLine)
		}),
		keymap.Watch: at(running(), func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.ComposeRun).Sees("listening on 8080")
		}),
		keymap.Pods:    at(ui.Options{Start: ui.StartPods}, func(d *uitest.Driver) { d.Sees("6 pods") }),
		keymap.Pod:     at(ui.Options{Start: ui.StartPods}, func(d *uitest.Driver) { find(d.Sees("6 pods"), "etcd-main") }),
		keymap.PodPage: at(ui.Options{Start: ui.StartPods}, func(d *uitest.Driver) { find(d.Sees("6 pods"), "etcd-main").Press(keymap.PodInspect) }),
		keymap.Trust:   at(atTrust(), func(d *uitest.Driver) { d.Sees("6 keys").Press(keymap.Down) }),
		keymap.TrustFor: at(atTrust(), func(d *uitest.Driver) {
			d.Sees("6 keys").Press(keymap.TrustAdd).Type(teamPage).Press(keymap.EditAccept).Sees("3 keys")
		}),
		keymap.Review: at(ui.Options{}, func(d *uitest.Driver) { fetchTeam(d, "two").Sees("Trust an unknown key?") }),
		keymap.Edit: at(ui.Options{Start: ui.StartCompose, Pod: composed()}, func(d *uitest.Driver) { // the caret is between two words
			d.Sees("does not exist").Press(keymap.ComposeEdit, keymap.Down, keymap.ComposeEdit, keymap.EditToStart, keymap.EditToEnd).
				Type("one two").Press(keymap.EditWordLeft)
		}),
		keymap.Palette: at(ui.Options{}, func(d *uitest.Driver) { d.Sees("5 images").Press(keymap.Find).Type("sort") }),
		keymap.Dialog: at(ui.Options{Start: ui.StartPods}, func(d *uitest.Driver) {
			find(d.Sees("6 pods"), "etcd-main").Press(keymap.PodsStop).Sees("Stop etcd-main")
		}),
	}
}

// special are the actions that do something only in a state of their own: a way
// that goes on from where their scope is, or, with options, another one.
func special() map[keymap.Action]situation {
	then := func(walk func(d *uitest.Driver)) situation { return situation{walk: walk} }
	press := func(actions ...keymap.Action) situation {
		return then(func(d *uitest.Driver) { d.Press(actions...) })
	}
	refused := func(d *uitest.Driver) {
		fetchTeam(d, "app").Sees("Trust an unknown key?").Pass(time.Second).Press(keymap.ReviewRefuse).Sees("1 failed").Press(keymap.ImagesFetches)
	}
	noKey := situation{options: team("app"), walk: func(d *uitest.Driver) {
		d.Sees("not fetched yet").Press(keymap.ComposeRun).Sees("Trust an unknown key?").Pass(time.Second).Press(keymap.ReviewRefuse).
			Press(keymap.GoPods).Sees("failed ").Press(keymap.PodsOpen).Sees("✗ verify")
	}}
	apps := situation{options: ui.Options{Start: ui.StartPods}, walk: func(d *uitest.Driver) {
		find(d.Sees("6 pods"), "5d0077aa").Press(keymap.PodsOpen)
	}}
	found := then(func(d *uitest.Driver) {
		d.Press(keymap.WatchSearch).Type("work").Press(keymap.EditAccept)
	})
	return map[keymap.Action]situation{
		keymap.GoImages: press(keymap.GoCompose),
		keymap.Back:     press(keymap.GoCompose),

		keymap.Up:     press(keymap.End),
		keymap.PageUp: press(keymap.End),
		keymap.Home:   press(keymap.End),

		keymap.ImagesFetches: then(func(d *uitest.Driver) { fetches(d) }),

		keymap.FetchesAgain:      press(keymap.FetchesStop),
		keymap.FetchesRemove:     press(keymap.FetchesStop),
		keymap.FetchesReview:     {options: ui.Options{ConfigDir: "/etc/podtui"}, walk: refused},
		keymap.FetchesUnverified: {options: ui.Options{ConfigDir: "/etc/podtui"}, walk: refused},

		keymap.ComposeReset:   press(keymap.ComposeEdit, keymap.Down),
		keymap.ComposeUndo:    press(keymap.ComposeRemove),
		keymap.ComposeRedo:    press(keymap.ComposeRemove, keymap.ComposeUndo),
		keymap.ComposeToggle:  press(keymap.End, keymap.Up, keymap.ComposeRight, keymap.Down),
		keymap.ComposeMake:    press(keymap.ComposeProblem),
		keymap.ComposeLeft:    press(keymap.ComposeRight),
		keymap.ComposeEarlier: press(keymap.Down),

		keymap.WatchRemove: then(func(d *uitest.Driver) { d.Sees("exited 0").Pass(time.Second) }),

		keymap.WatchReview:     noKey,
		keymap.WatchUnverified: noKey,
		keymap.WatchWrap: {options: running(), walk: func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.ComposeRun).Sees("exited 0").Resize(40, 24)
		}},
		keymap.WatchPrevApp: apps,
		keymap.WatchNextApp: apps,
		keymap.WatchRun:     then(func(d *uitest.Driver) { d.Sees("exited 0") }),
		keymap.WatchNext:    found,
		keymap.WatchPrev:    found,

		keymap.PageRemove: {options: ui.Options{Start: ui.StartPods}, walk: func(d *uitest.Driver) {
			find(d.Sees("6 pods"), "nightly").Press(keymap.PodInspect)
		}},
		keymap.PodsRemove: then(func(d *uitest.Driver) { find(d, "nightly") }),

		keymap.ReviewNarrower: then(func(d *uitest.Driver) { d.Pass(time.Second).Press(keymap.ReviewWider) }),
		keymap.ReviewLeft:     then(func(d *uitest.Driver) { d.Pass(time.Second).Press(keymap.ReviewOther) }),

		keymap.EditReset:  press(keymap.EditAccept, keymap.Down, keymap.ComposeEdit),
		keymap.DialogLeft: press(keymap.DialogOther),
	}
}

// TestEveryKeyDoesWhatTheHelpSays presses the key of each action where it applies, and
// something comes of it; a key that means nothing, pressed in the same place right
// before, changes nothing. That an action's other keys mean the same there, and are not
// hidden, is for keymap's tests.
func TestEveryKeyDoesWhatTheHelpSays(t *testing.T) {
	states, ways := byScope(), special()
	for _, b := range keymap.Default().Bindings() {
		state, ok := states[b.Scope]
		if !ok {
			t.Errorf("nobody knows where %q works", b.Scope)
			continue
		}
		walk := state.walk
		if way, ok := ways[b.Action]; ok {
			delete(ways, b.Action)
			if walk = way.walk; way.options.Start == 0 && way.options.ConfigDir == "" {
				walk = func(d *uitest.Driver) { state.walk(d); way.walk(d) }
			} else {
				state.options = way.options
			}
		}
		for _, key := range b.Keys()[:1] {
			t.Run(fmt.Sprintf("%s by %s", b.Action, key), func(t *testing.T) {
				options := state.options
				options.Drafts = stocked(t)
				setup := uitest.Setup{W: 120, H: 40, Engine: everything(t), Options: options}
				uitest.Run(t, setup, func(d *uitest.Driver) {
					walk(d)
					d.Pass(time.Second) // a question takes no answer at first
					d.Key("f12")
					before := outcome(d)
					if d.Key("f12"); outcome(d) != before {
						t.Fatalf("something happens by itself:\n%s\n%s", before, outcome(d))
					}
					if d.Key(key); outcome(d) == before {
						t.Errorf("%s does not %q:\n%s", key, b.Help().Desc, d.Screen())
					}
				})
			})
		}
	}
	for a := range ways {
		t.Errorf("there is no action %s any more", a)
	}
}

// What was begun last is what ctrl+c ends: a field that is open, and nothing else.
func TestCancelLeavesEveryField(t *testing.T) {
	states := byScope()
	fields := map[string]struct {
		state situation
		open  keymap.Action
	}{
		"images, search": {states[keymap.Images], keymap.ImagesFilter},
		"images, add":    {states[keymap.Images], keymap.ImagesAdd},
		"compose":        {states[keymap.Edit], keymap.None},
		"output, search": {states[keymap.Watch], keymap.WatchSearch},
		"output, since":  {states[keymap.Watch], keymap.WatchSince},
		"output, save":   {states[keymap.Watch], keymap.WatchSave},
		"pods, search":   {states[keymap.Pods], keymap.PodsFilter},
		"trust, search":  {states[keymap.Trust], keymap.TrustFilter},
		"trust, add":     {states[keymap.Trust], keymap.TrustAdd},
		"trust, for":     {states[keymap.TrustFor], keymap.None},
		"shelf, search":  {states[keymap.Shelf], keymap.ShelfFilter},
	}
	for name, f := range fields {
		t.Run(name, func(t *testing.T) {
			options := f.state.options
			options.Drafts = stocked(t)
			uitest.Run(t, uitest.Setup{W: 120, H: 40, Engine: everything(t), Options: options}, func(d *uitest.Driver) {
				f.state.walk(d)
				before := d.Screen()
				if f.open != keymap.None {
					d.Press(f.open).Type("x")
				}
				d.Press(keymap.Cancel).HasQuit(false).SeesNot("again quits")
				after := d.Screen()
				if opened := f.open != keymap.None; opened != (footer(after) == footer(before)) {
					t.Errorf("it is still open:\n%s", after)
				}
			})
		})
	}
}

// footer is the last line of a screen.
func footer(screen string) string { return screen[strings.LastIndexByte(screen, '\n')+1:] }

// outcome is all that can come of a key: what is on the screen, styles and title
// included, and what the terminal is asked to do.
func outcome(d *uitest.Driver) string {
	return d.Raw() + "\n" + strings.Join(d.Told(), " ")
}
