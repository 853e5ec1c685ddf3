package blackbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type message struct{ secret string }

// crash is one of a box, provoked for real.
func crash(b *Box, f func()) (c *Crash) {
	defer func() {
		b.Take("an update", recover())
		c = b.Crash()
	}()
	f()
	return nil
}

func TestAReportTellsWhatHappenedAndNothingThatWasTyped(t *testing.T) {
	t.Parallel()
	b := &Box{Version: "1.2.3"}
	b.Size(80, 24)
	for range 3 {
		b.Message(message{"hunter2"})
	}
	b.Message(nil)
	b.Key("enter")
	for range 7 {
		b.Typed()
	}
	b.Key("esc")
	index := 4
	report := crash(b, func() { _ = []int{1}[index] }).String()
	for _, want := range []string{
		"podtui 1.2.3 crashed in an update", "index out of range [4] with length 1", "80×24", "blackbox.message ×3",
		"  nil\n", "enter\n  (typed) ×7\n  esc\n", "blackbox_test.go:", "TestAReportTellsWhatHappened",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("no %q in\n%s", want, report)
		}
	}
	if strings.Contains(report, "hunter2") {
		t.Errorf("it tells what was typed:\n%s", report)
	}
}

func TestWordsOfAPanicLeaveOutWhatTheyQuote(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value any
		want  string
	}{
		{errors.New("strings: negative Repeat count"), "strings: negative Repeat count (*errors.errorString)"},
		{fmt.Sprintf("no such path %q", "/home/secret"), "no such path … (string)"},
		{"two\nlines\x00", "two lines (string)"},
		{strings.Repeat("ä", 1000), strings.Repeat("ä", 100) + " (string)"},
	} {
		if got := (&Crash{Value: c.value}).what(); got != c.want {
			t.Errorf("%v: %q, want %q", c.value, got, c.want)
		}
	}
}

func TestOnlyTheFirstPanicCounts(t *testing.T) {
	t.Parallel()
	b := &Box{}
	first := crash(b, func() { panic("first") })
	if second := crash(b, func() { panic("second") }); second != first || first.Value != "first" {
		t.Errorf("%v after %v", second, first)
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	t.Parallel()
	b := &Box{}
	for i := range 1000 {
		b.Key(fmt.Sprint("key", i))
	}
	if n := len(b.keys.list); n != mostKeys || b.keys.list[n-1].what != "key999" || b.keys.list[0].what != "key950" {
		t.Errorf("%d keys: %v", n, b.keys.list)
	}
}

func TestReportsAreForTheirOwnerAndTheNewestAreKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state", "reports")
	b := &Box{}
	c := crash(b, func() { panic("provoked") })
	var last string
	for i := range mostReports + 5 {
		c.At = time.Date(2026, 11, 26, 23, 0, i, 0, time.UTC)
		path, err := c.Write(dir)
		if err != nil {
			t.Fatal(err)
		}
		last = path
		if i == 0 {
			if err := os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600); err != nil { // somebody's
				t.Fatal(err)
			}
		}
	}
	if info, err := os.Stat(last); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != mostReports+1 || filepath.Join(dir, entries[mostReports-1].Name()) != last {
		t.Errorf("kept %v, %v", entries, err)
	}
	if _, err := c.Write(dir); err == nil {
		t.Error("a report took the place of another")
	}
	if _, err := c.Write(filepath.Join(last, "below-a-file")); err == nil {
		t.Error("a report in a place that can't be")
	}
}
