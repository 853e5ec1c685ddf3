package network

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// Whatever dies or fails at whatever step of plugins: nothing that names the pod is
// left on the host or of the plugins, and the pod can have its network again.
func TestNothingIsLeftOfInterruptedPlugins(t *testing.T) {
	t.Parallel()
	needPlugins(t)
	if testing.Short() {
		t.Skip("takes its time; make test runs it")
	}
	for _, c := range []struct {
		do     string
		points []crash.Point
		dies   bool
	}{
		{"set up", []crash.Point{"network marked", "ADD of bridge", "ADD of portmap", "ADD of firewall"}, true},
		{"set up", []crash.Point{"ADD of tuning", "plugins done", "ports held", "ports published"}, true},
		{"take down", []crash.Point{"DEL of tuning", "DEL of firewall", "DEL of portmap", "DEL of bridge", "plugins undone"}, true},
		{"set up", []crash.Point{"ADD of portmap", "plugins done"}, false},
		{"take down", []crash.Point{"DEL of portmap", "plugins undone"}, false},
	} {
		t.Run(c.do+" until "+string(c.points[0]), func(t *testing.T) {
			t.Parallel()
			w, data := nettest.NewWorld(t), t.TempDir()
			whole := deed{
				Do: "set up", Networks: []poddir.Network{configured(t, data, portmapChain)},
				Ports: []spec.Published{{Name: "http", App: "a", Protocol: spec.TCP, HostPort: 8080, Port: 80, Count: 1}},
			}
			warm := newGuest(t, w.Host, data)
			warm.mustPlay(whole)
			warm.mustEndCNI(data)
			before := steady(w.Host)
			for n, at := range c.points {
				p := newGuest(t, w.Host, data)
				cut := whole
				if c.do == "take down" {
					p.mustPlay(whole)
					p.Namespace.Close()
					cut = deed{Do: c.do}
				}
				cut.Point, cut.Dies = at, c.dies
				if out, err := p.play(cut); c.dies && !wasKilled(err) || !c.dies && !strings.Contains(out, errInjected.Error()) {
					t.Errorf("%q: %v: %s", at, err, out)
				}
				p.mustEndCNI(data)
				if changed := nettest.Changed(before, steady(w.Host)); changed != "" {
					t.Errorf("%q: the host's state is another:\n%s", at, changed)
				}
				if n == len(c.points)-1 {
					p.Namespace = nettest.New(t, "pod")
					p.mustPlay(whole)
					p.mustEndCNI(data)
				}
			}
		})
	}
}

func (p *guest) mustPlay(do deed) {
	p.t.Helper()
	if out, err := p.play(do); err != nil {
		p.t.Fatalf("%v: %s", err, out)
	}
}

// What a plugin has called may live on when podtui is killed, and the plugin with it.
// It would take an address after it was given back.
func TestWhatPluginsHaveCalledEndsBeforeThePodIsRemoved(t *testing.T) {
	t.Parallel()
	host, data := nettest.New(t, "host"), t.TempDir()
	folder := pluginFolder(t, `(sleep 1000; : > $STATE) & echo $! > $STATE.pid; echo $$ > $STATE.parent; : > $STATE.hangs; wait`, `rm -f $STATE`)
	p := newGuest(t, host, data)
	podtui := p.part(deed{Do: "set up", Networks: []poddir.Network{configured(t, data, ownPlugin, folder)}})
	if err := podtui.Start(); err != nil {
		t.Fatal(err)
	}
	host.Eventually("it hangs", func() bool { _, err := os.Stat(filepath.Join(folder, "state.hangs")); return err == nil })
	if err := podtui.Process.Kill(); err != nil {
		t.Error(err)
	}
	if err := podtui.Wait(); !wasKilled(err) {
		t.Errorf("%v", err)
	}
	pid, parent := word(t, folder, "state.pid"), word(t, folder, "state.parent")
	host.Eventually("the plugin dies with podtui", func() bool { return !runs(parent) })
	if !runs(pid) {
		t.Fatal("what it has called has ended by itself")
	}
	p.mustEndCNI(data)
	if runs(pid) {
		t.Error("it is still there")
	}
}

func word(t *testing.T, elements ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}

// Nobody is killed who only looks at the marker for a moment.
func TestWhoEndsByItselfIsWaitedFor(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := newGuest(t, nettest.New(t, "host"), data)
	network := configured(t, data, ownPlugin, pluginFolder(t, `true`, `true`))
	if err := (marker{Networks: []poddir.Network{network}}).write(p.dir); err != nil {
		t.Fatal(err)
	}
	other, err := os.Open(filepath.Join(p.dir.Path, markerFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Flock(int(other.Fd()), unix.LOCK_SH); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(20*time.Millisecond, func() { other.Close() })
	p.mustEndCNI(data)
}
