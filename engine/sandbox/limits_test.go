package sandbox

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/spec"
)

func needLimits(t *testing.T) {
	t.Helper()
	if err := Limited(); err != nil {
		t.Skip(err)
	}
}

// everyLimit has something of each.
var everyLimit = spec.Limits{
	Memory: 64 << 20, MemoryRequest: 32 << 20, CPU: 250, CPUShares: 512, PIDs: 100,
	BlockBandwidth: 2_000_000, BlockIOPS: 1000,
}

func TestLimitsAsEachKindOfHostTakesThem(t *testing.T) {
	t.Parallel()
	device := aDevice(t)
	v1 := map[string]string{
		"memory/memory.limit_in_bytes": "67108864", "memory/memory.memsw.limit_in_bytes": "67108864",
		"memory/memory.soft_limit_in_bytes": "33554432",
		"cpu/cpu.cfs_period_us":             "100000", "cpu/cpu.cfs_quota_us": "25000", "cpu/cpu.shares": "512",
		"pids/pids.max":                          "100",
		"blkio/blkio.throttle.read_bps_device":   device + " 2000000",
		"blkio/blkio.throttle.write_bps_device":  device + " 2000000",
		"blkio/blkio.throttle.read_iops_device":  device + " 1000",
		"blkio/blkio.throttle.write_iops_device": device + " 1000",
	}
	v2 := map[string]string{
		"memory.max": "67108864", "memory.swap.max": "0", "memory.low": "33554432",
		"cpu.max": "25000 100000", "cpu.weight": "59", "pids.max": "100",
		"io.max": device + " rbps=2000000 wbps=2000000 riops=1000 wiops=1000",
	}
	for name, c := range map[string]struct {
		hierarchies []string // of v1; "" is v2
		want        map[string]string
		unheld      []string
	}{
		"v1": {[]string{"memory", "cpu", "pids", "blkio"}, v1, nil},
		"v2": {[]string{""}, v2, nil},
		"memory and cpu of v1, the rest of v2": {
			[]string{"memory", "cpu", ""},
			merged(only(v1, "memory/", "cpu/"), only(v2, "pids", "io")), nil,
		},
		"v1 without blkio and pids": {[]string{"memory", "cpu"}, only(v1, "memory/", "cpu/"), []string{"block bandwidth", "block operations", "pids"}},
		"v1 that does not count swap": {
			[]string{"memory", "cpu", "pids", "blkio"},
			without(v1, "memory/memory.memsw.limit_in_bytes"), nil,
		},
		"v1 whose kernel has no soft limit": {
			[]string{"memory", "cpu", "pids", "blkio"},
			without(v1, "memory/memory.soft_limit_in_bytes"), []string{"memory request"},
		},
		"v2 without swap": {[]string{""}, without(v2, "memory.swap.max"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host, root := fakeHost(t, c.hierarchies, c.want)
			u := host.confine("pod/app", everyLimit)
			if !slices.Equal(u.limits, c.unheld) {
				t.Errorf("not held: %v (%v), want %v", u.limits, u.err, c.unheld)
			}
			for file, want := range c.want {
				dir, base := filepath.Split(file)
				got, err := os.ReadFile(filepath.Join(root, dir, "pod/app", base))
				if err != nil || string(got) != want {
					t.Errorf("%s: %q (%v), want %q", file, got, err, want)
				}
			}
		})
	}
}

// fakeHost is a host whose cgroups are folders, which have the files of a map. Of v2
// the files are at the top.
func fakeHost(t *testing.T, names []string, files map[string]string) (cgroupHost, string) {
	t.Helper()
	root := t.TempDir()
	var host cgroupHost
	for _, name := range names {
		host.all = append(host.all, hierarchy{path: filepath.Join(root, name), unified: name == "", controllers: []string{name}})
	}
	for file := range files {
		dir, base := filepath.Split(file)
		write(t, filepath.Join(root, dir, "pod/app"), map[string]string{base: ""})
	}
	if slices.Contains(names, "") {
		write(t, root, map[string]string{"cgroup.subtree_control": "memory cpu io pids\n"})
	}
	return host, root
}

// aDevice is the last of this host's, which is what a file of its fake has in the
// end: in one of the kernel's each has its line.
func aDevice(t *testing.T) string {
	t.Helper()
	devices := blockDevices("/sys/block")
	if len(devices) == 0 {
		t.Skip("this host has no block device")
	}
	return devices[len(devices)-1]
}

func merged(parts ...map[string]string) map[string]string {
	all := make(map[string]string)
	for _, m := range parts {
		maps.Copy(all, m)
	}
	return all
}

func only(files map[string]string, prefixes ...string) map[string]string {
	some := make(map[string]string)
	for file, value := range files {
		if slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(file, prefix) }) {
			some[file] = value
		}
	}
	return some
}

func without(files map[string]string, file string) map[string]string {
	some := maps.Clone(files)
	delete(some, file)
	return some
}

// The kernel has taken all of it.
func TestLimitsOfARunningApp(t *testing.T) {
	if !onHosts(t, "as it is") {
		return
	}
	needLimits(t)
	p := newTestPod(t)
	if err := p.Bound(spec.Limits{Memory: 128 << 20, CPU: 200, PIDs: 200}, nil); err != nil {
		t.Fatal(err)
	}
	app := p.start("echo begun; sleep 99", func(a *App) { a.Limits = everyLimit })
	app.waitFor("begun")
	if warnings := p.Warnings(); len(warnings) > 0 {
		t.Errorf("not held: %q", warnings)
	}
	bounded := everyLimit
	bounded.CPU = 200 // the pod's
	for _, controller := range controllers() {
		h, err := p.host.holder(controller)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range limitsOf(controller, bounded, h.unified) {
			text, err := os.ReadFile(filepath.Join(h.folder(cgroupPath(p.uuid, "app")), s.file))
			if err != nil && !s.optional || err == nil && !slices.Contains(strings.Split(string(text), "\n"), s.value) {
				t.Errorf("%s: %q (%v), want %q", s.file, text, err, s.value)
			}
		}
	}
	app.Kill()
	app.end()
}

func TestLimitsThatAreNotHeldAreToldOnce(t *testing.T) {
	t.Parallel()
	p := &Pod{uuid: "u", host: cgroupHost{unusable: errors.New("cgroups can't be made in /sys/fs/cgroup/memory: read-only file system")}}
	app := App{Name: "web", Limits: spec.Limits{Memory: 64 << 20, CPU: 100, PIDs: spec.DefaultPIDs}}
	for range 2 {
		p.confine(app)
		p.confineMade(app)
	}
	want := []Warning{{"web", "its limit of memory, cpu is not held by this host: cgroups can't be made in /sys/fs/cgroup/memory: read-only file system"}}
	if got := p.Warnings(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if err := p.Bound(spec.Limits{PIDs: 7, Memory: 1 << 30}, nil); err != nil {
		t.Fatal(err)
	}
	p.beginStart()
	p.endStart()
	if got := p.Warnings(); len(got) != 2 || got[0].App != "" {
		t.Errorf("of the pod: %q", got)
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
