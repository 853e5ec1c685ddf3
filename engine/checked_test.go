package engine_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
)

// What a pod itself asks for in vain is told before its images are even looked for:
// there are none here.
func TestOwnWordsAreCheckedBeforeImages(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	for want, pod := range map[string]spec.Pod{ // a system call that no kernel has is wrong by itself, a sysctl is by what it is of
		`app "./none.aci": seccomp: "mkdirr" is not a system call`: {Apps: []spec.App{{Image: "./none.aci", Seccomp: "mode=remove,mkdirr"}}},
		`app "web": seccomp: "rebooot" is not a system call`: {Apps: []spec.App{{Image: "./none.aci", Name: "web",
			Says: json.RawMessage(`{"exec":["/x"],"user":"0","group":"0","isolators":[{"name":"os/linux/seccomp-remove-set","value":{"set":["rebooot"]}}]}`)}}},
		"sysctl kernel.panic is the whole host's": {Apps: []spec.App{{Image: "./none.aci"}},
			Isolators: json.RawMessage(`[{"name":"os/unix/sysctl","value":{"kernel.panic":"1"}}]`)},
	} {
		exit := 2
		if strings.HasPrefix(want, "sysctl") {
			exit = 125
		}
		got := h.Run(pod)
		if got.Err == nil || got.Exit != exit || !strings.HasPrefix(got.Err.Error(), want) {
			t.Errorf("status %d, error %v; want %d and %q", got.Exit, got.Err, exit, want)
		}
	}
}
