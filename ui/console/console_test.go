package console

import (
	"io"
	"os"
	"testing"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

func openPTY(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, theirs, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ours.Close()
		theirs.Close()
	})
	return ours, theirs
}

// What is typed after the terminal was given back is for who has it then.
func TestClosedConsoleTakesNoKeyAndLeavesTheTerminalAsItWas(t *testing.T) {
	t.Parallel()
	ours, theirs := openPTY(t)
	before, err := term.GetState(theirs.Fd())
	if err != nil {
		t.Fatal(err)
	}
	c, err := Open(theirs, theirs)
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		p := make([]byte, 16)
		n, _ := c.Read(p)
		read <- string(p[:n])
		_, err := c.Read(p)
		read <- err.Error()
	}()
	if _, err := ours.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	if got := <-read; got != "\x03" {
		t.Errorf("typed ctrl-c, read %q", got)
	}
	c.Close()
	c.Close()
	if got := <-read; got != io.EOF.Error() {
		t.Errorf("after Close: %s", got)
	}
	if after, err := term.GetState(theirs.Fd()); err != nil || *after != *before {
		t.Errorf("the terminal is left in another mode (%v)", err)
	}
	if _, err := ours.WriteString("next\n"); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 16)
	if n, err := theirs.Read(p); err != nil || string(p[:n]) != "next\n" {
		t.Errorf("the next reads %q (%v)", p[:n], err)
	}
}
