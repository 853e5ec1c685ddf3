package engine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// faultFile, in a data folder, says which step of a supervisor goes wrong.
const faultFile = "fault"

var errFault = errors.New("injected")

// armFault has a step of this process go wrong where the data folder says.
func armFault(dir string) {
	point, err := os.ReadFile(filepath.Join(dir, faultFile))
	if err != nil {
		return
	}
	crash.FaultHook = func(p crash.Point) error {
		if string(p) == string(point) {
			return errFault
		}
		return nil
	}
}

// connected is a pod with networks and a port, that does something.
func connected(tb testing.TB, script string) spec.Pod {
	tb.Helper()
	return published(networked(enginetest.Pod(enginetest.Shell(tb, script)), "default", "default-restricted"), 8080, 80)
}

// networkSteps are where a pod's network is made and taken away, but for those of
// pods whose namespace outlives them; package network holds its own list against its
// code.
var networkSteps = []struct {
	point string
	ends  bool // the pod's
}{
	{"network marked", false},
	{"address leased", false},
	{"link made", false},
	{"host's end up", false},
	{"pod's end up", false},
	{"host passes on", false},
	{"network reaches out", false},
	{"ports published", false},
	{"ports taken back", true},
	{"network taken down", true},
}

// However a pod ends, nothing on the host tells of it.
func TestNothingOfANetworkIsLeftAtAPodsEnd(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	before := h.warm(connected(t, "true"))
	stopped := func(now bool) func(spec.Pod) enginetest.Result {
		return func(pod spec.Pod) enginetest.Result {
			started := h.Start(pod)
			started.WaitFor(t, "ready")
			started.Stop(now)
			return started.Wait()
		}
	}
	private := connected(t, "true")
	private.PrivateUsers = true
	missing := connected(t, "true")
	missing.Apps[0].Exec = "/missing"
	again := connected(t, "[ -e /again/n ] || { touch /again/n; exit 1; }")
	again.Apps[0].Restart, again.Apps[0].Mounts = "on-failure:1", []spec.Mount{{Volume: "again", Path: "/again"}}
	again.Volumes = []spec.Volume{{Name: "again", Kind: spec.EmptyVolume}}
	for name, c := range map[string]struct {
		pod  spec.Pod
		run  func(spec.Pod) enginetest.Result
		exit int
	}{
		"good":               {connected(t, "true"), h.Run, 0},
		"failed":             {connected(t, "exit 3"), h.Run, 3},
		"never ran":          {missing, h.Run, 127},
		"restarted an app":   {again, h.Run, 0},
		"with private users": {private, h.Run, 0},
		"stopped":            {connected(t, "trap 'exit 4' TERM; echo ready; while :; do sleep 0.05; done"), stopped(false), 4},
		"killed":             {connected(t, "echo ready; sleep 1000"), stopped(true), 137},
	} {
		if got := c.run(c.pod); got.Exit != c.exit {
			t.Errorf("%s: exit %d (%v) %s", name, got.Exit, got.Err, got.Stderr)
		}
		h.isAsBefore(before, name)
	}
}

// A pod whose network can't be set up at some step doesn't start, and leaves nothing.
// Of one whose network can't be taken away gc takes it.
func TestStepOfANetworkGoesWrong(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	pod := connected(t, "true")
	before := h.warm(pod)
	for _, step := range networkSteps {
		if err := os.WriteFile(filepath.Join(h.Dir, faultFile), []byte(step.point), 0o600); err != nil {
			t.Fatal(err)
		}
		started := h.Start(pod)
		got := started.Wait()
		if err := os.Remove(filepath.Join(h.Dir, faultFile)); err != nil {
			t.Error(err)
		}
		warned := strings.Join(saidOf(got.Events, event.Warning), "; ")
		switch {
		case step.ends && (got.Err != nil || !strings.Contains(warned, errFault.Error())):
			t.Errorf("%s: exit %d (%v), warned %q", step.point, got.Exit, got.Err, warned)
		case !step.ends && (got.Exit != 125 || got.Err == nil || !strings.Contains(got.Err.Error(), errFault.Error())):
			t.Errorf("%s: exit %d (%v)", step.point, got.Exit, got.Err)
		}
		if step.ends {
			h.gc()
		} else if pods := glob(h.Dir + "/pods/*"); len(pods) > 0 && step.point == networkSteps[0].point {
			h.gc() // the one that has warmed the host
			h.isAsBefore(before, step.point)
			continue
		} else if len(pods) > 0 {
			t.Errorf("%s: left: %q", step.point, pods)
		}
		h.isAsBefore(before, step.point)
	}
}

// What a supervisor leaves that dies at some step is taken by whoever has started it, or
// by gc; package network has its steps tried one by one.
func TestSupervisorDiesAtStepsOfANetwork(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	pod := connected(t, "true")
	before := h.warm(pod)
	for _, step := range networkSteps {
		if step.point != "link made" && step.point != "ports published" && !step.ends {
			continue
		}
		file := filepath.Join(h.Dir, crashFile)
		if err := os.WriteFile(file, fmt.Appendf(nil, "supervisor 1 %s", step.point), 0o600); err != nil {
			t.Fatal(err)
		}
		got := h.Run(pod)
		if _, err := os.Lstat(file); err == nil {
			t.Errorf("%s: nobody got there", step.point)
			os.Remove(file)
		}
		if got.Err == nil {
			t.Errorf("%s: exit %d", step.point, got.Exit)
		}
		if !step.ends { // whoever has started it takes all of it away
			h.isAsBefore(before, step.point)
		}
		h.gc()
		h.isAsBefore(before, step.point+", after gc")
		if got := h.Run(pod); got.Err != nil || got.Exit != 0 {
			t.Errorf("after %s: exit %d (%v)", step.point, got.Exit, got.Err)
		}
	}
}

// Whatever process of pods with networks is killed, whenever: after gc nothing on the
// host is other than before.
func TestNothingOfANetworkIsLeftAfterAnyKill(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	const atOnce = 5 // kills, of as many pods
	kills := told64(t, killRounds, 100)
	seed := told64(t, killSeed, uint64(time.Now().UnixNano())%1e9)
	t.Logf("%d kills; again: %s=%d", kills, killSeed, seed)
	h, data := newCNIHost(t, lan)
	for _, kind := range networkKinds {
		h.warm(kind(enginetest.Pod(enginetest.Shell(t, "true")), 8080))
	}
	h.gc()
	before := nettest.Steady(h.World.Host.State())
	m := &killMatrix{hits: make(map[string]int), spans: make(map[string]time.Duration)}
	for n := uint64(0); n < kills; n += atOnce {
		var killing sync.WaitGroup
		for i := range uint64(atOnce) {
			kind := networkKinds[(n/atOnce+i)%uint64(len(networkKinds))] // each victim has each
			pod := kind(enginetest.Pod(enginetest.Shell(t, "sleep 0.05")), 8080+int(i))
			pod.Name = fmt.Sprintf("connected-%d", i)
			k := networkKill{h, m, rand.New(rand.NewPCG(seed, n+i)), pod}
			killing.Go(func() { k.kill(networkVictims[i%uint64(len(networkVictims))]) })
		}
		killing.Wait()
		h.settle()
		h.gc()
		what := fmt.Sprintf("kills %d to %d", n, n+atOnce-1)
		h.keepsNothing(data, what)
		if changed := nettest.Changed(before, nettest.Steady(h.World.Host.State())); changed != "" {
			t.Errorf("%s: the host's state is another:\n%s", what, changed)
		}
	}
	t.Logf("died in the middle: %v", m.hits)
	for _, who := range networkVictims {
		if kills >= 100 && m.hits[who] == 0 {
			t.Errorf("the %s was never killed in the middle of something", who)
		}
	}
}

// networkKinds give a pod networks and a port of the host.
var networkKinds = []func(pod spec.Pod, hostPort int) spec.Pod{
	func(pod spec.Pod, hostPort int) spec.Pod {
		return published(networked(pod, "default", "default-restricted"), hostPort, 80)
	},
	func(pod spec.Pod, hostPort int) spec.Pod {
		return byUDP(published(networked(pod, "default"), hostPort, 53))
	},
	func(pod spec.Pod, hostPort int) spec.Pod { return published(networked(pod, "default6"), hostPort, 80) },
	func(pod spec.Pod, hostPort int) spec.Pod {
		return byUDP(published(networked(pod, "default6", "default-restricted"), hostPort, 53))
	},
	func(pod spec.Pod, hostPort int) spec.Pod {
		return published(networked(pod, "default-restricted"), hostPort, 80)
	},
	func(pod spec.Pod, hostPort int) spec.Pod { return published(networked(pod, "lan"), hostPort, 80) },
}

// byUDP has a pod's ports be of that.
func byUDP(pod spec.Pod) spec.Pod {
	for i := range pod.Ports {
		pod.Ports[i].PodPort.Protocol = spec.UDP
	}
	return pod
}

var networkVictims = []string{"batch", "supervisor", "pod-init", "gc", "restart"}

// networkKill is one kill.
type networkKill struct {
	*worldHost
	matrix *killMatrix
	moment *rand.Rand
	pod    spec.Pod
}

// kill has a process do something, and kills it or the one that it has started.
func (k *networkKill) kill(who string) {
	doing := "run"
	if who == "gc" || who == "restart" {
		doing = who
		k.killedOnce()
	}
	pod, err := json.Marshal(k.pod)
	if err != nil {
		k.t.Error(err)
		return
	}
	front := k.World.Host.Command(os.Args[0], doing, string(pod))
	front.Env = append(os.Environ(), killRole+"="+k.Dir)
	if err := front.Start(); err != nil {
		k.t.Error(err)
		return
	}
	ended := make(chan error, 1)
	go func() { ended <- front.Wait() }()
	victim := front.Process.Pid
	if who == "supervisor" || who == "pod-init" {
		victim = 0
		enginetest.Eventually(k.t, k.pod.Name+" has a "+who, func() bool {
			victim = k.pidOf(who, k.pod.Name)
			return victim != 0 || len(ended) > 0
		})
	}
	time.Sleep(time.Duration(k.moment.Float64() * float64(k.matrix.span(who))))
	hit := victim != 0 && len(ended) == 0 && unix.Kill(victim, unix.SIGKILL) == nil
	k.matrix.hit(who, hit)
	<-ended
}

// killedOnce leaves a pod whose supervisor was killed while it ran.
func (k *networkKill) killedOnce() {
	pod := k.pod
	pod.Apps = slices.Clone(pod.Apps)
	pod.Apps[0].Args = []string{"-c", "sleep 1"}
	started := k.Start(pod)
	if started.Running == nil {
		k.t.Errorf("%s: %v", pod.Name, started.Wait().Err)
		return
	}
	if pid := k.pidOf("supervisor", pod.Name); pid != 0 {
		_ = unix.Kill(pid, unix.SIGKILL)
	}
	started.Wait()
}

// pidOf finds the process with a role of a pod of that name: the first, as that of a
// killRound.
func (h *worldHost) pidOf(role, name string) (found int) {
	uuid, err := os.Readlink(filepath.Join(h.Dir, "names", name))
	if err != nil {
		return 0
	}
	enginetest.EachProcess(func(pid int, line []byte) {
		if found == 0 && strings.HasPrefix(string(line), "podtui\x00"+role+"\x00"+uuid+"\x00") {
			found = pid
		}
	})
	return found
}

// settle has everything end that goes on.
func (h *worldHost) settle() {
	h.t.Helper()
	enginetest.Eventually(h.t, "the end of all pods", func() bool {
		pods, err := h.Pods()
		over := err == nil
		for _, pod := range pods {
			if pod.State == poddir.Running {
				_ = h.StopPod(h.t.Context(), pod.UUID, engine.StopOptions{Force: true})
			}
			over = over && pod.State != poddir.Running && pod.State != poddir.Preparing
		}
		left := slices.ContainsFunc(h.Leftovers(), func(what string) bool { return strings.HasPrefix(what, "process ") })
		return over && !left
	})
}
