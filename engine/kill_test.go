package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// The kill matrix: who is killed, round by round, at a moment that the seed chooses.
// Whatever process dies, whenever: who looks is told the truth, what was shown of
// the output stays, and gc leaves nothing.
var killed = []struct {
	who  string
	kill func(*killRound)
}{
	{"batch", func(r *killRound) { r.front("run") }},
	{"supervisor", func(r *killRound) { r.process("supervisor") }},
	{"pod init", func(r *killRound) { r.process("pod-init") }},
	{"app", (*killRound).app},
	{"gc", func(r *killRound) { r.lives(); r.maybeStop(); r.front("gc") }},
	{"restart", func(r *killRound) { r.lives(); r.maybeStop(); r.front("restart") }},
	{"rm", func(r *killRound) { r.lives(); r.stop(); r.front("rm") }},
	{"prepare", func(r *killRound) { r.front("prepare") }},
	{"run-prepared", func(r *killRound) { r.prepared(); r.front("run-prepared") }},
}

// What a test run can be told: to do again what has failed, or more of it.
const (
	killSeed   = "PODTUI_KILL_SEED"
	killRounds = "PODTUI_KILL_ROUNDS"
)

func told64(t *testing.T, variable string, otherwise uint64) uint64 {
	t.Helper()
	word := os.Getenv(variable)
	if word == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(word, 10, 64)
	if err != nil {
		t.Fatalf("%s=%s: %v", variable, word, err)
	}
	return n
}

func TestAnybodyKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	rounds := uint64(200)
	if testing.Short() {
		rounds = uint64(len(killed))
	}
	rounds = told64(t, killRounds, rounds)
	seed := told64(t, killSeed, uint64(time.Now().UnixNano())%1e9)
	t.Logf("%d rounds; again: %s=%d", rounds, killSeed, seed)

	todo := make(chan uint64, rounds)
	for n := range rounds {
		todo <- n
	}
	close(todo)
	m := &killMatrix{hits: make(map[string]int), spans: make(map[string]time.Duration)}
	image := enginetest.BuildImage(t, "busybox")
	var lanes sync.WaitGroup
	for range 4 {
		h := &crashHost{Host: enginetest.NewHost(t), t: t, image: image}
		h.Fetched(image)
		lanes.Go(func() {
			for n := range todo {
				m.round(h, seed, n)
			}
		})
	}
	lanes.Wait()
	t.Logf("died in the middle: %v; output was held against the log %d times, what was written 100 ms before %d times", m.hits, m.accounted, m.onTime)
	for _, k := range killed {
		if rounds >= 100 && m.hits[k.who] == 0 {
			t.Errorf("the %s was never killed in the middle of something", k.who)
		}
	}
}

// killMatrix is what the lanes have in common.
type killMatrix struct {
	mu    sync.Mutex
	hits  map[string]int
	spans map[string]time.Duration // how long who is killed takes, about

	accounted, onTime int
}

// span is the time within which a kill is likely to be in the middle.
func (m *killMatrix) span(who string) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.spans[who] == 0 {
		m.spans[who] = 100 * time.Millisecond
	}
	return m.spans[who]
}

// hit learns from a kill how long the span is on this machine: two of three are to
// be in the middle.
func (m *killMatrix) hit(who string, hit bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if hit {
		m.hits[who]++
		m.spans[who] = m.spans[who] * 11 / 10
		return
	}
	m.spans[who] = m.spans[who] * 8 / 10
}

// killRound is one kill, and what comes of it.
type killRound struct {
	*crashHost
	*killLooks
	matrix *killMatrix
	who    string
	moment *rand.Rand
	pod    spec.Pod
	own    sync.WaitGroup // pods that this process has started
}

func (m *killMatrix) round(h *crashHost, seed, n uint64) {
	k := killed[n%uint64(len(killed))]
	said, err := os.MkdirTemp(h.Config, "said") // not in the data folder: gc has it empty
	if err != nil {
		h.t.Error(err)
		return
	}
	r := &killRound{crashHost: h, matrix: m, who: k.who, moment: rand.New(rand.NewPCG(seed, n)), pod: killPod(h.image, said)}
	r.killLooks = newKillLooks(h, said, fmt.Sprintf("round %d (%s)", n, k.who))
	if r.moment.IntN(3) == 0 {
		r.pod.Apps[0].Restart = "always"
	}
	r.begin()
	k.kill(r)
	r.settle()
	r.account(m)
	r.end()
	r.collects()
	if err := os.RemoveAll(said); err != nil {
		h.t.Error(err)
	}
}

// killPod is a pod whose app writes numbered lines and then, beside, how far it is.
func killPod(image, said string) spec.Pod {
	const script = `read n </said/far || n=0
while :; do
	n=$((n+1)); echo "line $n end"; echo $n >/said/far
	[ $((n % 16)) -ne 0 ] || sleep 0.01
done`
	return spec.Pod{
		Name: "killed",
		Apps: []spec.App{{
			Image: image, Name: "app", Exec: "/bin/sh", Args: []string{"-c", script},
			Mounts: []spec.Mount{{Volume: "said", Path: "/said"}},
		}},
		Volumes: []spec.Volume{{Name: "said", Kind: spec.HostVolume, Source: said}},
	}
}

// killRole is this test binary as a podtui that is killed. It shows what the pod
// prints.
const killRole = "PODTUI_TEST_KILL"

func killMain(dir string) {
	o := skipVerify()
	o.Output = func(_ int, _ string, p []byte) { os.Stdout.Write(p) }
	var pod spec.Pod
	err := json.Unmarshal([]byte(os.Args[2]), &pod)
	var e *engine.Engine
	if err == nil {
		e, err = engine.Open(engine.Options{Dir: dir})
	}
	if err == nil {
		err = crashDo(e, os.Args[1], pod, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// front does something in a process of its own, and kills that.
func (r *killRound) front(doing string) {
	pod, err := json.Marshal(r.pod)
	if err != nil {
		r.t.Error(err)
		return
	}
	stderr := &strings.Builder{}
	front := exec.Command(os.Args[0], doing, string(pod))
	front.Env = append(os.Environ(), killRole+"="+r.Dir)
	front.Stdout, front.Stderr = r.reads(), stderr
	r.unknown()
	if err := front.Start(); err != nil {
		r.t.Error(err)
		return
	}
	ended := make(chan error, 1)
	go func() { ended <- front.Wait() }()
	early := r.pause(ended)
	r.aboutToKill()
	_ = unix.Kill(front.Process.Pid, unix.SIGKILL) // it is ours, and not reaped if ended is empty
	if err := <-ended; err != nil && !strings.Contains(err.Error(), "killed") {
		r.t.Errorf("%s: %s: %v: %s", r.name, doing, err, stderr)
	} else {
		r.matrix.hit(r.who, err != nil && early)
	}
}

// pause waits until the moment: of half the kills somewhere in the middle, of half
// when the pod has run for a while, if it comes to that. It tells which it was.
func (r *killRound) pause(ended chan error) (early bool) {
	in := time.Duration(r.moment.Float64() * float64(r.matrix.span(r.who)))
	late := r.moment.IntN(2) == 0
	if late && r.who != "prepare" && r.who != "rm" && r.who != "gc" {
		from := r.far()
		r.waitUntil(ended, func() bool { return r.far() > from })
		in = time.Duration(r.moment.IntN(250)) * time.Millisecond
	}
	r.wait(ended, in)
	return !late
}

// waitUntil waits until something is so, or the process has ended.
func (r *killRound) waitUntil(ended chan error, is func() bool) {
	enginetest.Eventually(r.t, r.name+": its app writes", func() bool { return len(ended) > 0 || is() })
}

func (r *killRound) wait(ended chan error, d time.Duration) {
	for until := time.Now().Add(d); len(ended) == 0 && time.Now().Before(until); {
		time.Sleep(min(time.Until(until), 5*time.Millisecond))
	}
}

// runs runs the pod from this process, in the background.
func (r *killRound) runs(ended chan error) {
	shown := r.reads()
	o := skipVerify()
	o.Output = func(_ int, _ string, p []byte) { shown.Write(p) }
	r.own.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		running, err := r.Engine.Run(ctx, r.pod, o, nil)
		if err == nil {
			_, err = running.Wait()
			running.Close()
		}
		if ctx.Err() != nil {
			r.t.Errorf("%s: run hangs", r.name)
		}
		ended <- err
	})
}

// lives has the pod run until its app has written something.
func (r *killRound) lives() {
	ended := make(chan error, 1)
	r.runs(ended)
	r.waitUntil(ended, func() bool { return r.far() > 0 })
	if len(ended) > 0 {
		r.t.Errorf("%s: the pod has ended: %v", r.name, <-ended)
	}
	r.runsNow()
}

// lockGoes waits for what a supervisor that was killed in the middle of a start has
// left: a child that it forked, and that has yet to be executed, has its lock for so
// long.
func (r *killRound) lockGoes() {
	began := time.Now()
	for owned := true; owned && time.Since(began) < time.Minute; {
		owned = false
		for _, fact := range r.facts() {
			owned = owned || fact.owned
		}
	}
}

// process kills the pod's process that plays a role.
func (r *killRound) process(role string) {
	ended := make(chan error, 1)
	r.runs(ended)
	var pid int
	r.waitUntil(ended, func() bool { pid = r.pidOf(role); return pid != 0 })
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		r.t.Errorf("%s: %v", r.name, err)
		return
	}
	defer unix.Close(process)
	early := r.pause(ended)
	r.aboutToKill()
	err = unix.PidfdSendSignal(process, unix.SIGKILL, nil, 0)
	r.matrix.hit(r.who, err == nil && early && r.far() == 0)
	r.awaitEnd(process)
	if role == "supervisor" {
		r.lockGoes()
		r.runsNoMore()
	}
}

// awaitEnd waits until a process has ended, and all that it had open is closed.
func (r *killRound) awaitEnd(process int) {
	ready := []unix.PollFd{{Fd: int32(process), Events: unix.POLLIN}}
	enginetest.Eventually(r.t, r.name+": the end of a process", func() bool {
		n, _ := unix.Poll(ready, 0)
		return n > 0
	})
}

// pidOf finds the process with a role of this data folder's pod. A child that it has
// forked, and that has yet to be executed, looks the same, and comes after it.
func (r *killRound) pidOf(role string) (found int) {
	uuids, _ := poddir.List(r.pods())
	if len(uuids) == 0 {
		return 0
	}
	enginetest.EachProcess(func(pid int, line []byte) {
		if found == 0 && strings.HasPrefix(string(line), "podtui\x00"+role+"\x00"+uuids[0]+"\x00") {
			found = pid
		}
	})
	return found
}

// app kills the app, which its policy may start again.
func (r *killRound) app() {
	r.lives()
	time.Sleep(time.Duration(r.moment.IntN(200)) * time.Millisecond)
	status, err := r.Pod(r.pod.Name)
	if err != nil || status.Apps[0].PID == 0 {
		r.t.Errorf("%s: %+v (%v)", r.name, status, err)
		return
	}
	r.aboutToKill()
	r.matrix.hit(r.who, unix.Kill(status.Apps[0].PID, unix.SIGKILL) == nil)
	time.Sleep(time.Duration(r.moment.IntN(200)) * time.Millisecond)
}

func (r *killRound) prepared() {
	if _, err := r.Prepare(context.Background(), r.pod, skipVerify(), nil); err != nil {
		r.t.Errorf("%s: %v", r.name, err)
	}
}

func (r *killRound) maybeStop() {
	if r.moment.IntN(2) == 0 {
		r.stop()
	}
}

func (r *killRound) stop() {
	r.unknown()
	if err := r.stopPod(r.pod.Name); err != nil {
		r.t.Errorf("%s: stop: %v", r.name, err)
	}
	r.own.Wait()
}

func (r *killRound) stopPod(word string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return r.StopPod(ctx, word, engine.StopOptions{Force: r.moment.IntN(2) == 0})
}

// settle has everything end that goes on, beside a gc that is to remove no pod that
// anybody could want.
func (r *killRound) settle() {
	var collecting sync.WaitGroup
	if r.moment.IntN(2) == 0 {
		collecting.Go(func() {
			if _, err := r.GC(context.Background(), engine.GCOptions{Grace: time.Hour}); err != nil {
				r.t.Errorf("%s: gc beside it: %v", r.name, err)
			}
		})
	}
	enginetest.Eventually(r.t, r.name+": the pod's end", func() bool {
		pods, err := r.Pods()
		over := err == nil
		for _, pod := range pods {
			if pod.State == poddir.Running {
				if err := r.stopPod(pod.UUID); err != nil {
					r.t.Logf("%s: stop: %v", r.name, err)
				}
			}
			over = over && pod.State != poddir.Running && pod.State != poddir.Preparing
		}
		return over && len(r.processes()) == 0
	})
	collecting.Wait()
	r.own.Wait()
	r.remember()
}
