package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
)

// waitsForWriter returns a pipe that somebody reads as a file of variables, once
// that has opened it, and what comes of it.
func waitsForWriter(t *testing.T, ctx context.Context) (pipe string, read <-chan error, got *spec.Surroundings) {
	t.Helper()
	pipe, got = filepath.Join(t.TempDir(), "vars"), new(spec.Surroundings)
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		var err error
		*got, err = new(engine.Engine).Surroundings(ctx, spec.Pod{EnvFiles: []string{pipe}})
		done <- err
	}()
	// Who opens the end for writing without waiting finds out whether there is a reader,
	// but would be its writer. So its descriptors tell.
	for !opened(t, pipe) {
		select {
		case err := <-done:
			t.Fatalf("nobody has written, and it was read: %v, %v", *got, err)
		default:
		}
	}
	return pipe, done, got
}

// opened reports whether this process has a file open.
func opened(t *testing.T, name string) bool {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(fds, func(fd os.DirEntry) bool {
		target, err := os.Readlink("/proc/self/fd/" + fd.Name())
		return err == nil && target == name
	})
}

func TestVariablesComeFromAPipeWhoseWriterIsLate(t *testing.T) {
	t.Parallel()
	pipe, read, got := waitsForWriter(t, t.Context())
	if err := os.WriteFile(pipe, []byte("A=late\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := <-read; err != nil || !slices.Equal(got.EnvFile, []spec.Var{{Name: "A", Value: "late"}}) {
		t.Errorf("read of the pipe: %v, %v", got.EnvFile, err)
	}
}

func TestNobodyHasToWaitForThePipe(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	_, read, _ := waitsForWriter(t, ctx)
	cancel()
	if err := <-read; err == nil {
		t.Errorf("given up: %v", err)
	}
}
