package store

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

// A fetch reads four layers at a time. Whatever they are, its process stays below
// a hundred megabytes: it is measured in one of its own.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	if raced {
		t.Skip("without the race detector alone, as make check runs it")
	}
	for name, entries := range floods {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(shm(t), "layer")
			if err := writeFlood(path, entries); err != nil {
				t.Fatal(err)
			}
			if option, ok := strings.CutPrefix(name, "zstd "); ok {
				path = widen(t, path, option)
			}
			// Where others take the processor the collector comes late: what a
			// layer needs is the least that it needed. All of it is told.
			var peaks []int
			for len(peaks) < 8 && (len(peaks) == 0 || slices.Min(peaks) > most) {
				peaks = append(peaks, peakOf(t, path))
			}
			t.Logf("the peaks were %d KiB", peaks)
			if slices.Min(peaks) > most {
				t.Errorf("each peak is over %d KiB", most)
			}
		})
	}
}

// most is how many KiB a layer may take, whatever is in it.
const most = 100_000_000 / 1024

// peakOf is how many KiB a process needs that reads a layer.
func peakOf(t *testing.T, path string) int {
	t.Helper()
	s, err := Open(filepath.Join(shm(t), "store"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := spawn(s, "memory", path, "")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	peak, malformed := strconv.Atoi(strings.TrimSpace(string(out)))
	if err := errors.Join(err, malformed); err != nil {
		t.Fatal(err)
	}
	return peak
}

// floods are layers that would like to take memory.
var floods = map[string]func(w *tar.Writer) error{
	"many folders": func(w *tar.Writer) error {
		return repeated(40_000, func(i int) error {
			return w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: fmt.Sprint("folder-", i, strings.Repeat("x", 80)), Mode: 0o755})
		})
	},
	"folders without entries": func(w *tar.Writer) error {
		return repeated(140, func(i int) error {
			return w.WriteHeader(&tar.Header{Name: fmt.Sprint(i, "/", strings.Repeat("d/", 249), "f"), Mode: 0o644})
		})
	},
	"files that come twice": func(w *tar.Writer) error {
		return repeated(2*maxTwice, func(i int) error {
			return w.WriteHeader(&tar.Header{Name: fmt.Sprint(i/2, strings.Repeat("x", 90)), Mode: 0o644})
		})
	},
	"attributes": func(w *tar.Writer) error {
		return repeated(100, func(i int) error {
			return w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: fmt.Sprint(i), Mode: 0o755, PAXRecords: map[string]string{
				"SCHILY.xattr.trusted.large": strings.Repeat("x", 60_000), "comment": strings.Repeat("y", 900_000),
			}})
		})
	},
	"zstd --long=23": noise, // what it has without an option as well
	"zstd --long=25": noise,
	"zstd --long=26": noise,
}

func noise(w *tar.Writer) error {
	const size = 160 << 20
	err := w.WriteHeader(&tar.Header{Name: "noise", Mode: 0o644, Size: size})
	if err == nil {
		_, err = io.CopyN(w, rand.NewChaCha8([32]byte{}), size)
	}
	return err
}

// maxTwice is unpack's bound on what comes twice.
const maxTwice = 1 << 14

func repeated(n int, f func(int) error) error {
	for i := range n {
		if err := f(i); err != nil {
			return err
		}
	}
	return nil
}

func writeFlood(path string, entries func(w *tar.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := tar.NewWriter(f)
	return errors.Join(entries(w), w.Close())
}

// widen compresses a file so that it takes a wide window.
func widen(t *testing.T, path, option string) string {
	t.Helper()
	if out, err := exec.Command("zstd", "-q", "-1", option, "--rm", path).CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: zstd: %v\n%s", err, out)
	}
	return path + ".zst"
}

// Verify keeps no names, however many and long they are.
func TestMemoryOfVerifyIsBounded(t *testing.T) {
	t.Parallel()
	if raced {
		t.Skip("without the race detector alone, as make check runs it")
	}
	long := strings.Repeat(strings.Repeat("d", 240)+"/", 8)
	for name, harm := range map[string]func(root string) error{
		"sound":   func(string) error { return nil },
		"emptied": func(root string) error { return os.RemoveAll(filepath.Join(root, long[:240])) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(shm(t), "layer")
			if err := writeFlood(path, func(w *tar.Writer) error {
				return repeated(60_000, func(i int) error {
					return w.WriteHeader(&tar.Header{Name: fmt.Sprint(long, i), Mode: 0o644})
				})
			}); err != nil {
				t.Fatal(err)
			}
			s, err := Open(filepath.Join(shm(t), "store"))
			if err != nil {
				t.Fatal(err)
			}
			layer, err := os.ReadFile(path)
			if err == nil {
				err = os.Remove(path)
			}
			if err != nil {
				t.Fatal(err)
			}
			d := newDraft(t, s)
			dir := read(t, d, layer)
			img, _, err := d.Commit(context.Background(), registryImage([]string{diffID(layer)}))
			if err == nil {
				err = harm(filepath.Join(dir, rootfsDir))
			}
			if err != nil {
				t.Fatal(err)
			}
			wantPeak(t, spawn(s, "verify memory", img.ID, ""), name == "sound")
		})
	}
}

// wantPeak runs what prints how many damages it found, and how much memory it
// took.
func wantPeak(t *testing.T, cmd *exec.Cmd, sound bool) {
	t.Helper()
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	var damages, peak int
	if _, malformed := fmt.Sscan(string(out), &damages, &peak); err != nil || malformed != nil {
		t.Fatal(err, malformed)
	}
	t.Logf("%d damages, the peak was %d KiB", damages, peak)
	if peak > most || sound != (damages == 0) {
		t.Errorf("%d damages, the peak was %d KiB", damages, peak)
	}
}

func verifyOnly(s *Store, id string) error {
	found, err := s.Verify(context.Background(), id, nil)
	if err != nil {
		return err
	}
	fmt.Println(len(found))
	return printPeak()
}

func printPeak() error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	fmt.Println(strings.Fields(string(rest))[0])
	return nil
}

// readFour reads four layers side by side, and prints how much memory that took
// at most. That they are not those that were asked for is told at their ends.
func readFour(s *Store, path string) error {
	d, err := s.Draft()
	if err != nil {
		return err
	}
	var group errgroup.Group
	for i := range 4 {
		group.Go(func() error {
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			err = d.ReadLayer(context.Background(), f, LayerOptions{DiffID: fmt.Sprintf("%s%064x", diffIDPrefix, i)})
			var refused *ArchiveError
			if !errors.As(err, &refused) {
				return fmt.Errorf("not refused: %w", err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return also(printPeak(), d.Close())
}
