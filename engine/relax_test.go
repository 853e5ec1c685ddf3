package engine_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
)

func TestRelaxedAppsAreLessApart(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, "grep -E 'CapBnd|Seccomp:' /proc/self/status | cut -f2; ls /sys/firmware | head -c 1 | wc -c; grep -c ' /proc/sys ' /proc/mounts")
	app.CapsRemove, app.Seccomp = []string{"chown"}, "mode=retain,read"
	var out bytes.Buffer
	options := engine.RunOptions{
		SkipVerify: true, Relax: engine.Relax{Capabilities: true, Seccomp: true, Paths: true},
		Output: func(_ int, _ string, p []byte) { out.Write(p) },
	}
	running, err := h.Engine.Run(t.Context(), enginetest.Pod(app), options, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	if _, err := running.Wait(); err != nil {
		t.Fatal(err)
	}
	own := bounding(t)
	firmware := 0
	if entries, _ := os.ReadDir("/sys/firmware"); len(entries) > 0 {
		firmware = 1
	}
	if want := fmt.Sprintf("%s\n0\n%d\n0\n", own, firmware); out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}

// bounding is this process's own set.
func bounding(t *testing.T) string {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "CapPrm:\t")
	set, _, _ := strings.Cut(after, "\n")
	return set
}
