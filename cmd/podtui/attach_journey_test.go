package main

import (
	"context"
	"strings"
	"syscall"
	"testing"

	"github.com/podtui/podtui/engine"
)

// In batch an interactive app has the terminal: its size, its signals, its keys.
// However that ends, the terminal is as it was.
func TestJourneyWithAnInteractiveApp(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("busybox")
	const run = `podtui --batch --insecure-options=image run --interactive busybox.net/busybox --exec=/bin/sh`
	tm.Command("clear; " + run).Sees("/ #").Command("stty size").Sees("24 80")
	// Keys may be there before the new size is.
	tm.Resize(100, 30).Command("clear; until stty size | grep '^3[0] 100'; do usleep 10000; done").Sees("30 100").Resize(80, 24)
	// As long as the shell in it has the keyboard, ctrl-c is the shell's: wait for what it starts.
	tm.Command("sh -c 'echo sleeps $((6*7)); exec sleep 999'").Sees("sleeps 42").key("ctrl+c").Command("clear; echo a-$((1+1))").Sees("a-2")
	tm.Type("exit 3").key("enter").Sees("status 3").IsShell(3)

	tm.Clear().Command(run + " -- -c 'tty; printf \"\\033[?1049h\\033[?1003hscr%s\" een; exec sleep 999'").Sees("screen").Loses("/dev")
	tm.Signal(syscall.SIGTERM).Sees("killed by signal 15").IsShell(143)
}

// Who attaches sees and types, detaches, and finds the app going on. What a hostile
// app has done to the terminal is undone.
func TestJourneyOfAnAttachment(t *testing.T) {
	long(t)
	tm := openTerminal(t).Image("busybox")
	run := tm.Shell("podtui --batch --insecure-options=image run --detach --pod-name=talk --interactive busybox.net/busybox --exec=/bin/sh")
	if run.status != 0 {
		t.Fatalf("%+v", run)
	}
	const attach = "podtui attach --interactive talk"
	tm.Command(attach).Sees("attached to app busybox", "ctrl-p ctrl-q detaches").Command("stty size").Sees("24 80", "/ #")
	tm.key("ctrl+c").key("ctrl+p", "ctrl+c").Type("echo on").key("enter").Sees("echo on\non").key("ctrl+p", "ctrl+q").Sees("podtui: detached; busybox goes on").IsShell(0)

	// Alternate screen, mouse, pasted text in brackets, no cursor, an inserting
	// terminal with a keypad, margins, keys as sequences, colours, a title, and
	// half of a sequence.
	hostile := `printf '\033[?1049h\033[?1003;1006;2004h\033[?25l\033[4h\033=\033[?1h\033[3;5r\033[>5u\033[>4;2m\033[31m\033]2;evil\007there\033]52;c;'`
	for range 2 {
		tm.Clear().Command(attach).Sees("detaches").Command(hostile).Sees("there").Loses("attached").
			key("ctrl+p", "ctrl+q").Sees("podtui: detached; busybox goes on").IsShell(0)
	}
	if title := tm.tmux("display-message", "-p", "#{pane_title}"); strings.Contains(title, "evil") {
		t.Errorf("the title is left as %s", title)
	}

	// Without --interactive, ctrl-c detaches and what is typed is the shell's.
	tm.Clear().Command("podtui attach talk").Sees("ctrl-c detaches").key("ctrl+c").Sees("podtui: detached; busybox goes on").IsShell(130)
	tm.Clear().Command(attach).Sees("detaches").Signal(syscall.SIGTERM).Sees("podtui: detached").IsShell(143)
	tm.Clear().Command(attach).Sees("detaches").Command("exit 6").IsShell(6)
	if _, err := tm.host.WaitPod(context.Background(), "talk"); err != nil {
		t.Error(err)
	}
	if err := tm.host.StopPod(context.Background(), "talk", engine.StopOptions{}); err != nil {
		t.Error(err)
	}
}

// Clear leaves nothing on the screen but the prompt: what is seen after it is new.
func (tm *terminal) Clear() *terminal {
	tm.t.Helper()
	return tm.Command("clear").until("an empty screen", func(screen string) bool { return strings.TrimSpace(screen) == "$" })
}
