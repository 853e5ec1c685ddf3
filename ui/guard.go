package ui

import (
	"fmt"
	"os"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/ui/blackbox"
	"github.com/podtui/podtui/ui/text"
)

// guarded is the root on a terminal: whatever panics in it, it ends as by the key,
// so that the terminal is restored whole. Bubble Tea's own way with panics leaves
// the stack on the screen.
type guarded struct {
	root    *root
	box     *blackbox.Box
	quit    func() // of the program; it may wait for the loop
	provoke provoked
	doomed  bool     // the next frame is to panic
	last    tea.View // drawn from a root that was whole
}

// Init implements tea.Model.
func (g *guarded) Init() (cmd tea.Cmd) {
	defer func() {
		if v := recover(); v != nil {
			cmd = g.crashed("an update", v)
		}
	}()
	return g.watched(g.root.Init())
}

// Update implements tea.Model. After a panic the root is half of one thing and half
// of another: it gets nothing more.
func (g *guarded) Update(msg tea.Msg) (model tea.Model, cmd tea.Cmd) {
	if g.box.Crash() != nil {
		return g, tea.Quit
	}
	defer func() {
		if v := recover(); v != nil {
			model, cmd = g, g.crashed("an update", v)
		}
	}()
	g.note(msg)
	if g.provoke.by(msg) {
		return g, g.provokes()
	}
	_, cmd = g.root.Update(msg)
	return g, g.watched(cmd)
}

// View implements tea.Model.
func (g *guarded) View() (v tea.View) {
	if g.box.Crash() != nil {
		return g.last
	}
	defer func() {
		if value := recover(); value != nil {
			g.box.Take("a view", value)
			v = g.last
			go g.quit() // the loop, which it waits for, is here
		}
	}()
	if g.doomed {
		panic(provocation)
	}
	g.last = g.root.View()
	return g.last
}

// watched is work whose panic ends the program as well.
func (g *guarded) watched(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if v := recover(); v != nil {
				msg = g.crashed("a command", v)()
			}
		}()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			all := make(tea.BatchMsg, len(batch))
			for i := range batch {
				all[i] = g.watched(batch[i])
			}
			return all
		}
		return msg
	}
}

// crashed notes a panic, and ends the program.
func (g *guarded) crashed(where string, value any) tea.Cmd {
	g.box.Take(where, value)
	return tea.Quit
}

// note notes what a report tells of.
func (g *guarded) note(msg tea.Msg) {
	g.box.Message(msg)
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		g.box.Size(msg.Width, msg.Height)
	case tea.KeyPressMsg:
		if msg.Text != "" && (len(g.root.dialogs) > 0 || g.root.typing()) {
			g.box.Typed()
			return
		}
		g.box.Key(msg.Keystroke())
	}
}

// ended tells of a crash, once the terminal is the shell's again: where to read about
// it, or all of it where that could not be written.
func (g *guarded) ended(reports string) error {
	c := g.box.Crash()
	if c == nil {
		return nil
	}
	const said = "the screen crashed; pods that run go on"
	path, err := c.Write(reports)
	if err != nil {
		fmt.Fprint(os.Stderr, c)
		return fmt.Errorf("%s; what stands above could not be kept: %w", said, err)
	}
	return fmt.Errorf("%s; %s is for whoever mends it", said, text.Escape(path))
}

// safely says what a root has to say that may be half of one thing and half of
// another.
func (g *guarded) safely(say func() string) (said string) {
	defer func() {
		if v := recover(); v != nil {
			g.box.Take("its end", v)
		}
	}()
	return say()
}

// provocation is what a provoked panic has for a value.
const provocation = "provoked by PODTUI_PANIC"

// provoked is a panic that PODTUI_PANIC asks for, so that it can be seen what comes
// of one: "update", "view" or "command", at once, or when a key is pressed, as in
// "view:ctrl+l".
type provoked struct{ where, key string }

func provokedBy(variable string) provoked {
	where, key, _ := strings.Cut(variable, ":")
	return provoked{where, key}
}

// by reports whether it is time. At once is when the first list is there.
func (p provoked) by(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case painted:
		return p.where != "" && p.key == ""
	case tea.KeyPressMsg:
		return p.where != "" && p.key != "" && p.key == msg.Keystroke()
	}
	return false
}

func (g *guarded) provokes() tea.Cmd {
	switch g.provoke.where {
	case "update":
		panic(provocation)
	case "view":
		g.doomed = true
	case "command":
		return g.watched(tea.Batch(func() tea.Msg { panic(provocation) }, func() tea.Msg { return nil }))
	}
	return nil
}
