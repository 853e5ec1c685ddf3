package sandbox

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAppGetsATerminal(t *testing.T) {
	if !onHosts(t, "as it is", "read-only") {
		return
	}
	p := newTestPod(t)
	const script = `[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && busybox tty && busybox stat -c %u /dev/console && echo ready && busybox stty size && read line && echo "got $line" && busybox stty size`
	app := p.start(script, func(a *App) {
		a.Terminal, a.Rows, a.Cols, a.UID, a.Stdout, a.Stderr = true, 24, 80, 7, nil, nil
	})
	console := app.Console()
	defer console.Close()
	said := readUntil(t, console, "24 80")
	if _, err := console.WriteString("hello\n"); err != nil {
		t.Fatal(err)
	}
	said += readUntil(t, console, "got hello")
	for _, want := range []string{"/dev/pts/0\r\n7\r\nready\r\n24 80", "got hello"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in %q", want, said)
		}
	}
	if ending, _ := app.end(); ending.Status != 0 {
		t.Errorf("%+v", ending)
	}
	if _, err := io.ReadAll(console); !errors.Is(err, unix.EIO) {
		t.Errorf("after the end: %v", err)
	}
	secure := p.start("busybox grep -E '^(Seccomp|CapEff)' /proc/self/status", func(a *App) { a.Terminal = true })
	defer secure.Console().Close()
	if said := readUntil(t, secure.Console(), "Seccomp_filters"); !strings.Contains(said, "Seccomp:\t2") || !strings.Contains(said, "00000000a8") && !strings.Contains(said, "00000000a0") {
		t.Errorf("%q", said)
	}
	secure.end()
}

func TestTerminalThatIsClosedEndsItsApp(t *testing.T) {
	if !onHosts(t, "as it is") {
		return
	}
	p := newTestPod(t)
	app := p.start("echo begun; exec sleep 99", func(a *App) { a.Terminal = true })
	readUntil(t, app.Console(), "begun")
	app.Console().Close()
	if ending, _ := app.end(); ending.Status != 128+int(unix.SIGHUP) {
		t.Errorf("%+v", ending)
	}
}

func readUntil(t *testing.T, from io.Reader, text string) string {
	t.Helper()
	var said bytes.Buffer
	buffer := make([]byte, 4096)
	for !strings.Contains(said.String(), text) {
		n, err := from.Read(buffer)
		said.Write(buffer[:n])
		if err != nil {
			t.Fatalf("%v, after %q", err, said.String())
		}
	}
	return said.String()
}
