package engine_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
)

// What others than the user widen is told in one line, and runs.
func TestWhatAManifestWidensIsTold(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	const more = `app "busybox": its pod manifest gives it more than the default: `
	for name, c := range map[string]struct {
		isolators string
		own       func(*spec.App)
		want      string
	}{
		"everything": {
			`{"name":"os/linux/capabilities-retain-set","value":{"set":["CAP_SYS_ADMIN","CAP_KILL","CAP_NET_ADMIN"]}},
			{"name":"os/linux/seccomp-retain-set","value":{"set":["@appc.io/all"]}},{"name":"os/linux/oom-score-adj","value":-500}`,
			nil, more + "CAP_NET_ADMIN CAP_SYS_ADMIN; every system call; oom score -500",
		},
		"nothing": {
			`{"name":"os/linux/capabilities-retain-set","value":{"set":["CAP_KILL"]}},
			{"name":"os/linux/seccomp-remove-set","value":{"set":["@docker/default-blacklist","mkdir"]}},{"name":"os/linux/oom-score-adj","value":500}`, nil, "",
		},
		"a few calls refused": {`{"name":"os/linux/seccomp-remove-set","value":{"set":["reboot"]}}`, nil, more + "every system call that its filter doesn't name"},
		"more calls":          {`{"name":"os/linux/seccomp-retain-set","value":{"set":["@docker/default-whitelist","mount","bpf","read"]}}`, nil, more + "system calls mount, bpf"},
		"many more calls":     {`{"name":"os/linux/seccomp-retain-set","value":{"set":["@docker/default-whitelist","mount","bpf","umount2","setns"]}}`, nil, more + "system calls mount, bpf and 2 more"},
		"more of their arguments": {
			`{"name":"os/linux/seccomp-retain-set","value":{"set":["@docker/default-whitelist","socket","bpf","personality","read"]}}`,
			nil, more + "system calls bpf, socket with any argument and 1 more",
		},
		"any of one's arguments":       {`{"name":"os/linux/seccomp-retain-set","value":{"set":["@docker/default-whitelist","clone"]}}`, nil, more + "system calls clone with any argument"},
		"what docker allows by itself": {`{"name":"os/linux/seccomp-retain-set","value":{"set":["@docker/default-whitelist","vmsplice","execve","sigreturn"]}}`, nil, more + "system calls vmsplice"},
		"chosen by its flag":           {`{"name":"os/linux/oom-score-adj","value":-500}`, func(a *spec.App) { a.OOMScoreAdj = "-500" }, ""},
	} {
		app := enginetest.Shell(t, "true")
		app.Says = json.RawMessage(`{"exec":["/bin/true"],"user":"0","group":"0","isolators":[` + c.isolators + `]}`)
		if c.own != nil {
			c.own(&app)
		}
		got := h.Run(enginetest.Pod(app))
		var want []string
		if c.want != "" {
			want = []string{c.want}
		}
		warned := slices.DeleteFunc(warningsOf(got), func(w string) bool { return !strings.HasPrefix(w, more) }) // this host may have others
		if got.Err != nil || got.Exit != 0 || !slices.Equal(warned, want) {
			t.Errorf("%s: %d (%v), warned of %q, want %q", name, got.Exit, got.Err, warned, want)
		}
	}
}
