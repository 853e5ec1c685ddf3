package poddir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A writer is killed with any part of a record written; another goes on. No
// reader misses anything that was in the file, or takes one thing for another:
// neither one that comes later nor one that has seen the part.
func TestWriterGoesOnAfterAnyCut(t *testing.T) {
	t.Parallel()
	dir, w := testLog(t)
	say(t, w, "stdout", "first\n")
	before := w.size
	say(t, w, "stdout", "second\n@2026 third")
	log, err := os.ReadFile(dir.file(logsDir, "app"))
	if err != nil {
		t.Fatal(err)
	}
	for cut := before; cut < int64(len(log)); cut++ {
		dir, w := testLog(t)
		if err := os.WriteFile(w.path, log[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		r := reader(t, dir, LogRange{})
		seen := readAll(t, r)
		part := string(log[min(before+int64(headerSize), cut):cut])
		again := writer(t, dir, segmentSize)
		say(t, again, "stderr", "other\n")
		say(t, again, "stdout", "+\n")
		want := "first|" + strings.ReplaceAll("!other|"+part+"+|", "\n", "|")
		if i := strings.IndexByte(part, '\n'); i >= 0 {
			want = "first|" + part[:i] + "|!other|" + part[i+1:] + "+|"
		}
		if got := shown(t, reader(t, dir, LogRange{})); got != want {
			t.Errorf("cut at %d: got %q, want %q", cut, got, want)
		}
		got := ""
		for _, line := range seen {
			got += line.Text + "|"
		}
		if got += shown(t, r); got != want {
			t.Errorf("cut at %d: who had read gets %q, want %q", cut, got, want)
		}
	}
}

// A crash while a segment becomes the older one leaves only that, or a new one
// under the name that it is made with.
func TestWriterGoesOnAfterACrashWhileItRotates(t *testing.T) {
	t.Parallel()
	dir, w := testLog(t)
	say(t, w, "stdout", "first\n")
	r := reader(t, dir, LogRange{})
	if err := os.Rename(w.path, w.path+olderSuffix); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.path+newSuffix, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := shown(t, reader(t, dir, LogRange{})); got != "first|" {
		t.Errorf("in between: %s", got)
	}
	say(t, writer(t, dir, 200), "stdout", "second\n")
	for _, r := range []*LogReader{r, reader(t, dir, LogRange{})} {
		if got := shown(t, r); got != "first|second|" {
			t.Errorf("got %s", got)
		}
	}
}

func TestWriterLeavesBehindWhatIsNoLog(t *testing.T) {
	t.Parallel()
	for name, garbage := range map[string]string{
		"text":          "2026-11-26T02:21:59.123456789Z stdout F a line of another version, long enough for a header\n",
		"a huge record": "@2026-11-26T02:21:59.123456789Z stdout 9999999999\nx" + strings.Repeat("y", 100),
		"zeros":         strings.Repeat("\x00", 5000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, w := testLog(t)
			if err := os.WriteFile(w.path, []byte(garbage), 0o600); err != nil {
				t.Fatal(err)
			}
			again := writer(t, dir, segmentSize)
			say(t, again, "stdout", "after\n")
			if got := shown(t, reader(t, dir, LogRange{})); !strings.HasPrefix(got, "LOST ") || !strings.HasSuffix(got, "were passed over|after|") {
				t.Errorf("got %q", got)
			}
			if kept, err := os.ReadFile(w.path + olderSuffix); string(kept) != garbage {
				t.Errorf("%q is left (%v)", kept, err)
			}
		})
	}
}

func TestLogIsAFile(t *testing.T) {
	t.Parallel()
	dir, w := testLog(t)
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.WriteFile(elsewhere, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]func() error{
		"a link":   func() error { return os.Symlink(elsewhere, w.path) },
		"a pipe":   func() error { return unix.Mkfifo(w.path, 0o600) },
		"a folder": func() error { return os.Mkdir(w.path, 0o700) },
	} {
		if err := errors.Join(os.Remove(w.path), make()); err != nil {
			t.Fatal(err)
		}
		if r, err := dir.OpenLog("app", LogRange{}); err == nil {
			t.Errorf("%s was opened: %+v", name, r)
		}
		if _, err := dir.CreateLog("app"); err == nil {
			t.Errorf("%s is written to", name)
		}
	}
	for _, name := range []string{"", ".", "..", "../state", "a/b", "/etc/passwd"} {
		if _, err := dir.OpenLog(name, LogRange{}); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("app %q: %v", name, err)
		}
	}
}

// A file of a terabyte of nothing costs no terabyte of reading.
func TestHugeFileIsBounded(t *testing.T) {
	t.Parallel()
	dir, w := testLog(t)
	if err := os.Truncate(w.path, 1<<40); err != nil {
		t.Skip(err)
	}
	r := reader(t, dir, LogRange{})
	if got := shown(t, r); !strings.HasPrefix(got, "LOST ") || r.seg.off > maxSegment {
		t.Errorf("read up to %d: %s", r.seg.off, got)
	}
}

// smallDisk is a tmpfs of its own, in nobody's way: it is nowhere but behind the
// path.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	fsfd, err := unix.Fsopen("tmpfs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		t.Skipf("a file system of its own: %v", err)
	}
	defer unix.Close(fsfd)
	if err := errors.Join(unix.FsconfigSetString(fsfd, "size", size), unix.FsconfigCreate(fsfd)); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Fsmount(fsfd, unix.FSMOUNT_CLOEXEC, 0)
	if err != nil {
		t.Skipf("a file system of its own: %v", err)
	}
	disk := os.NewFile(uintptr(fd), "disk")
	t.Cleanup(func() { disk.Close() })
	return fmt.Sprintf("/proc/self/fd/%d", disk.Fd())
}

func TestFullDiskIsToldAndHarmsNothing(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "1m")
	dir := Open(disk, "pod")
	if err := os.MkdirAll(dir.file(logsDir), 0o700); err != nil {
		t.Fatal(err)
	}
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 300<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	w := writer(t, dir, segmentSize)
	r := reader(t, dir, LogRange{})
	text := strings.Repeat("x", 99) + "\n"
	written, refused, rounds := 0, 0, 0
	var got []LogLine
	write := func() error {
		p := strings.Repeat(text, 400)
		err := w.Write(time.Now(), "stdout", []byte(p))
		written += len(p)
		return err
	}
	for range 3 {
		for range 30 {
			if err := write(); errors.Is(err, unix.ENOSPC) {
				refused++
			} else if err != nil {
				t.Fatal(err)
			}
			got = append(got, readAll(t, r)...)
		}
		if err := os.Truncate(filler, int64(200-100*rounds)<<10); err != nil {
			t.Fatal(err)
		}
		rounds++
		if err := write(); err != nil {
			t.Fatalf("there is room again: %v", err)
		}
	}
	if refused == 0 {
		t.Fatal("the disk was never full")
	}
	got = append(got, readAll(t, r)...)
	checkAccount(t, got, written, rounds)
	checkAccount(t, readAll(t, reader(t, dir, LogRange{})), written, rounds)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	say(t, writer(t, dir, segmentSize), "stdout", "usable\n")
	if got := shown(t, reader(t, dir, LogRange{Last: 1})); got != "usable|" {
		t.Errorf("got %s", got)
	}
}

// checkAccount holds: what is in the log and what it says is not in it are all
// that was written.
func checkAccount(t *testing.T, got []LogLine, written, gaps int) {
	t.Helper()
	there, missed, told := 0, 0, 0
	for _, line := range got {
		switch {
		case line.Lost():
			n := 0
			if _, err := fmt.Sscan(line.Text, &n); err != nil || !strings.HasSuffix(line.Text, " bytes of output could not be written: no space left on device") {
				t.Errorf("told %q", line.Text)
			}
			missed += n
			told++
		case strings.Trim(line.Text, "x") != "":
			t.Errorf("read %q", line.Text)
		case line.Partial:
			there += len(line.Text)
		default:
			there += len(line.Text) + 1
		}
	}
	if there+missed != written || told != gaps {
		t.Errorf("%d bytes there and %d told of are not %d; %d gaps, want %d", there, missed, written, told, gaps)
	}
}
