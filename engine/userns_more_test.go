package engine_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
)

// Whoever attaches to a pod with users of its own types to its apps and sees them, in
// whatever way they have their input, as root and as another user, and after a restart.
func TestPrivatePodIsAttachedTo(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := enginetest.NewHost(t)
	for _, user := range []string{"0", "1234"} {
		for kind, newline := range map[engine.Input]string{engine.PipeInput: "\n", engine.TerminalInput: "\r\n"} {
			t.Run(user+" by "+string(kind), func(t *testing.T) {
				t.Parallel()
				app := enginetest.Shell(t, `echo ready; while read x </dev/stdin; do
					case $x in end) exit 0;; again) exit 1;; size) stty size;; *) echo "got $x" >/dev/stdout; echo err >/dev/stderr;; esac; done`)
				app.User, app.Group, app.Restart = user, user, "on-failure:1"
				pod := privatePod(app)
				pod.Interactive = true
				running, err := h.Engine.Run(t.Context(), pod, engine.RunOptions{SkipVerify: true, Input: kind}, nil)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					running.Stop(true)
					_, _ = running.Wait()
					running.Close()
				})
				first := attach(t, h, running.UUID, engine.AttachOptions{Input: true, Rows: 50, Cols: 132})
				first.types("one\n").sees("got one" + newline)
				if kind == engine.TerminalInput {
					first.types("size\n").sees("50 132")
				}
				if err := first.Close(); err != nil {
					t.Error(err)
				}
				if _, err := first.Wait(); !errors.Is(err, engine.ErrDetached) {
					t.Errorf("detached: %v", err)
				}
				again := attach(t, h, running.UUID, engine.AttachOptions{Input: true})
				again.types("two\n").sees("got two" + newline)
				again.types("again\n").sees("ready" + newline)
				again.types("three\n").sees("got three" + newline)
				again.types("end\n").ends(0)
			})
		}
	}
}

// A data folder on a file system without idmapped mounts stacks nothing for such a
// pod, and says what does: copies, which it has no trouble with.
func TestPrivatePodWhereNothingCanBeMapped(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	if err := unix.Mount("ramfs", h.Dir, "ramfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(h.Dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	h.Engine = h.Open()
	pod := privatePod(enginetest.Shell(t, "id -u; stat -c %u:%g / /bin/busybox /home/worker; touch /made"))
	const want = "the file system of the images has no idmapped mounts, which pods with private users stack them by; --no-overlay copies them"
	if got := h.Run(pod); got.Exit != 125 || got.Err == nil || !strings.HasSuffix(got.Err.Error(), want) {
		t.Errorf("%d (%v), want %s", got.Exit, got.Err, want)
	}
	pod.NoOverlay = true
	got := h.Run(pod)
	if got.Exit != 0 || got.Stdout != "0\n0:0\n0:0\n1000:1000\n" {
		t.Errorf("%d (%v): %q %q", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
	const unseen = "the file system of the pods has no idmapped mounts, and without what a pod with private users has left can't be seen as it was"
	if _, err := out(h, got.UUID, "/made", t.TempDir(), true); err == nil || !strings.HasSuffix(err.Error(), unseen) {
		t.Errorf("%v, want %s", err, unseen)
	}
}
