package ui_test

import (
	"bufio"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"go.uber.org/goleak"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/settings"
	"github.com/podtui/podtui/ui/uitest"
)

var liveSteps = flag.Int("monkey.live", 2000, "how many random keys, clicks, pastes and resizes a monkey makes over real pods")

// seeds are those that once found something, and stay: a line each, the seed and what
// it found.
func seeds(t *testing.T) []uint64 {
	t.Helper()
	file, err := os.Open(filepath.Join(uitest.Root(), "testdata", "monkey", "seeds"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []uint64
	for lines := bufio.NewScanner(file); lines.Scan(); {
		word, _, _ := strings.Cut(lines.Text(), " ")
		seed, err := strconv.ParseUint(word, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, seed)
	}
	return all
}

// TestMonkeyOverALiveEngine presses keys and clicks without a plan over real images and
// pods: it runs some, stops some, removes some. Unlike TestMonkey's, its order is not
// the same each time; a seed says which keys, not when they meet what. It must not
// panic, and not hang; and in the end nothing goes on.
func TestMonkeyOverALiveEngine(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs real pods for a while")
	}
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if *liveSteps <= 2000 {
		seed = 1 // CI finds what is new, not what is rare
	}
	begun := time.Now()
	out := apart(t, "monkey", strconv.FormatUint(seed, 10), strconv.Itoa(*liveSteps))
	t.Logf("seed %d: %d steps in %.0f s: %s", seed, *liveSteps, time.Since(begun).Seconds(), strings.TrimSpace(out))
}

func liveMonkey(dir, seedWord, stepsWord string) error {
	seed, err := strconv.ParseUint(seedWord, 10, 64)
	if err != nil {
		return err
	}
	steps, err := strconv.Atoi(stepsWord)
	if err != nil {
		return err
	}
	keys := keymap.Default()
	l, err := goLive(dir, ui.Options{
		AllowUnverified: true, Settings: settings.Settings{Keys: keys, Mouse: true}, Environ: []string{"HOME=" + dir},
		Pod: spec.Pod{Apps: []spec.App{{Image: "example.com/sleeper"}, {Image: "busybox.net/busybox", Exec: "/bin/echo", Args: []string{"monkey"}}}},
	}, 6)
	if err != nil {
		return err
	}
	done := l.watch(time.Minute)
	r := rand.New(rand.NewPCG(seed, 2))
	w, h := 80, 24
	for step := range steps {
		if step%50 == 0 {
			if err := l.makeRoom(); err != nil {
				return err
			}
			l.runs(r)
		}
		l.send(anything(r, keys, &w, &h))
	}
	w, h = 80, 24
	l.send(tea.WindowSizeMsg{Width: w, Height: h})
	done()
	err = l.close()
	fmt.Printf("%d pods were started, %d events\n", l.starts.Load(), l.events.Load())
	if err != nil {
		return err
	}
	return allEnded()
}

// runs runs a pod, if nothing is in the way. By keys without a plan that is rare.
func (l *lived) runs(r *rand.Rand) {
	for _, name := range []string{"esc", "esc", "esc", "2"} {
		l.send(uitest.Key(name))
	}
	l.send(tea.PasteMsg{Content: "podtui run " + []string{"busybox.net/busybox --exec /bin/echo -- a monkey", "example.com/sleeper"}[r.IntN(2)]})
	l.send(uitest.Key("r"))
}

// makeRoom ends pods that run, as somebody else may, where there are many.
func (l *lived) makeRoom() error {
	if l.here.Load() < int64(l.pods)-1 {
		return nil
	}
	return l.endAll()
}

// allEnded waits for whatever goes on: what was to come at a time waits for it.
func allEnded() (err error) {
	for begun := time.Now(); time.Since(begun) < 20*time.Second; {
		if err = goleak.Find(); err == nil {
			return nil
		}
	}
	return err
}

// anything is what a terminal may say next.
func anything(r *rand.Rand, keys *keymap.Map, w, h *int) tea.Msg {
	switch n := r.IntN(100); {
	case n < 3:
		*w, *h = 1+r.IntN(300), 1+r.IntN(100)
		if r.IntN(3) == 0 {
			*w, *h = 1+r.IntN(12), 1+r.IntN(8)
		}
		return tea.WindowSizeMsg{Width: *w, Height: *h}
	case n < 5:
		return tea.PasteMsg{Content: pastes[r.IntN(len(pastes))]}
	case n < 15:
		return anyMouse(r, *w, *h)
	case n < 18: // what stops pods, and removes them, is rare among all keys
		return uitest.Key([]string{"3", "s", "y", "enter", "x", "K"}[r.IntN(6)])
	}
	return anyKey(r, keys)
}

var pastes = []string{
	"pasted \x1b[2J\n'", "docker://127.0.0.1:1/app:2\n", "docker://registry.test/many:", "./", "busybox.net/busybox", "/bin/sh -c 'echo $HOME'",
	"podtui run busybox.net/busybox --exec /bin/echo -- a b", "sha512-", "日本の建設 🏗️ \u202egpj.exe", strings.Repeat("long ", 2000),
}
