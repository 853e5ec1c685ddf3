package ui_test

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/drafts"
)

// keptIn is where the program of these tests keeps what is composed.
const keptIn = "PODTUI_TEST_KEPT_IN"

// touchy is an engine that can't bear one executable.
type touchy struct{ ui.Engine }

func (t touchy) Foresee(ctx context.Context, pod spec.Pod) engine.Foreseen {
	if len(pod.Apps) > 0 && pod.Apps[0].Exec == "/bin/panic" {
		panic("provoked")
	}
	return t.Engine.Foresee(ctx, pod)
}

// However the program ends, but for kill -9, what was typed last is kept, half a word
// of a field that is open included.
func TestWhatWasTypedLastIsKeptHoweverItEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]struct {
		by     func(tm *terminal)
		status int
	}{
		"SIGTERM":         {func(tm *terminal) { tm.cmd.Process.Signal(syscall.SIGTERM) }, 0},
		"SIGHUP":          {func(tm *terminal) { tm.cmd.Process.Signal(syscall.SIGHUP) }, 0},
		"SIGINT":          {func(tm *terminal) { tm.cmd.Process.Signal(syscall.SIGINT) }, 0},
		"ctrl+c, twice":   {func(tm *terminal) { tm.pty.WriteString("\r\x03\x03") }, 0},
		"panic of a task": {func(tm *terminal) { tm.pty.WriteString("\r") }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "drafts")
			tm := startTerminal(t, "run", keptIn+"="+dir)
			tm.waitFor("verified by")
			tm.pty.WriteString("\r\r/bin/pani") // it is one write to the program, at most: nothing rests
			if strings.HasPrefix(name, "panic") {
				tm.pty.WriteString("c")
			}
			tm.waitFor("/bin/pani")
			end.by(tm)
			tm.ended(end.status)

			all, err := drafts.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer all.Close()
			if strings.HasPrefix(name, "panic") { // which would come again with it
				if d, _, ok := all.TakeUp(); ok {
					t.Errorf("goes on with %+v", d)
				}
				aside := all.Others()
				if len(aside) != 1 || !aside[0].Aside || aside[0].Draft.Pod.Apps[0].Exec != "/bin/panic" {
					t.Errorf("set aside %+v", aside)
				}
				return
			}
			d, at, ok := all.TakeUp()
			if !ok || len(d.Pod.Apps) != 1 || !strings.HasPrefix(d.Pod.Apps[0].Exec, "/bin/pani") || time.Since(at) > time.Minute {
				t.Errorf("kept %+v, %v", d, ok)
			}
		})
	}
}

// Where the pod in the form is lost with the program, that is said, and its status tells
// so.
func TestALostDraftIsNoSuccess(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "drafts")
	tm := startTerminal(t, "run", keptIn+"="+dir)
	tm.waitFor("verified by")
	spoil(t, dir)
	tm.pty.WriteString("\r\r/bin/x\r")
	tm.waitFor("can't be kept")
	tm.pty.WriteString("\x03\x03")
	tm.ended(1)
	if out := tm.bytes(); !strings.Contains(out, "the pod in the form could not be kept") {
		t.Errorf("%q", out)
	}
}
