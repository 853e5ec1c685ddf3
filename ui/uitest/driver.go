// Package uitest drives the interface as a person does, and reads like it:
//
//	d.Press(keymap.ImagesFilter).Type("work").Sees("2 of 5 images")
//
// A journey runs in a synctest bubble over a scripted engine: time passes when
// the journey says so, everything that goes on beside the loop has come to rest
// before the next step, and whatever is left running at the end fails it.
package uitest

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/theme"
)

// Driver is a person at a screen.
type Driver struct {
	t       *testing.T
	model   tea.Model
	keys    *keymap.Map
	arrived chan struct{} // something is in inbox

	mu    sync.Mutex
	inbox []tea.Msg
	quit  bool
	told  []string
}

// Setup is what a journey begins with.
type Setup struct {
	Engine  ui.Engine
	Options ui.Options
	Mode    theme.Mode
	W, H    int // 80×24 if not given

	Linear io.Writer // everything is said there, and nothing drawn; nil: it is drawn
}

// Run walks a journey.
func Run(t *testing.T, s Setup, journey func(d *Driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.Sleep(time.Until(Noon))
		if s.W == 0 {
			s.W, s.H = 80, 24
		}
		if s.Options.Environ == nil {
			s.Options.Environ = []string{"HOME=/root", "LANG=C.UTF-8"}
		}
		keys := s.Options.Settings.Keys
		if keys == nil {
			keys = keymap.Default()
		}
		d := &Driver{t: t, keys: keys, arrived: make(chan struct{}, 1)}
		d.model = ui.NewModel(ctx, s.Engine, s.Options, s.Mode)
		if s.Linear != nil {
			d.model = ui.NewLinear(ctx, s.Engine, s.Options, s.Linear)
		}
		d.start(d.model.Init())
		d.Resize(s.W, s.H)
		defer func() { // whatever is left beside the loop gets the time to end
			cancel()
			time.Sleep(time.Minute)
		}()
		journey(d)
	})
}

// start does work beside the loop, as Bubble Tea does.
func (d *Driver) start(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() { d.receive(cmd()) }()
}

func (d *Driver) receive(msg tea.Msg) {
	if batch, ok := msg.(tea.BatchMsg); ok {
		for _, cmd := range batch {
			d.start(cmd)
		}
		return
	}
	d.mu.Lock()
	d.inbox = append(d.inbox, msg)
	d.mu.Unlock()
	select {
	case d.arrived <- struct{}{}:
	default:
	}
}

// settle takes messages until nothing more comes without time passing.
func (d *Driver) settle() {
	for {
		synctest.Wait()
		d.mu.Lock()
		msgs := d.inbox
		d.inbox = nil
		d.mu.Unlock()
		if len(msgs) == 0 {
			return
		}
		for _, msg := range msgs {
			if kind := fmt.Sprintf("%T", msg); strings.HasPrefix(kind, "tea.") {
				d.told = append(d.told, strings.TrimPrefix(kind, "tea."))
			}
			d.update(msg)
		}
	}
}

func (d *Driver) update(msg tea.Msg) {
	switch msg.(type) {
	case nil:
		return
	case tea.QuitMsg:
		d.quit = true
		return
	}
	var cmd tea.Cmd
	d.model, cmd = d.model.Update(msg)
	d.start(cmd)
	d.model.View() // as after each message
}

// Pass lets time pass.
func (d *Driver) Pass(t time.Duration) *Driver {
	const step = 20 * time.Millisecond
	for ; t > 0; t -= step {
		time.Sleep(min(step, t))
		d.settle()
	}
	return d
}

// Press presses the first key of each action.
func (d *Driver) Press(actions ...keymap.Action) *Driver {
	d.t.Helper()
	for _, a := range actions {
		d.Key(d.keyOf(a))
	}
	return d
}

func (d *Driver) keyOf(a keymap.Action) string {
	for _, b := range d.keys.Bindings() {
		if b.Action == a {
			return b.Keys()[0]
		}
	}
	d.t.Fatalf("no key for %s", a)
	return ""
}

// Key presses keys by their names.
func (d *Driver) Key(names ...string) *Driver {
	for _, name := range names {
		d.update(Key(name))
		d.settle()
	}
	return d
}

// Ahead presses keys by their names, types text and pastes, faster than anything
// is answered.
func (d *Driver) Ahead(typed ...tea.Msg) *Driver {
	for _, msg := range typed {
		if name, ok := msg.(string); ok {
			msg = Key(name)
		}
		d.update(msg)
	}
	d.settle()
	return d
}

// Type types text.
func (d *Driver) Type(text string) *Driver {
	for _, r := range text {
		d.update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	d.settle()
	return d
}

// Paste pastes text.
func (d *Driver) Paste(text string) *Driver {
	d.update(tea.PasteMsg{Content: text})
	d.settle()
	return d
}

// Resize gives the screen another size.
func (d *Driver) Resize(w, h int) *Driver {
	d.update(tea.WindowSizeMsg{Width: w, Height: h})
	d.settle()
	return d
}

// Send gives the model a message that a terminal would.
func (d *Driver) Send(msg tea.Msg) *Driver {
	d.update(msg)
	d.settle()
	return d
}

// Click clicks on a text that is on the screen, on the first of several.
func (d *Driver) Click(text string) *Driver {
	d.t.Helper()
	x, y := d.Where(text)
	return d.Send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
}

// Wheel turns the wheel over a text that is on the screen: so many notches down, or
// up if it is less than none.
func (d *Driver) Wheel(text string, notches int) *Driver {
	d.t.Helper()
	x, y := d.Where(text)
	turn := tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelDown}
	if notches < 0 {
		turn.Button, notches = tea.MouseWheelUp, -notches
	}
	for range notches {
		d.Send(turn)
	}
	return d
}

// Where is the cell in which a text begins.
func (d *Driver) Where(text string) (x, y int) {
	d.t.Helper()
	for y, line := range strings.Split(d.Screen(), "\n") {
		if before, _, ok := strings.Cut(line, text); ok {
			return ansi.StringWidthWc(before), y
		}
	}
	d.t.Fatalf("%q is not to be seen:\n%s", text, d.Screen())
	return 0, 0
}

// MouseMode is what the terminal is asked to tell of the mouse.
func (d *Driver) MouseMode() tea.MouseMode { return d.model.View().MouseMode }

// Raw is the screen with its styles.
func (d *Driver) Raw() string { return d.model.View().Content }

// Screen is the screen as text, without spaces at the ends of lines.
func (d *Driver) Screen() string {
	lines := strings.Split(ansi.Strip(d.Raw()), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// Told is what Bubble Tea was told to do, by the names of its messages: to quit, to
// suspend, to draw all anew, to give the terminal away.
func (d *Driver) Told() []string { return d.told }

// patience is how long a person waits for something to appear.
const patience = time.Minute

// Sees waits until all texts are on the screen.
func (d *Driver) Sees(texts ...string) *Driver {
	d.t.Helper()
	for waited := time.Duration(0); ; waited += 100 * time.Millisecond {
		missing := ""
		screen := d.Screen()
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				missing = text
			}
		}
		if missing == "" {
			return d
		}
		if waited >= patience {
			d.t.Fatalf("never saw %q:\n%s", missing, screen)
		}
		d.Pass(100 * time.Millisecond)
	}
}

// SeesNot fails if a text is on the screen now.
func (d *Driver) SeesNot(text string) *Driver {
	d.t.Helper()
	if strings.Contains(d.Screen(), text) {
		d.t.Fatalf("saw %q:\n%s", text, d.Screen())
	}
	return d
}

// HasQuit fails unless the interface was left.
func (d *Driver) HasQuit(want bool) *Driver {
	d.t.Helper()
	if d.quit != want {
		d.t.Fatalf("quit: %v, want %v:\n%s", d.quit, want, d.Screen())
	}
	return d
}
