package engine_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/recipe"
	"github.com/podtui/podtui/engine/spec"
)

// called is a pod of the default network that others are to know by a name; "": by
// none.
func called(name string, apps ...spec.App) spec.Pod {
	pod := networked(enginetest.Pod(apps...), "default")
	pod.Name = name
	return pod
}

// hostsOf is an app's /etc/hosts, as it is mounted there now.
func (h *worldHost) hostsOf(uuid, app string) string {
	h.t.Helper()
	content, err := os.ReadFile(filepath.Join(h.Dir, "pods", uuid, "apps", app, "hosts"))
	if err != nil {
		h.t.Error(err)
	}
	return string(content)
}

// knows waits until an app's /etc/hosts has a name with an address; "": until it has it
// no more.
func (h *worldHost) knows(uuid, app, name, address string) {
	h.t.Helper()
	defer func() {
		if h.t.Failed() {
			h.t.Logf("its hosts:\n%s", h.hostsOf(uuid, app))
		}
	}()
	enginetest.Eventually(h.t, fmt.Sprintf("%s is at %q", name, address), func() bool {
		for line := range strings.Lines(h.hostsOf(uuid, app)) {
			if fields := strings.Fields(line); len(fields) == 2 && fields[1] == name {
				return fields[0] == address
			}
		}
		return address == ""
	})
}

// linesWith counts the lines of an /etc/hosts that have a name.
func linesWith(hosts, name string) (n int) {
	for line := range strings.Lines(hosts) {
		if fields := strings.Fields(line); len(fields) > 1 && slices.Contains(fields[1:], name) {
			n++
		}
	}
	return n
}

// addressOf is that of a pod in its first network.
func (h *worldHost) addressOf(uuid string) string {
	h.t.Helper()
	status, err := h.Pod(uuid)
	if err != nil || len(status.Interfaces) == 0 || len(status.Interfaces[0].Addresses) == 0 {
		h.t.Fatalf("%+v (%v)", status, err)
	}
	address, _, _ := strings.Cut(status.Interfaces[0].Addresses[0], "/")
	return address
}

func (h *worldHost) isGone(word string) {
	h.t.Helper()
	h.World.Host.Do(func() {
		if err := h.RemovePod(word); err != nil {
			h.t.Errorf("rm %s: %v", word, err)
		}
	})
}

func TestPodsKnowEachOtherByName(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	const idles = "echo runs; sleep 1000"
	asks := h.Start(called("", enginetest.Shell(t, `until grep -q web /etc/hosts; do sleep 0.02; done; until nc web 80 </dev/null 2>/dev/null; do sleep 0.02; done; echo said; sleep 1000`), enginetest.Shell(t, idles)))
	asks.WaitFor(t, "runs\n")

	answers := `hostname; nc -l -p 80 -e echo it is web & cat /etc/hosts; echo listens; sleep 1000`
	web := called("web", enginetest.Shell(t, answers))
	web.Hostname = "inside.lan"
	first := h.Start(web)
	first.WaitFor(t, "listens\n")
	address := h.addressOf(first.UUID)
	if own := address + "\tinside.lan inside\n"; !strings.Contains(first.Output(), own) || !strings.Contains(first.Output(), address+"\tweb\n") || strings.Contains(first.Output(), "127.0.0.1\tinside") {
		t.Errorf("its own names are in %s", first.Output())
	}
	for _, app := range []string{"a", "b"} {
		h.knows(asks.UUID, app, "web", address)
		h.knows(asks.UUID, app, "inside.lan", "")
	}
	asks.WaitFor(t, "said\n")
	if !strings.Contains(asks.Output(), "it is web\n") {
		t.Errorf("asked by name, it hears %q", asks.Output())
	}

	late := h.Start(called("", enginetest.Shell(t, "cat /etc/hosts; "+idles)))
	late.WaitFor(t, "runs\n")
	if !strings.Contains(late.Output(), address+"\tweb\n") {
		t.Errorf("who comes later sees %s", late.Output())
	}
	first.Stop(true)
	first.Wait()
	h.knows(asks.UUID, "a", "web", "")
	h.knows(late.UUID, "busybox", "web", "")
	h.isGone("web")

	second := h.Start(called("web", enginetest.Shell(t, idles))) // another of that name
	second.WaitFor(t, "runs\n")
	if now := h.addressOf(second.UUID); now == address {
		t.Errorf("it has the address of the one before, %s", now)
	}
	h.knows(asks.UUID, "b", "web", h.addressOf(second.UUID))
	for _, pod := range []*enginetest.Started{asks, late, second} {
		pod.Stop(true)
		pod.Wait()
	}
	if left := glob(h.Dir + "/networks/names/*"); left != nil {
		t.Errorf("left: %q", left)
	}
}

// A supervisor that is killed withdraws nothing: who settles the pod does, and the pod
// is known again when it runs again.
func TestNamesOfKilledPodsGo(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	const idles = "echo runs; sleep 1000"
	web, db := h.Start(called("web", enginetest.Shell(t, idles))), h.Start(called("db", enginetest.Shell(t, idles)))
	looks := h.Start(called("", enginetest.Shell(t, idles)))
	for _, pod := range []*enginetest.Started{web, db, looks} {
		pod.WaitFor(t, "runs\n")
	}
	h.knows(looks.UUID, "busybox", "web", h.addressOf(web.UUID))
	h.knows(looks.UUID, "busybox", "db", h.addressOf(db.UUID))
	for _, name := range []string{"web", "db"} {
		if err := unix.Kill(h.pidOf("supervisor", name), unix.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	web.Wait()
	db.Wait()
	var again *engine.Running
	h.World.Host.Do(func() {
		var err error
		if again, err = h.RestartPod(t.Context(), db.UUID, engine.StopOptions{}, skipVerify(), nil); err != nil {
			t.Error(err)
		}
	})
	if again == nil {
		return
	}
	again.Close()
	h.knows(looks.UUID, "busybox", "db", h.addressOf(db.UUID))
	h.knows(looks.UUID, "busybox", "web", "") // nobody owns it, as the change before has shown
	h.gc()
	if left := glob(h.Dir + "/networks/names/" + web.UUID + "*"); left != nil {
		t.Errorf("left: %q", left)
	}
	h.settle()
	looks.Wait()
	h.gc()
	if left := glob(h.Dir + "/networks/names/*"); left != nil {
		t.Errorf("left: %q", left)
	}
}

// Between any two steps a name that is made known or withdrawn is one that gc finds.
func TestSupervisorDiesAtStepsOfAHostName(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	looks := h.Start(called("", enginetest.Shell(t, "echo runs; sleep 1000")))
	looks.WaitFor(t, "runs\n")
	for _, step := range []string{"host name announced", "host name going"} {
		for what, file := range map[string]string{"supervisor 1 " + step: crashFile, step: faultFile} {
			path := filepath.Join(h.Dir, file)
			if err := os.WriteFile(path, []byte(what), 0o600); err != nil {
				t.Fatal(err)
			}
			got := h.Run(called("web", enginetest.Shell(t, "true")))
			switch left, err := os.Lstat(path); {
			case file == crashFile && err == nil:
				t.Errorf("%s: nobody got there", left.Name())
			case file == faultFile && !strings.Contains(strings.Join(toldOf(got.Events), "\n"), errFault.Error()):
				t.Errorf("%s: told %q", step, toldOf(got.Events))
			}
			os.Remove(path)
			h.gc()
			h.knows(looks.UUID, "busybox", "web", "")
			if left := glob(h.Dir + "/networks/names/*"); len(left) != 1 { // the bell of who looks
				t.Errorf("%s: left: %q", what, left)
			}
		}
	}
	looks.Stop(true)
	looks.Wait()
}

// What an app has made of its /etc/hosts stays, and what the pod or the image says of a
// name counts. A pod with the host's network, or with none, knows nobody.
func TestNamesOfPodsLeaveTheRestOfHostsAlone(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	ours := imageWith(t, recipe.File{Kind: recipe.Regular, Path: "/etc/hosts", Mode: 0o644, Content: []byte("192.0.2.1 of-the-image\n")})
	shell := func(name, script string) spec.App {
		app := shellIn(ours, script+"; echo runs; sleep 1000")
		app.Name = name
		return app
	}
	fixed := shell("fixed", "true")
	yes := true
	fixed.ReadOnlyRoot = &yes
	looks := called("",
		shell("adds", "echo 192.0.2.9 mine >>/etc/hosts"), shell("replaces", "echo 192.0.2.9 mine >/etc/hosts"),
		shell("huge", "dd if=/dev/zero of=/etc/hosts bs=1M count=2 2>/dev/null"), fixed)
	looks.HostsEntries = []spec.HostsEntry{{IP: "192.0.2.7", Name: "db"}}
	running := h.Start(looks)
	enginetest.Eventually(t, "all apps run", func() bool { return strings.Count(running.Output(), "runs\n") == 4 })
	alone := map[string]*enginetest.Started{}
	for _, network := range []string{"host", "none"} {
		alone[network] = h.Start(networked(enginetest.Pod(shell("alone", "true")), network))
		alone[network].WaitFor(t, "runs\n")
	}
	var named []*enginetest.Started
	for _, name := range []string{"db", "of-the-image", "localhost", "mine", "web"} {
		pod := h.Start(called(name, enginetest.Shell(t, "echo runs; sleep 1000")))
		pod.WaitFor(t, "runs\n")
		named = append(named, pod)
	}
	address := h.addressOf(named[4].UUID)
	for _, app := range []string{"adds", "fixed"} {
		h.knows(running.UUID, app, "web", address)
		for name, address := range map[string]string{"db": "192.0.2.7", "of-the-image": "192.0.2.1"} {
			h.knows(running.UUID, app, name, address)
			if n := linesWith(h.hostsOf(running.UUID, app), name); n != 1 {
				t.Errorf("%s: %s is in %d lines of\n%s", app, name, n, h.hostsOf(running.UUID, app))
			}
		}
		if n := strings.Count(h.hostsOf(running.UUID, app), "\tlocalhost"); n != 2 {
			t.Errorf("%s: localhost is\n%s", app, h.hostsOf(running.UUID, app))
		}
	}
	if got := h.hostsOf(running.UUID, "adds"); !strings.HasSuffix(got, "\n192.0.2.9 mine\n") || strings.Count(got, "mine") != 1 {
		t.Errorf("what an app has added: %s", got)
	}
	if got := h.hostsOf(running.UUID, "replaces"); got != "192.0.2.9 mine\n" {
		t.Errorf("what an app has put in its place: %s", got)
	}
	if info, err := os.Stat(filepath.Join(h.Dir, "pods", running.UUID, "apps", "huge", "hosts")); err != nil || info.Size() != 2<<20 {
		t.Errorf("what an app has made huge: %+v (%v)", info, err)
	}
	for network, pod := range alone {
		if got := h.hostsOf(pod.UUID, "alone"); strings.Contains(got, "podtui") && strings.Contains(got, "#") || strings.Contains(got, "web") {
			t.Errorf("network %s: %s", network, got)
		}
		named = append(named, pod)
	}
	for _, pod := range append(named, running) {
		pod.Stop(true)
		pod.Wait()
	}
}

// An app that is made again has all of it anew, long after the start too, when the
// supervisor has forgotten most of what the start was made of.
func TestRestartedAppHasThePodsNamesLongAfterTheStart(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	web := h.Start(called("web", enginetest.Shell(t, "echo runs; sleep 1000")))
	web.WaitFor(t, "runs\n")
	running := make(map[string]*enginetest.Started)
	for _, network := range []string{"default", "host"} {
		app := enginetest.Shell(t, "cat /etc/hosts /etc/resolv.conf; echo ---; sleep 1; exit 1") // more than quietTime and settleTime
		app.Restart = "on-failure:1"
		pod := networked(enginetest.Pod(app), network)
		pod.HostsEntries = []spec.HostsEntry{{IP: "192.0.2.1", Name: "db"}}
		pod.DNS = spec.DNS{Servers: []string{"192.0.2.2"}, Search: []string{"lan"}}
		running[network] = h.Start(pod)
	}
	for network, pod := range running {
		got := pod.Wait()
		runs := strings.Split(got.Stdout, "---\n")
		if len(runs) != 3 || runs[0] != runs[1] || !strings.Contains(runs[0], "192.0.2.1\tdb\n") || !strings.Contains(runs[0], "nameserver 192.0.2.2\nsearch lan\n") ||
			strings.Contains(runs[0], "\tweb\n") != (network == "default") {
			t.Errorf("network %s: %q", network, runs)
		}
	}
	web.Stop(true)
	web.Wait()
}

// startWhere starts a pod on the host as if its /etc/resolv.conf, and systemd-resolved's,
// were these; "": there is none.
func (h *worldHost) startWhere(conf, resolved string, pod spec.Pod) (started *enginetest.Started) {
	h.t.Helper()
	h.World.Host.Do(func() { // on a thread that nobody uses after it
		run := filepath.Join(h.t.TempDir(), "run")
		err := errors.Join(os.MkdirAll(run+"/systemd/resolve", 0o755), os.WriteFile(run+"/resolv.conf", []byte(conf), 0o644))
		if resolved != "" {
			err = errors.Join(err, os.WriteFile(run+"/systemd/resolve/resolv.conf", []byte(resolved), 0o644))
		}
		err = errors.Join(err, unix.Unshare(unix.CLONE_FS|unix.CLONE_NEWNS), unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
			unix.Mount(run+"/resolv.conf", "/etc/resolv.conf", "", unix.MS_BIND, ""), unix.Mount(run, "/run", "", unix.MS_BIND, ""))
		if err != nil {
			h.t.Error(err)
			return
		}
		started = h.Host.Start(pod)
	})
	return started
}

// A private network doesn't lead to name servers on the host's loopback: what says
// something better is asked first, and who has none left is told.
func TestNameServersOfAPrivateNetwork(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	h.warm(called("", enginetest.Shell(t, "true"))) // the host passes packets on from then on
	must(os.MkdirAll(filepath.Join(h.Config, "net.d"), 0o755))
	must(os.WriteFile(filepath.Join(h.Config, "net.d", "10-told.conf"),
		[]byte(`{"name": "told", "type": "podtui", "subnet": "10.99.0.0/24", "dns": {"nameservers": ["192.0.2.5"], "search": ["told.lan"]}}`), 0o644))
	image := imageWith(t, recipe.File{Kind: recipe.Regular, Path: "/etc/resolv.conf", Mode: 0o644, Content: []byte("of the image\n")})
	const stub = "nameserver 127.0.0.53\noptions edns0\nsearch lan\n"
	const warning = "the pod has no name server: "
	for name, c := range map[string]struct {
		host, resolved, network string
		dns                     spec.DNS
		want, warning           string
	}{
		"the host's network":           {stub, "nameserver 1.1.1.1\n", "host", spec.DNS{}, stub, ""},
		"one is left":                  {"nameserver 127.0.0.1\nnameserver 192.0.2.3\n", "nameserver 1.1.1.1\n", "default", spec.DNS{}, "nameserver 192.0.2.3\n", ""},
		"one is left, another search":  {stub + "nameserver 192.0.2.3\n", "", "default", spec.DNS{Search: []string{"x"}}, "options edns0\nnameserver 192.0.2.3\nsearch x\n", ""},
		"resolved's":                   {stub, "nameserver ::1\nnameserver 1.1.1.1\nsearch lan\n", "default", spec.DNS{}, "nameserver 1.1.1.1\nsearch lan\n", ""},
		"none of resolved's":           {stub, "nameserver 127.0.0.1\n", "default", spec.DNS{}, "options edns0\nsearch lan\n", warning + "from a private network those of the host's /etc/resolv.conf can't be asked (127.0.0.53); name one with --dns=ADDRESS"},
		"none at all":                  {"search lan\n", "", "default", spec.DNS{}, "search lan\n", warning + "the host's /etc/resolv.conf names none; name one with --dns=ADDRESS"},
		"the pod's":                    {stub, "", "told", spec.DNS{Servers: []string{"127.0.0.1"}}, "nameserver 127.0.0.1\n", ""},
		"the network's":                {stub, "", "told", spec.DNS{}, "nameserver 192.0.2.5\nsearch told.lan\n", ""},
		"the network's and the pod's":  {stub, "", "told", spec.DNS{Search: []string{"x"}}, "nameserver 192.0.2.5\nsearch x\n", ""},
		"no network":                   {stub, "nameserver 1.1.1.1\n", "none", spec.DNS{}, "options edns0\nsearch lan\n", ""},
		"the image's, which is a file": {stub, "", "default", spec.DNS{Servers: []string{"none"}}, "of the image\n", ""},
	} {
		app := shellIn(image, "cat /etc/resolv.conf")
		pod := networked(enginetest.Pod(app), c.network)
		pod.DNS = c.dns
		got := h.startWhere(c.host, c.resolved, pod).Wait()
		if got.Stdout != c.want || got.Err != nil {
			t.Errorf("%s: exit %d (%v): %s%s\nwant %s", name, got.Exit, got.Err, got.Stdout, got.Stderr, c.want)
		}
		if told := toldOf(got.Events); strings.Join(told, "\n") != c.warning {
			t.Errorf("%s: told %q, want %q", name, told, c.warning)
		}
	}
}
