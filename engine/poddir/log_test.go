package poddir

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func testLog(t *testing.T) (*Dir, *LogWriter) {
	t.Helper()
	dir, err := Create(t.TempDir(), NewUUID())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dir.Unlock)
	w, err := dir.CreateLog("app")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	w.segment = 1 << 10
	return dir, w
}

func write(t *testing.T, w *LogWriter, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		if err := w.Write(time.Now(), "stdout", []byte(fmt.Sprintf("line %d\n", n))); err != nil {
			t.Fatal(err)
		}
	}
}

// read returns the lines that are there, each as its number or as LOST.
func read(t *testing.T, r *LogReader) string {
	t.Helper()
	var b strings.Builder
	for {
		lines, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) == 0 {
			return strings.TrimSpace(b.String())
		}
		for _, line := range lines {
			if line.Lost() {
				b.WriteString("LOST ")
				continue
			}
			b.WriteString(strings.TrimPrefix(line.Text, "line ") + " ")
		}
	}
}

func numbers(from, to int) string {
	var b strings.Builder
	for n := from; n < to; n++ {
		fmt.Fprintf(&b, "%d ", n)
	}
	return strings.TrimSpace(b.String())
}

func TestLogKeepsTwoSegments(t *testing.T) {
	t.Parallel()
	dir, w := testLog(t)
	write(t, w, 0, 1000)
	entries, err := os.ReadDir(dir.file(logsDir))
	if err != nil || len(entries) != 2 {
		t.Fatalf("%v (%v)", entries, err)
	}
	r, err := dir.OpenLog("app", LogRange{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got := read(t, r)
	if !strings.HasPrefix(got, "LOST ") || strings.Count(got, "LOST") != 1 || !strings.HasSuffix(got, " 998 999") {
		t.Errorf("read %s", got)
	}
	first := strings.Fields(got)[1]
	var n int
	fmt.Sscan(first, &n)
	if got != "LOST "+numbers(n, 1000) {
		t.Errorf("not every line from %d on: %s", n, got)
	}
}

func TestReaderThatKeepsUpLosesNothing(t *testing.T) {
	t.Parallel()
	dir, w := testLog(t)
	write(t, w, 0, 1)
	r, err := dir.OpenLog("app", LogRange{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got []string
	got = append(got, read(t, r))
	for n := 1; n < 1000; n += 10 {
		write(t, w, n, min(n+10, 1000))
		got = append(got, read(t, r))
	}
	if all := strings.Join(got, " "); all != numbers(0, 1000) {
		t.Errorf("read %s", all)
	}
}

func TestReaderThatFallsBehindIsTold(t *testing.T) {
	t.Parallel()
	dir, w := testLog(t)
	write(t, w, 0, 5)
	r, err := dir.OpenLog("app", LogRange{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := read(t, r); got != numbers(0, 5) {
		t.Errorf("read %s", got)
	}
	write(t, w, 5, 1000)
	if got := read(t, r); strings.Count(got, "LOST") != 1 || !strings.HasSuffix(got, " 998 999") {
		t.Errorf("read %s", got)
	}
}

func TestOutputComesBackByteForByte(t *testing.T) {
	t.Parallel()
	dir, w := testLog(t)
	w.segment = 64
	pieces := []string{"a", "b\nc", "\n\n", "\x1b[0m\xff\r\n", "no end"}
	for _, p := range pieces {
		if err := w.Write(time.Now(), "stdout", []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	r, err := dir.OpenLog("app", LogRange{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got := read(t, r)
	for _, line := range r.Rest() {
		got += "…" + line.Text
	}
	if !strings.HasSuffix(got, "…no end") {
		t.Errorf("read %q", got)
	}
}

func FuzzLogReader(f *testing.F) {
	f.Add([]byte("2026-11-26T02:21:59.123456789Z stdout F text\n"))
	f.Add([]byte("2026-11-26T02:21:59.123456789Z stderr P part\n2026-11-26T02:21:59.123456789Z stderr F end\n"))
	f.Add([]byte("torn\n\n2026 x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := Open(t.TempDir(), "pod")
		if err := os.MkdirAll(dir.file(logsDir), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir.file(logsDir, "app"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := dir.OpenLog("app", LogRange{})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		total := 0
		for {
			lines, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			if len(lines) == 0 {
				break
			}
			for _, line := range lines {
				total += len(line.Text)
			}
		}
		if total > len(data) {
			t.Errorf("%d bytes of lines out of %d", total, len(data))
		}
	})
}
