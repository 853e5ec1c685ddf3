package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"testing"
	"time"
)

// An archive that would take too much memory is told so, whatever it holds.
func TestWindowsAreBounded(t *testing.T) {
	t.Parallel()
	archive := named(t, "example.com/a")
	for _, test := range []struct {
		name string
		tool []string
		want string
	}{
		{"zstd of a usual level", []string{"zstd"}, ""},
		{"zstd as libraries do it best", []string{"zstd", "--long=25"}, ""},
		{"zstd that needs all there is", []string{"zstd", "--long=26"}, ""},
		{"zstd of the highest level", []string{"zstd", "--ultra", "-22"}, "archive takes more than 64 MiB of memory to decompress zstd"},
		{"zstd over long distances", []string{"zstd", "--long=31"}, "archive takes more than 64 MiB of memory to decompress zstd"},
		{"xz of the highest level", []string{"xz", "-9e"}, ""},
		{"xz over long distances", []string{"xz", "--lzma2=dict=128MiB"}, "archive takes more than 64 MiB of memory to decompress xz"},
		{"zstd with a wider frame behind", nil, "archive takes more than 8 MiB of memory to decompress zstd"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var packed []byte
			if test.tool == nil {
				packed = append(stream(t, archive[:512], "zstd"), stream(t, archive[512:], "zstd", "--long=25")...)
			} else {
				packed = stream(t, archive, test.tool[0], test.tool[1:]...)
			}
			s := open(t)
			_, _, err := s.Import(context.Background(), bytes.NewReader(packed), ImportOptions{})
			var refused *ArchiveError
			if test.want == "" && err != nil || test.want != "" && (!errors.As(err, &refused) || err.Error() != test.want) {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
		})
	}
}

// stream compresses without telling the program how much comes, as a pipe does:
// it can't choose a window that is smaller than its level's.
func stream(t *testing.T, data []byte, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("NOT TESTED: there is no %s", name)
	}
	cmd := exec.Command(name, append(args, "-c")...)
	cmd.Stdin = io.MultiReader(bytes.NewReader(data)) // so that it is a pipe
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// Who needs memory that others have waits for it, no longer than it may.
func TestWindowsAreWaitedFor(t *testing.T) {
	// Not parallel: it takes all there is.
	archive := named(t, "example.com/a")
	packed := stream(t, archive, "xz")
	if err := windows.Acquire(context.Background(), maxWindow); err != nil {
		t.Fatal(err)
	}
	s := open(t)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, _, err := s.Import(ctx, bytes.NewReader(packed), ImportOptions{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	add(t, s, filter(t, archive, "gzip")) // needs none
	windows.Release(maxWindow)
	add(t, s, packed)
}
