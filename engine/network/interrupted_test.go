package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// partRole makes this test binary a process of a host that sets networks up, and may
// die of it.
const partRole = "PODTUI_TEST_NETWORK"

// deed is what such a process does.
type deed struct {
	Do        string // "set up" or "take down"
	Pods, ID  string
	Namespace string
	Names     []string
	Networks  []poddir.Network // or those
	Ports     []spec.Published
	Point     crash.Point // at which
	Dies      bool        // it dies; else the step fails
}

var errInjected = errors.New("injected")

func playPart(said string) {
	var p deed
	if err := json.Unmarshal([]byte(said), &p); err != nil {
		panic(err)
	}
	crash.FaultHook = func(at crash.Point) error {
		if at != p.Point {
			return nil
		}
		if p.Dies {
			_ = unix.Kill(os.Getpid(), unix.SIGKILL)
			select {} // until the signal is there
		}
		return errInjected
	}
	dir := poddir.Open(p.Pods, p.ID)
	var err error
	if p.Do == "take down" {
		err = TakeDown(context.Background(), dir)
	} else {
		var networks []poddir.Network
		if networks, err = Look(Folders{}).Choose(spec.Network{Names: p.Names}); err == nil {
			networks = append(networks, p.Networks...)
			_, err = SetUp(context.Background(), Pod{Dir: dir, Namespace: p.Namespace, Networks: networks, Ports: p.Ports})
		}
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// play has a process of its own on the pod's host do something with its network.
func (p *guest) play(do deed) (out string, err error) {
	p.t.Helper()
	data, err := p.part(do).CombinedOutput()
	return string(data), err
}

func (p *guest) part(do deed) *exec.Cmd {
	p.t.Helper()
	do.Pods, do.ID, do.Namespace = filepath.Dir(p.dir.Path), p.dir.UUID, p.Path()
	said, err := json.Marshal(do)
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := p.host.Command(os.Args[0])
	cmd.Env = append(os.Environ(), partRole+"="+string(said))
	return cmd
}

func wasKilled(err error) bool {
	exit, _ := err.(*exec.ExitError) //nolint:errorlint // as exec says
	return exit != nil && exit.Sys().(syscall.WaitStatus).Signal() == unix.SIGKILL
}

// leftovers are leases and markers of a data folder.
func leftovers(t *testing.T, data string) (left []string) {
	t.Helper()
	for _, pattern := range []string{"networks/addresses/*/[0-9]*", "pods/*/" + markerFile} {
		found, err := filepath.Glob(filepath.Join(data, pattern))
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, found...)
	}
	return left
}

// steps are all points of SetUp, and of TakeDown, for a pod with networks of podtui's
// own and a port.
var steps = map[string][]crash.Point{
	"set up": {
		"network marked", "address leased", "link made", "host's end up", "pod's end up", "host passes on", "network reaches out", "ports held", "ports published",
	},
	"take down": {"ports taken back", "link gone", "network taken down"},
}

// Whatever dies or fails at whatever step: taken down, nothing of the pod is left on
// the host, and the pod can have its network again.
func TestNothingIsLeftOfAnInterruptedNetwork(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes its time; make test runs it")
	}
	for _, dies := range []bool{true, false} {
		t.Run(map[bool]string{true: "died", false: "failed"}[dies], func(t *testing.T) {
			t.Parallel()
			w, data := nettest.NewWorld(t), t.TempDir()
			warm := newGuest(t, w.Host, data)
			whole := deed{Do: "set up", Names: []string{"default6", "default-restricted"}, Ports: []spec.Published{{Name: "http", App: "a", Protocol: spec.TCP, HostPort: 8080, Port: 80, Count: 1}}}
			if out, err := warm.play(whole); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			warm.mustEnd(t, data, "")
			before := w.Host.State()
			for _, do := range slices.Sorted(maps.Keys(steps)) {
				for _, at := range steps[do] {
					p := newGuest(t, w.Host, data)
					cut := whole
					if do == "take down" {
						if out, err := p.play(whole); err != nil {
							t.Fatalf("%v: %s", err, out)
						}
						p.Namespace.Close()
						cut = deed{Do: do}
					}
					cut.Point, cut.Dies = at, dies
					out, err := p.play(cut)
					if dies && !wasKilled(err) || !dies && !strings.Contains(out, errInjected.Error()) {
						t.Errorf("%s, %q: %v: %s", do, at, err, out)
					}
					if do == "set up" && at == "ports published" { // a restart in the folder of a pod that nobody took down
						if out, err := p.play(whole); err != nil {
							t.Errorf("again: %v: %s", err, out)
						}
					}
					p.mustEnd(t, data, before)
					p.Namespace = nettest.New(t, "pod")
					if out, err := p.play(whole); err != nil {
						t.Errorf("after %s at %q: %v: %s", do, at, err, out)
					}
					p.mustEnd(t, data, "")
				}
			}
		})
	}
}

// mustEnd ends the pod, twice, and looks that nothing is left of it.
func (p *guest) mustEnd(t *testing.T, data, before string) {
	t.Helper()
	for range 2 {
		if err := p.end(); err != nil {
			t.Error(err)
		}
	}
	if left := leftovers(t, data); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	p.host.Eventually("links of pods are gone", func() bool { return links(p.host) == "" })
	if changed := nettest.Changed(before, p.host.State()); before != "" && changed != "" {
		t.Errorf("the host's state is another:\n%s", changed)
	}
}

// A link whose namespace outlives the pod is removed, and only that.
func TestLinkIsRemovedWhereItsNamespaceIsHeld(t *testing.T) {
	t.Parallel()
	w, data := nettest.NewWorld(t), t.TempDir()
	p, other := newGuest(t, w.Host, data).mustSetUp("default"), newGuest(t, w.Host, data).mustSetUp("default")
	w.Host.Do(func() {
		if err := TakeDown(t.Context(), p.dir); err != nil {
			t.Error(err)
		}
	})
	if got, want := links(w.Host), other.Interfaces[0].Host; got != want {
		t.Errorf("links %q, not %q", got, want)
	}
	// A link of that name which is another's stays.
	again := newGuest(t, w.Host, data).mustSetUp("default")
	name := again.Interfaces[0].Host
	w.Host.Run("ip", "link", "set", name, "alias", "podtui pod of somebody else")
	if err := again.end(); err != nil {
		t.Error(err)
	}
}

// The end of a pod doesn't wait for its link, and who comes next doesn't get its address
// before it is gone.
func TestEndWaitsForNoLink(t *testing.T) {
	t.Parallel()
	host, data := nettest.New(t, "host"), t.TempDir()
	p := newGuest(t, host, data).mustSetUp("default")
	host.Do(func() {
		if err := End(t.Context(), p.dir); err != nil {
			t.Error(err)
		}
	})
	if left := leftovers(t, data); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	if got, want := links(host), p.Interfaces[0].Host; got != want { // the namespace is still there
		t.Errorf("links %q, not %q", got, want)
	}
	next := newGuest(t, host, t.TempDir()).mustSetUp("default")
	if got := next.Interfaces[0].Host; got == p.Interfaces[0].Host {
		t.Errorf("the next pod has %s as well", got)
	}
}

// TestEveryStepIsInterrupted reads the sources: a point that nobody dies at promises
// what nobody has seen. Those of CNI are in a test of their own.
func TestEveryStepIsInterrupted(t *testing.T) {
	t.Parallel()
	there := make(map[crash.Point]bool)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "cni") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return true
			}
			if of, ok := call.Fun.(*ast.SelectorExpr); ok && of.Sel.Name == "Fault" {
				point, _ := strconv.Unquote(call.Args[0].(*ast.BasicLit).Value)
				there[crash.Point(point)] = true
			}
			return true
		})
	}
	tried := make(map[crash.Point]bool)
	for _, points := range steps {
		for _, point := range points {
			tried[point] = true
		}
	}
	if !maps.Equal(there, tried) {
		t.Errorf("points of the code: %q\ntried: %q", slices.Sorted(maps.Keys(there)), slices.Sorted(maps.Keys(tried)))
	}
}
