package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/network/nettest"
)

// lan is a network of CNI's plugins, that publish the ports as well. DATA is where one
// of them keeps addresses.
const lan = `{
	"cniVersion": "0.4.0", "name": "lan", "plugins": [
		{ "type": "bridge", "bridge": "lan0", "isGateway": true, "ipMasq": true,
		  "ipam": { "type": "host-local", "dataDir": "DATA", "subnet": "10.42.0.0/16", "routes": [ { "dst": "0.0.0.0/0" } ] } },
		{ "type": "portmap", "capabilities": { "portMappings": true } }
	]
}`

// newCNIHost is a host on which a network is configured as its owner does it.
func newCNIHost(t *testing.T, config string) (h *worldHost, data string) {
	t.Helper()
	if _, err := os.Stat("/usr/lib/cni/bridge"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("SKIP: needs containernetworking-plugins: %v", err)
	}
	h, data = newWorldHost(t), t.TempDir()
	if err := os.MkdirAll(filepath.Join(h.Config, "net.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.Config, "net.d", "10-lan.conflist"), []byte(strings.ReplaceAll(config, "DATA", data)), 0o600); err != nil {
		t.Fatal(err)
	}
	return h, data
}

// keepsNothing looks that neither plugins nor we keep anything of any pod.
func (h *worldHost) keepsNothing(data, what string) {
	h.t.Helper()
	h.linksGo()
	kept := slices.Concat(glob(data+"/lan/10.*"), glob(h.Dir+"/networks/cni/*/*"), glob(h.Dir+"/pods/*/network"))
	rules := h.World.Host.Run("iptables-save")
	if strings.Contains(rules, " id: ") || strings.Contains(rules, "CNI-DN-") || len(kept) > 0 {
		h.t.Errorf("%s: kept: %q, rules: %s", what, kept, rules)
	}
}

func TestPodsHaveNetworksOfCNI(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h, data := newCNIHost(t, lan)
	outside := h.Outside.Echo("tcp4", nettest.FarIP+":0")
	for i, private := range []bool{false, true} {
		pod := enginetest.Pod(enginetest.Shell(t, fmt.Sprintf(`nc %s %d </dev/null | head -n 1 | cut -d: -f1; echo ready; while :; do echo hello | nc -l -p 80; done`, nettest.FarIP, outside.Port())))
		pod = published(networked(pod, "lan"), 8080, 80)
		pod.PrivateUsers = private
		running := h.Start(pod)
		running.WaitFor(t, "ready\n")
		want := fmt.Sprintf("10.42.0.%d", i+2)
		status, err := h.Pod(running.UUID)
		if err != nil || !slices.Equal(status.Networks, []string{"lan:ip4=" + want}) {
			t.Errorf("%+v (%v)", status, err)
		}
		h.Outside.Eventually("its port answers", func() bool {
			said, _ := h.Outside.Command("nc", "-w", "5", nettest.HostIP, "8080").Output()
			return string(said) == "hello\n"
		})
		running.Stop(true)
		if got := running.Wait(); got.Stdout != nettest.HostIP+"\nready\n" {
			t.Errorf("the pod said %q, exit %d (%v)", got.Stdout, got.Exit, got.Err)
		}
		h.keepsNothing(data, "after its end")
	}
	if got := h.Run(networked(enginetest.Pod(enginetest.Shell(t, "true")), "lan:IP=10.42.7.7")); got.Exit != 0 || !slices.Equal(saidOf(got.Events, event.PodNetwork), []string{"lan: 10.42.7.7/16, gateway 10.42.0.1"}) {
		t.Errorf("exit %d (%v), told %q", got.Exit, got.Err, saidOf(got.Events, event.PodNetwork))
	}
}

// Plugins are children of a supervisor, that takes all that have ended as its pod does.
func TestPluginsAreHeardAtTheEndOfShortPods(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h, data := newCNIHost(t, lan)
	var running sync.WaitGroup
	for range 2 {
		running.Go(func() {
			for range 6 {
				got := h.Run(networked(enginetest.Pod(enginetest.Shell(t, "true")), "lan"))
				if warned := saidOf(got.Events, event.Warning); got.Exit != 0 || slices.ContainsFunc(warned, func(w string) bool { return strings.Contains(w, "plugin") }) {
					t.Errorf("exit %d (%v), warned %q", got.Exit, got.Err, warned)
				}
			}
		})
	}
	running.Wait()
	h.keepsNothing(data, "after pods that ended at once")
}

// Wherever the supervisor dies of a pod in such a network, gc has the plugins remove it.
func TestSupervisorDiesWhilePluginsAreCalled(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h, data := newCNIHost(t, lan)
	pod := published(networked(enginetest.Pod(enginetest.Shell(t, "true")), "lan"), 8080, 80)
	for _, point := range []string{"ADD of bridge", "plugins done", "ports published", "DEL of portmap", "plugins undone"} {
		file := filepath.Join(h.Dir, crashFile)
		if err := os.WriteFile(file, fmt.Appendf(nil, "supervisor 1 %s", point), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := h.Run(pod); got.Err == nil {
			t.Errorf("%s: exit %d", point, got.Exit)
		}
		if _, err := os.Lstat(file); err == nil {
			t.Errorf("%s: nobody got there", point)
			os.Remove(file)
		}
		h.gc()
		h.keepsNothing(data, point)
	}
	if got := h.Run(pod); got.Exit != 0 {
		t.Errorf("then: exit %d (%v)", got.Exit, got.Err)
	}
}

// ownPlugins is a folder with a plugin that is a shell script.
func ownPlugins(t *testing.T, h *worldHost, script string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "own"), []byte("#!/bin/sh\n"+strings.ReplaceAll(script, "HERE", folder)), 0o755); err != nil {
		t.Fatal(err)
	}
	engine, err := engine.Open(engine.Options{Dir: h.Dir, ConfigDir: h.Config, Environ: []string{"CNI_PATH=" + folder}})
	if err != nil {
		t.Fatal(err)
	}
	h.Engine = engine
	return folder
}

const ownNetwork = `{ "cniVersion": "1.0.0", "name": "lan", "type": "own" }`

// What a plugin says of its failure ends the start, in one line.
func TestPodWhosePluginFailsDoesNotStart(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h, data := newCNIHost(t, ownNetwork)
	ownPlugins(t, h, `[ $CNI_COMMAND = DEL ] || { echo '{ "cniVersion": "1.0.0", "code": 11, "msg": "the switch is busy" }'; exit 1; }`)
	got := h.Run(networked(enginetest.Pod(enginetest.Shell(t, "echo ran")), "lan"))
	if got.Exit != 125 || got.Err == nil || !strings.HasSuffix(got.Err.Error(), `network "lan": plugin own failed: the switch is busy (code 11)`) || got.Stdout != "" {
		t.Errorf("exit %d (%v) %q", got.Exit, got.Err, got.Stdout)
	}
	h.keepsNothing(data, "failed")
	before := h.warm(networked(enginetest.Pod(enginetest.Shell(t, "true")), "default"))
	if got := h.Run(networked(enginetest.Pod(enginetest.Shell(t, "echo ran")), "default", "lan")); got.Exit != 125 {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
	h.isAsBefore(before, "failed beside another network")
}

// An argument that a plugin can't read, it can't read at the end either: that is told
// once, and nothing is left of the pod.
func TestPodWithArgumentsThatNoPluginReads(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h, data := newCNIHost(t, lan)
	got := h.Run(networked(enginetest.Pod(enginetest.Shell(t, "echo ran")), "lan:IP=10.42.0.300"))
	if got.Exit != 125 || got.Err == nil || strings.Count(got.Err.Error(), "plugin bridge failed") != 1 {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
	if warned := saidOf(got.Events, event.Warning); len(warned) > 0 {
		t.Errorf("warned: %q", warned)
	}
	h.keepsNothing(data, "failed")
	if pods, err := h.Pods(); err != nil || len(pods) > 0 {
		t.Errorf("left: %+v (%v)", pods, err)
	}
}

// Nobody waits for a plugin that hangs when the pod is to stop.
func TestPodStopsWhileItsPluginHangs(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h, data := newCNIHost(t, ownNetwork)
	folder := ownPlugins(t, h, `[ $CNI_COMMAND = DEL ] || { : > HERE/hangs; sleep 1000; }`)
	ended := make(chan enginetest.Result)
	go h.World.Host.Do(func() {
		ended <- h.Host.Start(networked(enginetest.Pod(enginetest.Shell(t, "echo ran")), "lan")).Wait()
	})
	enginetest.Eventually(t, "the plugin hangs", func() bool { return len(glob(folder+"/hangs")) > 0 })
	enginetest.Eventually(t, "it takes the order", func() bool {
		pods, err := h.Pods()
		return err == nil && len(pods) == 1 && h.StopPod(t.Context(), pods[0].UUID, engine.StopOptions{}) == nil
	})
	if got := <-ended; got.Exit != 137 || got.Err == nil || got.Err.Error() != "it was killed before its apps ran" {
		t.Errorf("exit %d (%v) %q", got.Exit, got.Err, got.Stdout)
	}
	h.keepsNothing(data, "stopped")
}
