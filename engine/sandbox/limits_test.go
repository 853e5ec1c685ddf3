package sandbox

import (
	"testing"
	"time"
)

func needLimits(t *testing.T) {
	t.Helper()
	if err := Limited(); err != nil {
		t.Skip(err)
	}
}

func TestAppIsKilledForItsMemoryLimit(t *testing.T) {
	if !onHosts(t, "inside a container") {
		return
	}
	needLimits(t)
	p := newTestPod(t)
	limit := func(a *App) { a.Limits.Memory = 64 << 20 }
	const hog = "sh -c 'echo 1000 >/proc/self/oom_score_adj; exec tail -c 200m /dev/zero'"
	for _, c := range []struct {
		name, script string
		want         Ending
	}{
		{"the app itself", "exec tail -c 200m /dev/zero", Ending{137, true, true}},
		{"a child that the app does without", hog + "; exit 4", Ending{Status: 4, OutOfMemory: true}},
		{"a child, whose status the app takes for its own", hog + "; exit $?", Ending{Status: 137, OutOfMemory: true}},
	} {
		if ending, said := p.start(c.script, limit).end(); ending != c.want {
			t.Errorf("%s: %+v, want %+v: %q", c.name, ending, c.want, said)
		}
	}
	if ending, _ := p.start("kill -9 $$", limit).end(); ending != (Ending{Status: 137, Signaled: true}) {
		t.Errorf("the app killed itself: %+v", ending)
	}
}

func TestKillIsNotTheMemoryLimit(t *testing.T) {
	if !onHosts(t, "as it is") {
		return
	}
	needLimits(t)
	for name, kill := range map[string]func(*Process){
		"the app": (*Process).Kill,
		"the pod": func(app *Process) { app.pod.Kill() },
	} {
		p := newTestPod(t)
		app := p.start("sh -c 'echo 1000 >/proc/self/oom_score_adj; exec tail -c 200m /dev/zero'; echo one went; sleep 99", func(a *App) { a.Limits.Memory = 64 << 20 })
		app.waitFor("one went")
		kill(app.Process)
		if ending, _ := app.end(); ending != (Ending{Status: 137, Signaled: true}) {
			t.Errorf("%s: %+v", name, ending)
		}
	}
}

func TestCPULimitSlowsAnApp(t *testing.T) {
	if !onHosts(t, "as it is") {
		return
	}
	needLimits(t)
	p := newTestPod(t)
	app := p.start("echo begun; while :; do :; done", func(a *App) { a.Limits.CPU = 100 })
	app.waitFor("begun")
	before, began := usageOf(t, p), time.Now()
	time.Sleep(time.Second)
	used, took := usageOf(t, p).CPU-before.CPU, time.Since(began)
	app.Kill()
	app.end()
	if used > took/4 || used < 0 {
		t.Errorf("an app with a tenth of a core used %v in %v", used, took)
	}
}

func usageOf(t *testing.T, p *testPod) Usage {
	t.Helper()
	usage, err := ReadUsage(p.uuid, "app")
	if err != nil {
		t.Fatal(err)
	}
	return usage
}
