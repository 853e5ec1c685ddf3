package poddir

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func testLog(t testing.TB) (*Dir, *LogWriter) {
	t.Helper()
	dir, err := Create(t.TempDir(), NewUUID())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dir.Unlock)
	return dir, writer(t, dir, 1<<10)
}

// writer goes on with the log, with segments of a size.
func writer(t testing.TB, dir *Dir, segment int64) *LogWriter {
	t.Helper()
	w, err := dir.CreateLog("app")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	w.segment = segment
	return w
}

// say writes to a stream, as if it came out of the pipe in one read.
func say(t testing.TB, w *LogWriter, stream, text string) {
	t.Helper()
	if err := w.Write(time.Now(), stream, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, w *LogWriter, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		say(t, w, "stdout", fmt.Sprintf("line %d\n", n))
	}
}

func reader(t testing.TB, dir *Dir, choice LogRange) *LogReader {
	t.Helper()
	r, err := dir.OpenLog("app", choice)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// read returns the lines that are there, each as its number or as LOST.
func read(t testing.TB, r *LogReader) string {
	t.Helper()
	var b strings.Builder
	for _, line := range readAll(t, r) {
		if line.Lost() {
			b.WriteString("LOST ")
			continue
		}
		b.WriteString(strings.TrimPrefix(line.Text, "line ") + " ")
	}
	return strings.TrimSpace(b.String())
}

func readAll(t testing.TB, r *LogReader) (all []LogLine) {
	t.Helper()
	for {
		lines, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) == 0 {
			return all
		}
		all = append(all, lines...)
	}
}

// shown is a log as somebody sees it who reads all of it: lines with their
// streams, "…" where one has no end.
func shown(t testing.TB, r *LogReader) string {
	t.Helper()
	var b strings.Builder
	for _, line := range append(readAll(t, r), r.Rest()...) {
		end := "|"
		if line.Partial {
			end = "…|"
		}
		b.WriteString(map[string]string{"stdout": "", "stderr": "!", "lost": "LOST "}[line.Stream] + line.Text + end)
	}
	return b.String()
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
	for _, entry := range entries {
		if info, _ := entry.Info(); info.Size() > w.segment {
			t.Errorf("%s has %d bytes", entry.Name(), info.Size())
		}
	}
	got := read(t, reader(t, dir, LogRange{}))
	var n int
	fmt.Sscanf(got, "LOST %d", &n)
	if n == 0 || got != "LOST "+numbers(n, 1000) {
		t.Errorf("not every line from %d on: %s", n, got)
	}
}

func TestReaderThatKeepsUpLosesNothing(t *testing.T) {
	t.Parallel()
	dir, w := testLog(t)
	write(t, w, 0, 1)
	r := reader(t, dir, LogRange{})
	got := []string{read(t, r)}
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
	r := reader(t, dir, LogRange{})
	if got := read(t, r); got != numbers(0, 5) {
		t.Errorf("read %s", got)
	}
	write(t, w, 5, 1000)
	if got := read(t, r); strings.Count(got, "LOST") != 1 || !strings.HasSuffix(got, " 998 999") {
		t.Errorf("read %s", got)
	}
}

// A writer, rotating all the time, and readers beside it: each sees numbers that
// only grow, and a gap only where it is told of one.
func TestReadersBesideAWriterSeeEachLineOnce(t *testing.T) {
	t.Parallel()
	dir, w := testLog(t)
	w.segment = 64 << 10
	const last = 20_000
	write(t, w, 0, 1)
	readers := make(chan error)
	for range 2 {
		r := reader(t, dir, LogRange{})
		go func() { readers <- followNumbers(r, last) }()
	}
	for n := 1; n <= last; n += 5 {
		text := ""
		for i := range 5 {
			text += fmt.Sprintf("line %d\n", n+i)
		}
		say(t, w, []string{"stdout", "stderr"}[n%2], text)
	}
	for range 2 {
		if err := <-readers; err != nil {
			t.Error(err)
		}
	}
}

func followNumbers(r *LogReader, last int) error {
	next, lost := 0, true
	for next <= last {
		lines, err := r.Read()
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			time.Sleep(time.Millisecond)
		}
		for _, line := range lines {
			var n int
			if _, err := fmt.Sscanf(line.Text, "line %d", &n); err != nil {
				lost = line.Lost()
				if !lost || line.Text != rotatedText {
					return fmt.Errorf("%+v", line)
				}
				continue
			}
			if n < next || n > next && !lost {
				return fmt.Errorf("%d comes where %d was expected (told: %v)", n, next, lost)
			}
			next, lost = n+1, false
		}
	}
	return nil
}

func TestOutputComesBackByteForByte(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 100_000)
	for name, c := range map[string]struct {
		pieces []string // with "!" on standard error
		want   string
	}{
		"in pieces":         {[]string{"a", "b\nc", "\n\n", "\x1b[0m\xff\r\n", "no end"}, "ab|c||\x1b[0m\xff\r|no end…|"},
		"two streams":       {[]string{"a", "!x\n", "b\n", "!y", "c\n"}, "!x|ab|c|!y…|"},
		"a forged record":   {[]string{"x\n@2026-11-26T02:21:59.123456789Z stderr 0000000003\nabc\n", "y\n"}, "x|@2026-11-26T02:21:59.123456789Z stderr 0000000003|abc|y|"},
		"a long line":       {[]string{"a\n", long, "\nb\n"}, "a|" + long[:maxLine] + "…|" + long[maxLine:2*maxLine] + "…|" + long[2*maxLine:3*maxLine] + "…|" + long[3*maxLine:] + "|b|"},
		"cut no characters": {[]string{"x" + long[:maxLine] + "\n"}, "x" + long[:maxLine-2] + "…|" + long[:2] + "|"},
		"as long as it can": {[]string{long[:maxLine] + "\n"}, long[:maxLine] + "|"},
		"more than a record": {
			[]string{strings.Repeat("0123456789abcde\n", maxRecord/16+1)},
			strings.Repeat("0123456789abcde|", maxRecord/16+1),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, w := testLog(t)
			w.segment = segmentSize
			for _, p := range c.pieces {
				if text, is := strings.CutPrefix(p, "!"); is {
					say(t, w, "stderr", text)
					continue
				}
				say(t, w, "stdout", p)
			}
			if got := shown(t, reader(t, dir, LogRange{})); got != c.want {
				t.Errorf("got  %.300q\nwant %.300q", got, c.want)
			}
		})
	}
}

func TestLinesGoOnAcrossSegments(t *testing.T) {
	t.Parallel()
	dir, w := testLog(t)
	w.segment = 200
	say(t, w, "stdout", strings.Repeat("a", 100))
	say(t, w, "stdout", strings.Repeat("b", 80)+"\n")
	if got, want := shown(t, reader(t, dir, LogRange{})), strings.Repeat("a", 100)+strings.Repeat("b", 80)+"|"; got != want || w.number != 1 {
		t.Errorf("%q, in segment %d", got, w.number)
	}
}

func TestLineHasTheTimeOfItsFirstByte(t *testing.T) {
	t.Parallel()
	dir, w := testLog(t)
	begin := time.Date(2026, 11, 26, 2, 21, 59, 123456789, time.UTC)
	for i, p := range []string{"a\nb", "c", "d\n"} {
		if err := w.Write(begin.Add(time.Duration(i)*time.Second), "stdout", []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range readAll(t, reader(t, dir, LogRange{})) {
		if !line.Time.Equal(begin) {
			t.Errorf("%+v", line)
		}
	}
}
