package sandbox

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/podtui/podtui/engine/spec"
)

// A start is one process, so that an app is made that may be no more; and what it says
// is the app's from its first word to its last.
func TestAppIsStartedThatMayBeOneProcess(t *testing.T) {
	if !onHosts(t, "as it is") {
		return
	}
	p := newTestPod(t)
	if not := p.host.confine(cgroupPath(p.uuid, "app"), spec.Limits{PIDs: 1}); not.err != nil {
		t.Skip("this host limits no processes: ", not.err)
	}
	output, err := os.CreateTemp(p.dir, "output")
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	process, err := p.Create(App{
		Name: "app", Root: filepath.Join(p.dir, "root"), Dir: "/", UID: 7, GID: 7,
		Argv: []string{"/bin/sh", "-c", "echo hello; echo world >>/dev/stderr"}, Env: []string{"PATH=/bin", "HOME=/"},
		Stdout: output, Stderr: output,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Exec(); err != nil {
		t.Error(err)
	}
	ending, err := process.Wait()
	if err != nil || ending != (Ending{}) {
		t.Errorf("%+v, %v", ending, err)
	}
	if err := process.Remove(); err != nil {
		t.Error(err)
	}
	if said, err := os.ReadFile(output.Name()); err != nil || string(said) != "hello\nworld\n" {
		t.Errorf("%q, %v", said, err)
	}
}
