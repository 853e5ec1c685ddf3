package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// patience is how long a program may take to paint, and then to end.
const patience = 5 * time.Second

// paint is a program on a terminal, which is done when it shows a text.
func (w *workshop) paint(name string, m mark, text, program string, args ...string) *contestant {
	return &contestant{
		name: name, mark: m, must: program == w.podtui, absent: lacking(program, filepath.Base(program)),
		once: func(ctx context.Context) (took, error) {
			return paintOnce(w.command(ctx, program, args...), text)
		},
	}
}

// paintOnce starts a program on a new terminal, waits for a text on it, and ends
// the program. The terminal answers no questions.
func paintOnce(cmd *exec.Cmd, text string) (took, error) {
	terminal, screen, err := pty.Open()
	if err != nil {
		return took{}, err
	}
	defer terminal.Close()
	if err := pty.Setsize(terminal, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		return took{}, err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	start := time.Now()
	err = cmd.Start()
	screen.Close()
	if err != nil {
		return took{}, err
	}
	watchdog := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	seen, err := waitFor(terminal, text)
	wall := time.Since(start)
	_ = cmd.Process.Signal(syscall.SIGTERM)
	drain(terminal)
	_ = cmd.Wait() // ended by a signal of ours
	if err != nil {
		return took{}, errors.Join(fmt.Errorf("%q was not painted: %w; there was %.200q", text, err, seen), settle())
	}
	return took{wall: wall}, settle()
}

// waitFor reads from a terminal until a text is there.
func waitFor(terminal *os.File, text string) (seen string, err error) {
	buffer := make([]byte, 64<<10)
	var raw []byte
	for {
		n, err := terminal.Read(buffer)
		raw = append(raw, buffer[:n]...)
		seen = plainText(raw)
		if strings.Contains(seen, text) {
			return seen, nil
		}
		if err != nil {
			return seen, err
		}
	}
}

// drain reads what still comes, so that its writer isn't held up.
func drain(terminal *os.File) {
	buffer := make([]byte, 64<<10)
	for {
		if _, err := terminal.Read(buffer); err != nil {
			return
		}
	}
}
