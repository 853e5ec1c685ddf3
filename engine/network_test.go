package engine_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
)

// networked is a pod with networks.
func networked(pod spec.Pod, names ...string) spec.Pod {
	pod.Network.Names = names
	return pod
}

// A pod with the network "none" has a loopback that works, and nothing else: in every
// app of it, in what runs beside them, and in what it is shown of /sys and /proc.
func TestPodWithoutNetworkHasItsLoopback(t *testing.T) {
	t.Parallel()
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	const looks = `ls /sys/class/net; tail -n +3 /proc/net/dev | cut -d: -f1; ping -c1 -W2 127.0.0.1 >/dev/null && echo reached; readlink /proc/self/ns/net; echo done`
	for _, private := range []bool{false, true} {
		h := enginetest.NewHost(t)
		pod := networked(enginetest.Pod(enginetest.Shell(t, looks), enginetest.Shell(t, "sleep 1000")), "none")
		pod.PrivateUsers, pod.OnFailure = private, spec.ContinueOthers
		running := h.Start(pod)
		running.WaitFor(t, "done\n")
		entered, _, err := enter(t, h, running.UUID, engine.EnterOptions{App: "b", Argv: []string{"readlink", "/proc/self/ns/net"}})
		if err != nil {
			t.Error(err)
		}
		status, err := h.Engine.Pod(running.UUID)
		if err != nil || !slices.Equal(status.Networks, []string{"none"}) {
			t.Errorf("networks %q (%v)", status.Networks, err)
		}
		running.Stop(true)
		got := running.Wait()
		if want := "lo\nlo\nreached\n" + entered + "done\n"; strings.ReplaceAll(got.Stdout, " ", "") != want || strings.TrimSpace(entered) == own {
			t.Errorf("private users %v: %q, want %q; the host's is %s", private, got.Stdout, want, own)
		}
	}
}

// The sysctls of a network are set in the pod's, once: with the host's they are refused,
// and what an app writes stays when the next is made.
func TestNetworkOfAPodHasItsSysctls(t *testing.T) {
	t.Parallel()
	before, err := os.ReadFile("/proc/sys/net/ipv4/ip_default_ttl")
	if err != nil {
		t.Fatal(err)
	}
	for _, private := range []bool{false, true} {
		h := enginetest.NewHost(t)
		pod := networked(enginetest.Pod(enginetest.Shell(t, "cat /proc/sys/net/ipv4/ip_default_ttl")), "none")
		pod.PrivateUsers = private
		sysctls := func(set string) []byte { return []byte(`[{"name": "os/unix/sysctl", "value": {` + set + `}}]`) }
		pod.Isolators = sysctls(`"net.ipv4.ip_default_ttl": "17"`)
		if got := h.Run(pod); got.Stdout != "17\n" || got.Err != nil {
			t.Errorf("private users %v: %q, %s (%v)", private, got.Stdout, got.Stderr, got.Err)
		}
		pod.Isolators = sysctls(`"net.podtui.none": "1"`)
		if got := h.Run(pod); got.Err == nil || got.Exit != 125 || got.Err.Error() != "sysctl net.podtui.none: a network of a pod's own has none of that name here" {
			t.Errorf("exit %d (%v)", got.Exit, got.Err)
		}
		pod.Network.Names = nil
		if got := h.Run(pod); got.Err == nil || got.Exit != 125 || !strings.Contains(got.Err.Error(), "it needs a private one") {
			t.Errorf("exit %d (%v)", got.Exit, got.Err)
		}
	}
	if after, _ := os.ReadFile("/proc/sys/net/ipv4/ip_default_ttl"); string(after) != string(before) {
		t.Errorf("the host's was %q and is %q", before, after)
	}
}
