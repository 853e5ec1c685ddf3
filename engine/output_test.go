package engine_test

import (
	"bufio"
	"fmt"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

func TestOutputArrivesWholeAndInOrder(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := enginetest.NewHost(t)
	got := h.Run(enginetest.Pod(spec.App{Image: enginetest.BuildImage(t, "chatty")}))
	n := 0
	for lines := bufio.NewScanner(strings.NewReader(got.Stdout)); lines.Scan(); {
		if n++; lines.Text() != fmt.Sprint(n) {
			t.Fatalf("line %d is %q", n, lines.Text())
		}
	}
	if n != 300_000 || got.Exit != 0 {
		t.Errorf("%d lines, exit %d (%v)", n, got.Exit, got.Err)
	}
	if logged := logText(t, h, got.UUID); logged != got.Stdout {
		t.Errorf("the log has %d bytes, the output had %d", len(logged), len(got.Stdout))
	}
}

func TestOutputIsUntouched(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	got := h.Run(enginetest.Pod(enginetest.Shell(t, `printf 'a\000\033[31m\r\377\n\nno end'; printf err >&2`)))
	if want := "a\x00\x1b[31m\r\xff\n\nno end"; got.Stdout != want || got.Stderr != "err" {
		t.Errorf("%q and %q", got.Stdout, got.Stderr)
	}
	var lines []string
	err := h.Logs(t.Context(), got.UUID, engine.LogOptions{Follow: true}, func(batch []poddir.LogLine) error {
		for _, line := range batch {
			lines = append(lines, fmt.Sprintf("%s %q %v", line.Stream, line.Text, line.Partial))
		}
		return nil
	})
	if err != nil || len(lines) != 4 {
		t.Errorf("logs (%v): %s", err, strings.Join(lines, "\n"))
	}
}

func TestLogsOfSeveralAppsComeInOrderOfTime(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	say := "for i in 1 2 3 4 5; do echo $AC_APP_NAME$i; sleep 0.02; done"
	got := h.Run(enginetest.Pod(enginetest.Shell(t, say), enginetest.Shell(t, say)))
	var last poddir.LogLine
	n := 0
	err := h.Logs(t.Context(), got.UUID, engine.LogOptions{}, func(batch []poddir.LogLine) error {
		for _, line := range batch {
			if line.Time.Before(last.Time) {
				t.Errorf("%+v comes after %+v", line, last)
			}
			last = line
			n++
		}
		return nil
	})
	if err != nil || n != 10 {
		t.Errorf("%d lines (%v)", n, err)
	}
}

func logText(t *testing.T, h *enginetest.Host, uuid string) string {
	t.Helper()
	var text strings.Builder
	err := h.Logs(t.Context(), uuid, engine.LogOptions{}, func(batch []poddir.LogLine) error {
		for _, line := range batch {
			text.WriteString(line.Text)
			text.WriteByte('\n')
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return text.String()
}
