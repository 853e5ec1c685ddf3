package ui_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/settings"
	"github.com/podtui/podtui/ui/uitest"
)

var monkeySteps = flag.Int("monkey", 1500, "how many random keys, clicks and resizes a monkey makes")

// TestMonkey presses keys and clicks without a plan, in windows of any size. Whatever it
// does, nothing panics or hangs, and every frame is exactly as large as the
// window.
func TestMonkey(t *testing.T) {
	all := []uint64{0, 1, 2, 3}
	for _, seed := range seeds(t) {
		if !slices.Contains(all, seed) {
			all = append(all, seed)
		}
	}
	for _, seed := range all {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { monkey(t, seed, *monkeySteps) })
	}
}

func FuzzKeys(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { monkey(t, seed, 200) })
}

func monkey(t *testing.T, seed uint64, steps int) {
	r := rand.New(rand.NewPCG(seed, 1))
	e := refusing(t, "two-apps", "untrusted-output", "hostile-image")
	e.AddPods(uitest.Pods()...)
	uitest.Live(e)
	keys, _ := keymap.Default().With([]keymap.Change{{Line: 1, Action: string(keymap.WatchSave), Keys: "none"}, {Line: 2, Action: string(keymap.WrittenSave), Keys: "none"}, {Line: 3, Action: string(keymap.PodEnter), Keys: "none"}}) // files would be real ones, anywhere on this host
	options := ui.Options{Pod: composed(), Settings: settings.Settings{Keys: keys, Mouse: true}}
	setup := uitest.Setup{Engine: e, Options: options}
	uitest.Run(t, setup, func(d *uitest.Driver) {
		w, h := 80, 24
		for step := range steps {
			switch n := r.IntN(100); {
			case n < 4:
				w, h = 1+r.IntN(300), 1+r.IntN(100)
				if r.IntN(3) == 0 {
					w, h = 1+r.IntN(12), 1+r.IntN(8)
				}
				d.Resize(w, h)
			case n < 8:
				d.Pass(time.Duration(r.IntN(400)) * time.Millisecond)
			case n < 10:
				d.Paste([]string{"pasted \x1b[2J\n'", "docker://quay.io/coreos/etcd:v3.5.0\n", "docker://registry.test/many:", "./", "coreos.com/etcd",
					"docker://slow.test/a", "docker://quay.io/coreos/clair:", "example.com/team/two:1.0\n", "https://files.test/app.aci"}[r.IntN(9)])
			case n < 20:
				d.Send(anyMouse(r, w, h))
			default:
				d.Send(anyKey(r, keys))
			}
			checkFrame(t, d.Raw(), w, h, seed, step)
		}
	})
}

// anyMouse is something that a mouse does, now and then beside the window.
func anyMouse(r *rand.Rand, w, h int) tea.Msg {
	m := tea.Mouse{X: r.IntN(w + 2), Y: r.IntN(h + 2), Button: tea.MouseLeft}
	switch r.IntN(8) {
	case 0:
		m.Button = tea.MouseWheelUp
		return tea.MouseWheelMsg(m)
	case 1:
		m.Button = tea.MouseWheelDown
		return tea.MouseWheelMsg(m)
	case 2:
		return tea.MouseMotionMsg(m)
	case 3:
		return tea.MouseReleaseMsg(m)
	case 4:
		m.Button = tea.MouseButton(r.IntN(12))
	}
	return tea.MouseClickMsg(m)
}

func anyKey(r *rand.Rand, known *keymap.Map) tea.KeyPressMsg {
	bindings := known.Bindings()
	if keys := bindings[r.IntN(len(bindings))].Keys(); len(keys) > 0 && r.IntN(3) > 0 {
		return uitest.Key(keys[r.IntN(len(keys))])
	}
	letters := []rune("abcdefghijklmnopqrstuvwxyz/=:.'\"\\ 0123日\u0301\u202e")
	return uitest.Key(string(letters[r.IntN(len(letters))]))
}

// checkFrame holds a frame to its window.
func checkFrame(t *testing.T, frame string, w, h int, seed uint64, step int) {
	t.Helper()
	lines := strings.Split(frame, "\n")
	if len(lines) != h {
		t.Fatalf("seed %d, step %d, %d×%d: %d lines:\n%s", seed, step, w, h, len(lines), frame)
	}
	for i, l := range lines {
		if got := ansi.StringWidthWc(l); got != w {
			t.Fatalf("seed %d, step %d, %d×%d: line %d is %d wide: %q", seed, step, w, h, i, got, l)
		}
	}
}
