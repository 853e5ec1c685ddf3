package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/origin"
)

// On a terminal a download shows how far it is while it goes on, and is gone from
// the screen when it is over.
func TestDownloadIsSeenOnATerminal(t *testing.T) {
	t.Parallel()
	aci, err := os.ReadFile(enginetest.BuildImage(t, "busybox"))
	if err != nil {
		t.Fatal(err)
	}
	gate := make(chan struct{})
	server := origin.Start(t)
	server.Host("example.com").File("/app.aci", aci).Fault(origin.Both(origin.Throttle(int64(len(aci))), origin.HoldAfter(int64(len(aci)/2), gate)))

	command := exec.Command("podtui", "--dir="+t.TempDir(), "--insecure-options=image", "fetch", "https://example.com/app.aci")
	command.Env = append(append(os.Environ(), server.Env()...), "TERM=xterm-256color")
	screen := startOn(t, command)
	enginetest.Eventually(t, "half of the download", func() bool {
		return strings.Contains(screen(), "podtui: fetching https://example.com/app.aci: ") && strings.Contains(screen(), "/s, ")
	})
	close(gate)
	if err := command.Wait(); err != nil {
		t.Fatal(err, screen())
	}
	enginetest.Eventually(t, "the image's ID", func() bool { return strings.Contains(screen(), "sha512-") })
	const want = `podtui: searching for app image https://example.com/app.aci
podtui: fetching image from https://example.com/app.aci
podtui: warning: signature verification has been disabled
sha512-`
	if got := screen(); !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 3 {
		t.Errorf("got\n%s", got)
	}
}

// startOn starts a command on a terminal of its own, and returns what tells what
// is on the screen.
func startOn(t *testing.T, command *exec.Cmd) (screen func() string) {
	t.Helper()
	ours, theirs, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	if err := pty.Setsize(ours, &pty.Winsize{Rows: 24, Cols: 100}); err != nil {
		t.Fatal(err)
	}
	command.Stdin, command.Stdout, command.Stderr = theirs, theirs, theirs
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	emulator := vt.NewEmulator(100, 24)
	var ends sync.WaitGroup
	ends.Go(func() { io.Copy(io.Discard, emulator) }) // nobody waits for its answers
	ends.Go(func() {
		buffer := make([]byte, 4096)
		for {
			n, err := ours.Read(buffer)
			if err != nil {
				return
			}
			mu.Lock()
			emulator.Write(bytes.Clone(buffer[:n]))
			mu.Unlock()
		}
	})
	t.Cleanup(func() {
		command.Process.Kill()
		theirs.Close() // the last end: reading ours ends
		emulator.InputPipe().(io.Closer).Close()
		ends.Wait()
		ours.Close()
	})
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		rows := strings.Split(emulator.String(), "\n")
		for i, row := range rows {
			rows[i] = strings.TrimRight(row, " \r")
		}
		return strings.TrimRight(strings.Join(rows, "\n"), "\n")
	}
}
