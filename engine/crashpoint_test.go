package engine_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/store"
)

// crashes has every crash point of the engine: who dies at it, the how-manieth
// time that it gets there, doing what, and how the pod is afterwards ("": there is
// none).
var crashes = []struct {
	point crash.Point
	who   string
	nth   int
	doing string
	left  poddir.State
}{
	{"folder made", "front", 1, "run", poddir.Failed},
	{"name claimed", "front", 1, "run", poddir.Failed},
	{"name taken over", "front", 1, "run", poddir.Failed},
	{"supervisor spawned", "front", 1, "run", poddir.Failed},
	{"images leased", "front", 1, "run", poddir.Failed},
	{"state written", "front", 1, "run", poddir.Failed},
	{"state in place", "front", 1, "run", poddir.Failed},
	{"state without a record", "front", 1, "run", poddir.Failed},
	{"record written", "front", 1, "run", poddir.Failed},
	// A start that fails leaves no pod, unless its apps may have run: its front end
	// sees to that.
	{"init started", "supervisor", 1, "run", ""},
	{"roots mounted", "supervisor", 1, "run", ""},
	{"volume made", "supervisor", 1, "run", ""},
	{"state written", "supervisor", 1, "run", ""},
	{"state in place", "supervisor", 1, "run", poddir.Exited},
	{"running written", "supervisor", 1, "run", poddir.Exited},
	{"apps created", "supervisor", 1, "run", poddir.Exited},
	{"apps executed", "supervisor", 1, "run", poddir.Exited},
	{"app ended", "supervisor", 1, "run", poddir.Exited},
	{"app unmounted", "supervisor", 1, "run", poddir.Exited},
	{"pod killed", "supervisor", 1, "run", poddir.Exited},
	{"cgroups gone", "supervisor", 1, "run", poddir.Exited},

	{"handler made", "supervisor", 1, "handlers", poddir.Exited},
	{"handler ended", "supervisor", 1, "handlers", poddir.Exited},
	{"handler made", "supervisor", 2, "handlers", poddir.Exited}, // the first run's post-stop
	{"handler ended", "supervisor", 2, "handlers", poddir.Exited},

	{"root copied", "supervisor", 1, "run copied", ""},
	{"root copied", "supervisor", 2, "run copied", poddir.Exited},
	{"copy put aside", "supervisor", 1, "run copied", poddir.Exited},

	{"images leased", "front", 1, "prepare", poddir.Failed},
	{"prepared but for its state", "front", 1, "prepare", poddir.Failed},
	{"state in place", "front", 2, "prepare", poddir.Prepared},

	{"being started again", "front", 1, "run-prepared", poddir.Prepared},
	{"apps cleared", "front", 1, "run-prepared", poddir.Prepared},
	{"roots mounted", "supervisor", 1, "run-prepared", poddir.Prepared},
	{"apps executed", "supervisor", 1, "run-prepared", poddir.Exited},

	{"being started again", "front", 1, "restart", poddir.Exited},
	{"roots put aside", "front", 1, "restart", poddir.Exited},
	{"roots renewed", "front", 1, "restart", poddir.Exited},
	{"apps cleared", "front", 1, "restart", poddir.Exited},
	{"roots mounted", "supervisor", 1, "restart", poddir.Exited},

	{"pod gone", "front", 1, "rm", ""},
	{"folder removed", "front", 1, "rm", ""},
	{"name released", "front", 1, "rm", ""},
	{"pod gone", "front", 1, "gc", ""},
}

// crashFile, in a data folder, says who is to die at which point.
const crashFile = "crash"

// armCrash has this process die where the data folder says, if it is the one that
// is meant. The file goes first, so that nobody else dies of it.
func armCrash(who, dir string) {
	file := filepath.Join(dir, crashFile)
	data, err := os.ReadFile(file)
	fields := strings.SplitN(string(data), " ", 3)
	if err != nil || len(fields) != 3 || fields[0] != who {
		return
	}
	var left atomic.Int32
	nth, _ := strconv.Atoi(fields[1])
	left.Store(int32(nth))
	crash.Hook = func(p crash.Point) {
		if string(p) != fields[2] || left.Add(-1) != 0 {
			return
		}
		_ = os.Remove(file)
		_ = unix.Kill(os.Getpid(), unix.SIGKILL)
		select {} // until the signal is there
	}
}

// armSupervisor is armCrash and armFault for a supervisor, which has no environment but
// knows the folder of all pods.
func armSupervisor() {
	if len(os.Args) > 3 && os.Args[1] == "supervisor" {
		armCrash("supervisor", filepath.Dir(os.Args[3]))
		armFault(filepath.Dir(os.Args[3]))
	}
}

// crashRole is this test binary as a front end that may die.
const crashRole = "PODTUI_TEST_CRASH"

const crashName = "crashed"

func crashMain(dir string) {
	armCrash("front", dir)
	e, err := engine.Open(engine.Options{Dir: dir})
	if err == nil {
		err = crashDo(e, os.Args[1], crashPod(os.Args[2]), skipVerify())
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// crashPod lives through everything that a pod can live through.
func crashPod(image string) spec.Pod {
	return spec.Pod{
		Name: crashName,
		Apps: []spec.App{{
			Image: image, Name: "app", Exec: "/bin/sh", Args: []string{"-c", "echo ran >> /kept/runs; [ -e /kept/again ] || { touch /kept/again; exit 1; }"},
			Restart: "on-failure:1", Mounts: []spec.Mount{{Volume: "kept", Path: "/kept"}},
		}},
		Volumes: []spec.Volume{{Name: "kept", Kind: spec.EmptyVolume}},
	}
}

// crashDo does something with a pod, and waits for its end if it runs.
func crashDo(e *engine.Engine, doing string, pod spec.Pod, o engine.RunOptions) error {
	ctx := context.Background()
	var running *engine.Running
	var err error
	switch doing {
	case "run":
		running, err = e.Run(ctx, pod, o, nil)
	case "run copied":
		pod.NoOverlay = true
		running, err = e.Run(ctx, pod, o, nil)
	case "prepare":
		_, err = e.Prepare(ctx, pod, o, nil)
	case "run-prepared":
		running, err = e.RunPrepared(ctx, pod.Name, o, nil)
	case "restart":
		running, err = e.RestartPod(ctx, pod.Name, engine.StopOptions{}, o, nil)
	case "rm":
		err = e.RemovePod(pod.Name)
	case "gc":
		_, err = e.GC(ctx, engine.GCOptions{})
	}
	if running != nil {
		_, err = running.Wait()
	}
	return err
}

// before is what must have been done before something can be.
var before = map[string][]string{
	"run-prepared": {"prepare"}, "restart": {"run"}, "rm": {"run"}, "gc": {"run"},
}

func TestProcessDiesAtEachPoint(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	for _, doing := range []string{"run", "run copied", "prepare", "run-prepared", "restart", "rm", "gc"} {
		t.Run(doing, func(t *testing.T) {
			t.Parallel()
			h := &crashHost{Host: enginetest.NewHost(t), t: t, image: enginetest.BuildImage(t, "busybox")}
			h.Fetched(h.image)
			for _, c := range crashes {
				if c.doing != doing {
					continue
				}
				h.t.Logf("%s dies at %q, the %d. time", c.who, c.point, c.nth)
				for _, first := range before[doing] {
					h.must(first)
				}
				if c.point == "name taken over" {
					h.danglingName()
				}
				h.die(c.who, c.nth, c.point, doing)
				h.looksTrue(c.left)
				h.collects()
				h.must("run")
				h.collects()
			}
		})
	}
}

// crashHost is a host on which processes die.
type crashHost struct {
	*enginetest.Host
	t     *testing.T
	image string
	uuids []string // all that there were
}

// do does something in a process of its own.
func (h *crashHost) do(doing string) ([]byte, error) {
	front := exec.Command(os.Args[0], doing, h.image)
	front.Env = append(os.Environ(), crashRole+"="+h.Dir)
	return front.CombinedOutput()
}

func (h *crashHost) must(doing string) {
	h.t.Helper()
	if out, err := h.do(doing); err != nil {
		h.t.Errorf("%s: %v: %s", doing, err, out)
	}
	h.remember()
}

func (h *crashHost) danglingName() {
	h.t.Helper()
	if err := poddir.Claim(h.pods(), crashName, poddir.NewUUID()); err != nil {
		h.t.Fatal(err)
	}
}

func (h *crashHost) pods() string { return filepath.Join(h.Dir, "pods") }

func (h *crashHost) remember() {
	entries, _ := os.ReadDir(h.pods())
	for _, entry := range entries {
		id, _, _ := strings.Cut(entry.Name(), ".")
		h.uuids = append(h.uuids, id)
	}
}

// die does something in a process that dies, or has a supervisor that does.
func (h *crashHost) die(who string, nth int, point crash.Point, doing string) {
	h.t.Helper()
	file := filepath.Join(h.Dir, crashFile)
	if err := os.WriteFile(file, fmt.Appendf(nil, "%s %d %s", who, nth, point), 0o600); err != nil {
		h.t.Fatal(err)
	}
	out, err := h.do(doing)
	if _, missed := os.Lstat(file); missed == nil {
		h.t.Errorf("nobody got there: %v: %s", err, out)
		os.Remove(file)
	}
	exit, _ := err.(*exec.ExitError) //nolint:errorlint // as exec says
	if killed := exit != nil && exit.Sys().(syscall.WaitStatus).Signal() == unix.SIGKILL; killed != (who == "front") {
		h.t.Errorf("the front end ended with %v: %s", err, out)
	}
	h.remember()
}

// looksTrue waits until what is alive of the pod has noticed, and looks at it.
func (h *crashHost) looksTrue(want poddir.State) {
	h.t.Helper()
	var pods []poddir.Status
	enginetest.Eventually(h.t, "the end of its processes", func() bool {
		var err error
		pods, err = h.Pods()
		alive := slices.ContainsFunc(pods, func(s poddir.Status) bool { return s.State == poddir.Running || s.State == poddir.Preparing })
		return err == nil && !alive && len(h.processes()) == 0
	})
	switch {
	case want == "" && len(pods) > 0, want != "" && len(pods) != 1:
		h.t.Errorf("%d pods are left: %+v", len(pods), pods)
	case want != "" && pods[0].State != want:
		h.t.Errorf("it is left %s, not %s: %+v", pods[0].State, want, pods[0])
	}
	for _, pod := range pods {
		if named, err := h.Pod(pod.UUID); err != nil || named.State != pod.State {
			h.t.Errorf("listed %s, alone %s (%v)", pod.State, named.State, err)
		}
	}
}

// processes are what is left of pods; not what tests run beside this one.
func (h *crashHost) processes() []string {
	return slices.DeleteFunc(h.Leftovers(), func(left string) bool { return !strings.HasPrefix(left, "process ") })
}

// collects collects everything, and looks that nothing is left.
func (h *crashHost) collects() {
	h.t.Helper()
	if _, err := h.GC(h.t.Context(), engine.GCOptions{ExpirePrepared: 1}); err != nil {
		h.t.Errorf("gc: %v", err)
	}
	left := h.Leftovers()
	for _, folder := range []string{"pods", "names"} {
		entries, err := os.ReadDir(filepath.Join(h.Dir, folder))
		if err != nil && !os.IsNotExist(err) {
			h.t.Error(err)
		}
		for _, entry := range entries {
			left = append(left, folder+"/"+entry.Name())
		}
	}
	for _, id := range h.uuids {
		for _, pattern := range []string{"/sys/fs/cgroup/*/podtui-", "/sys/fs/cgroup/podtui-"} {
			cgroups, _ := filepath.Glob(pattern + id)
			left = append(left, cgroups...)
		}
	}
	left = append(left, h.leases()...)
	if len(left) > 0 {
		h.t.Errorf("after gc: %q", left)
	}
	h.uuids = nil
}

func (h *crashHost) leases() []string {
	h.t.Helper()
	s, err := store.Open(filepath.Join(h.Dir, "store"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer s.Close()
	owners, err := s.Owners()
	if err != nil {
		h.t.Error(err)
	}
	return owners
}

// TestEveryCrashPointIsTried reads the sources: a point that nobody dies at
// promises what nobody has seen.
func TestEveryCrashPointIsTried(t *testing.T) {
	t.Parallel()
	tried, there := make(map[string]bool), make(map[string]bool)
	for _, c := range crashes {
		tried[string(c.point)] = true
	}
	for _, folder := range []string{".", "../store", "../cmd"} {
		err := filepath.WalkDir(folder, func(name string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			return crashPoints(name, there)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(there) == 0 {
		t.Error("no crash points found")
	}
	for _, point := range slices.Sorted(maps.Keys(there)) {
		if !tried[point] {
			t.Errorf("nobody dies at %q", point)
		}
	}
	for _, point := range slices.Sorted(maps.Keys(tried)) {
		if !there[point] {
			t.Errorf("%q is no crash point of the code", point)
		}
	}
}

// crashPoints adds the points of one source file.
func crashPoints(name string, there map[string]bool) error {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			return true
		}
		of, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || of.Sel.Name != "Here" {
			return true
		}
		if pkg, ok := of.X.(*ast.Ident); !ok || pkg.Name != "crash" {
			return true
		}
		point := "(not a plain word)"
		if word, ok := call.Args[0].(*ast.BasicLit); ok {
			point, _ = strconv.Unquote(word.Value)
		}
		there[point] = true
		return true
	})
	return nil
}
