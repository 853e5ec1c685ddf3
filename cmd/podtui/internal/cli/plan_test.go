package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine"
)

func TestPlanHasSysctlsInOrder(t *testing.T) {
	t.Parallel()
	plan := engine.Plan{Sysctls: map[string]string{}}
	for _, name := range []string{"kernel.sem", "kernel.shmmax", "fs.mqueue.msg_max", "kernel.msgmax", "kernel.shmall", "kernel.msgmni"} {
		plan.Sysctls[name] = "1"
	}
	var lines []string
	for line := range strings.Lines(planText(plan)) {
		if strings.HasPrefix(line, "  sysctl") {
			lines = append(lines, line)
		}
	}
	if len(lines) != len(plan.Sysctls) || !slices.IsSorted(lines) {
		t.Errorf("sysctls of a plan: %q", lines)
	}
}
