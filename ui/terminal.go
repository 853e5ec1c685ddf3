package ui

import (
	"io"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/ui/screen"
)

// handOver gives the terminal away until what runs on it is done. The screen waits
// meanwhile, and is drawn as it was.
func handOver(wish screen.Terminal) tea.Cmd {
	return tea.Exec(&visitor{run: wish.Run}, wish.Done)
}

// visitor is who gets the terminal.
type visitor struct {
	run    func(stdin io.Reader, stdout io.Writer) error
	stdin  io.Reader
	stdout io.Writer
}

// Run implements tea.ExecCommand.
func (v *visitor) Run() error { return v.run(v.stdin, v.stdout) }

// SetStdin implements tea.ExecCommand.
func (v *visitor) SetStdin(r io.Reader) { v.stdin = r }

// SetStdout implements tea.ExecCommand.
func (v *visitor) SetStdout(w io.Writer) { v.stdout = w }

// SetStderr implements tea.ExecCommand: a screen has one way out.
func (v *visitor) SetStderr(io.Writer) {}
