package sandbox

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/spec"
)

// TestStartThatDiesSaysSoInALine has starts of an app that may make ever more
// processes, until one comes through: none of them says anything in the app's name.
func TestStartThatDiesSaysSoInALine(t *testing.T) {
	if !onHosts(t, "as it is") {
		return
	}
	p := newTestPod(t)
	trace := catchStandardError(t)
	died := false
	for most := 1; ; most++ {
		if not := p.host.confine(cgroupPath(p.uuid, "app"), spec.Limits{PIDs: int64(most)}); not.err != nil {
			t.Skip("this host limits no processes: ", not.err)
		}
		said, err := p.try()
		if err == nil && said == "hello\nworld\n" {
			break
		}
		var dead *DeathError
		if errors.As(err, &dead) && strings.HasPrefix(string(dead.Said), "runtime") {
			died = true
		}
		if err == nil || said != "" || strings.Contains(err.Error(), "\n") || most > 30 {
			t.Fatalf("of %d processes: %v, and the app has said %q", most, err, said)
		}
	}
	if written := trace(); !died || !strings.Contains(written, "goroutine ") {
		t.Errorf("died in Go's runtime: %v; its trace is %.200q", died, written)
	}
}

// try makes an app, and tells what has been said in its name.
func (p *testPod) try() (said string, err error) {
	p.t.Helper()
	output, err := os.CreateTemp(p.dir, "output")
	if err != nil {
		p.t.Fatal(err)
	}
	defer output.Close()
	process, err := p.Create(App{
		Name: "app", Root: filepath.Join(p.dir, "root"), Dir: "/", UID: 7, GID: 7,
		Argv: []string{"/bin/sh", "-c", "echo hello; echo world >>/dev/stderr"}, Env: []string{"PATH=/bin", "HOME=/"},
		Stdout: output, Stderr: output,
	})
	if err == nil {
		err = process.Exec()
		_, _ = process.Wait()
		_ = process.Remove()
	}
	written, readErr := os.ReadFile(output.Name())
	if readErr != nil {
		p.t.Error(readErr)
	}
	return string(written), err
}

// catchStandardError has what this process says there until the returned function is
// called, which tells it. Nobody else is in this process.
func catchStandardError(t *testing.T) func() string {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "trace")
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stderr
	os.Stderr = file
	return func() string {
		os.Stderr = before
		defer file.Close()
		written, err := os.ReadFile(file.Name())
		if err != nil {
			t.Error(err)
		}
		return string(written)
	}
}
