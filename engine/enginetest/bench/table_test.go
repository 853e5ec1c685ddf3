package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestTableTellsRatiosMarksAndWhoIsAbsent(t *testing.T) {
	ten, twenty, hundred := 10*time.Millisecond, 20*time.Millisecond, 100*time.Millisecond
	m := measure{cpu: true, contestants: []*contestant{
		{name: "podtui", mark: mark{must: 10, aim: 5}, wall: []time.Duration{ten, ten, ten}, cpu: []time.Duration{twenty}},
		{name: "runc", peer: true, mark: mark{must: 1, aim: 0.4}, wall: []time.Duration{hundred, twenty, ten}, cpu: []time.Duration{ten}},
		{name: "podman", peer: true, absent: "not installed: apt-get install podman"},
	}}
	want := `
|        |                                median |       middle half | podtui takes |        must |                aim |     CPU |
| ------ | ------------------------------------: | ----------------: | -----------: | ----------: | -----------------: | ------: |
| podtui |                               10.0 ms | 10.0 ms – 10.0 ms |              | ≤ 10 ms met |  ≤ 5 ms **missed** | 20.0 ms |
| runc   |                               20.0 ms | 15.0 ms – 60.0 ms |       0.50 × |   ≤ 1 × met | ≤ 0.4 × **missed** | 10.0 ms |
| podman | not installed: apt-get install podman |                   |              |             |                    |         |
`
	if got := "\n" + table(m.rows()); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
}

func TestPeerThatFailsIsOutAndPodtuiThatFailsIsAnError(t *testing.T) {
	var turns []string
	turn := func(name string, err error) func(context.Context) (took, error) {
		return func(context.Context) (took, error) {
			turns = append(turns, name)
			return took{wall: 1}, err
		}
	}
	m := measure{rounds: 2, warm: 1, contestants: []*contestant{
		{name: "podtui", must: true, once: turn("podtui", nil)},
		{name: "peer", once: turn("peer", errors.New("no\n| way"))},
		{name: "other", once: turn("other", nil)},
	}}
	if err := m.run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(turns, " "); got != "podtui peer other podtui other podtui other" {
		t.Errorf("turns: %s", got)
	}
	if got := m.contestants[1].absent; got != "failed: no ¦ way" {
		t.Errorf("absent: %q", got)
	}
	if got := len(m.contestants[0].wall); got != 2 {
		t.Errorf("%d times counted, want 2: warming up doesn't count", got)
	}
	m.contestants[0].once = turn("podtui", errors.New("no"))
	if err := m.run(context.Background()); err == nil {
		t.Error("podtui failed, and that is no error")
	}
}

func TestReportGoesBetweenItsMarks(t *testing.T) {
	got, err := between("a\n"+startMark+"\nold\n"+endMark+"\nz\n", "new\n")
	if want := "a\n" + startMark + "\nnew\n\n" + endMark + "\nz\n"; got != want || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	for _, document := range []string{"", startMark, endMark, endMark + startMark} {
		if _, err := between(document, "new"); err == nil {
			t.Errorf("%q has no place for a report, and that is no error", document)
		}
	}
}

func TestPlainTextHasNoEscapeSequences(t *testing.T) {
	for raw, want := range map[string]string{
		"\x1b[1mexample.com\x1b[m/app":   "example.com/app",
		"\x1b]2;podtui\x07title":         "title",
		"\x1b]11;?\x1b\\color":           "color",
		"\x1b[?2026h\x1b[H\x1b[2Jscreen": "screen",
		"\x1b(B\x1b=keypad":              "keypad",
		"cut \x1b[38;5":                  "cut ",
		"cut \x1b":                       "cut ",
	} {
		if got := plainText([]byte(raw)); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{5: "5", 999: "999", 10_000: "10,000", 1_002_003: "1,002,003"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
