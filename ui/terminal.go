package ui

import (
	"context"
	"errors"
	"io"
	"os"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/ui/screen"
)

// handOver gives the terminal away until what runs on it is done. The screen waits
// meanwhile, and is drawn as it was.
func (r *root) handOver(wish screen.Terminal) tea.Cmd {
	r.touch(wish.Pod)
	return tea.Exec(&visitor{root: r, run: wish.Run}, wish.Done)
}

// visitor is who gets the terminal.
type visitor struct {
	root   *root
	run    func(ctx context.Context, stdin io.Reader, stdout io.Writer) error
	stdin  io.Reader
	stdout io.Writer
}

// Run implements tea.ExecCommand. Keys that are signals are the visitor's. The loop
// is here: a panic would be Bubble Tea's.
func (v *visitor) Run() (err error) {
	if box := v.root.box; box != nil {
		defer func() {
			if value := recover(); value != nil {
				box.Take("a visit", value)
				err = errors.New("the screen crashed") // and the next message ends it
			}
		}()
	}
	if v.root.linear { // Bubble Tea has neither
		v.stdin, v.stdout = os.Stdin, os.Stdout
	}
	if v.root.signals != nil {
		defer v.root.signals.aside()()
	}
	return v.run(v.root.visits, v.stdin, v.stdout)
}

// SetStdin implements tea.ExecCommand.
func (v *visitor) SetStdin(r io.Reader) { v.stdin = r }

// SetStdout implements tea.ExecCommand.
func (v *visitor) SetStdout(w io.Writer) { v.stdout = w }

// SetStderr implements tea.ExecCommand: a screen has one way out.
func (v *visitor) SetStderr(io.Writer) {}
