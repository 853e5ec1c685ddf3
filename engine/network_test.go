package engine_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/network/nettest"
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

// The sysctls of a network are set in the pod's, and with the host's they are refused.
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

// rkt-run.md, "Private Networking": a loopback and a veth device, an IPv4 /31 out of
// 172.16.28.0/24 with one address at each end, a default route in the pod, and
// masquerading on the host.
func TestPrivateNetIsAsThePageSays(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	outside := h.Outside.Echo("tcp4", nettest.FarIP+":0")
	image := enginetest.BuildImage(t, "busybox")
	h.Fetched(image)
	const script = `ip -o -4 addr show | awk '{print $2, $4}'; ip route; nc %s %d </dev/null | head -n 1 | cut -d: -f1; echo done; sleep 1000`
	for i, flags := range []string{"--private-net", "--private-net=true", "--private-net=default", "--net=default", "--private-net --private-users"} {
		words := append(strings.Fields(flags), image, "--exec", "/bin/sh", "--", "-c", fmt.Sprintf(script, nettest.FarIP, outside.Port()))
		pod, err := spec.Parse(words)
		if err != nil {
			t.Fatal(err)
		}
		running := h.Start(pod)
		running.WaitFor(t, "done\n")
		host, own := fmt.Sprintf("172.16.28.%d", 2*i), fmt.Sprintf("172.16.28.%d", 2*i+1) // one after the other
		want := "lo 127.0.0.1/8\neth0 " + own + "/31\ndefault via " + host + " dev eth0 onlink \n" + host + "/31 dev eth0 scope link  src " + own + " \n" + nettest.HostIP + "\ndone\n"
		if got := running.Output(); got != want {
			t.Errorf("%s: the pod sees\n%s, want\n%s", flags, got, want)
		}
		status, err := h.Pod(running.UUID)
		if err != nil || !slices.Equal(status.Networks, []string{"default:ip4=" + own}) || len(status.Interfaces) != 1 {
			t.Fatalf("%s: %+v (%v)", flags, status, err)
		}
		link := h.World.Host.Run("ip", "-oneline", "-4", "address", "show", "dev", status.Interfaces[0].Host)
		if !strings.Contains(link, " "+host+"/31 ") {
			t.Errorf("%s: the host's end is %s", flags, link)
		}
		running.Stop(true)
		got := running.Wait()
		if said := saidOf(got.Events, event.PodNetwork); !slices.Equal(said, []string{"default: " + own + "/31, gateway " + host}) {
			t.Errorf("%s: told %q", flags, said)
		}
		status, err = h.Pod(running.UUID)
		if err != nil || !slices.Equal(status.Networks, []string{"default"}) || status.Interfaces != nil || status.Ports != nil {
			t.Errorf("%s: at its end: %+v (%v)", flags, status, err)
		}
	}
}

// A published port leads to the pod, also after its restart; is the pod's alone; and is
// free at once when the pod is over. Who asks for one that is taken is told by whom, and
// nothing is made for it.
func TestPublishedPortIsThePodsForItsLife(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	serves := enginetest.Pod(enginetest.Shell(t, `echo ready; while :; do echo hello | nc -l -p 80; done`))
	serves = published(networked(serves, "default"), 8080, 80)
	serves.Name = "serves"
	ctx := t.Context()
	var uuid string
	var err error
	h.World.Host.Do(func() { uuid, err = h.Prepare(ctx, serves, skipVerify(), nil) })
	if err != nil {
		t.Fatal(err)
	}
	starts := map[string]func() (*engine.Running, error){
		"run-prepared": func() (*engine.Running, error) { return h.RunPrepared(ctx, uuid, skipVerify(), nil) },
		"restart": func() (*engine.Running, error) {
			return h.RestartPod(ctx, uuid, engine.StopOptions{Force: true}, skipVerify(), nil)
		},
	}
	for _, how := range []string{"run-prepared", "restart", "restart"} {
		var running *engine.Running
		h.World.Host.Do(func() { running, err = starts[how]() })
		if err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		for from, address := range map[*nettest.Namespace]string{h.Outside: nettest.HostIP + ":8080", h.World.Host: "127.0.0.1:8080"} {
			enginetest.Eventually(t, how+": somebody listens at "+address, func() bool {
				said, err := hear(from, address)
				return err == nil && said == "hello\n"
			})
		}
		status, err := h.Pod(uuid)
		if err != nil || len(status.Ports) != 1 || status.Ports[0].HostPort != 8080 || status.Ports[0].Port != 80 {
			t.Errorf("%s: ports %+v (%v)", how, status.Ports, err)
		}
		if err := running.Close(); err != nil {
			t.Error(err)
		}
	}
	pods := len(glob(h.Dir + "/pods/*"))
	second := serves
	second.Name = ""
	got := h.Run(second)
	if got.Exit != 125 || got.Err == nil || !strings.Contains(got.Err.Error(), "8080") || !strings.Contains(got.Err.Error(), "serves") {
		t.Errorf("a second: exit %d (%v)", got.Exit, got.Err)
	}
	if now := len(glob(h.Dir + "/pods/*")); now != pods {
		t.Errorf("there were %d pods, and are %d", pods, now)
	}
	if err := h.StopPod(ctx, uuid, engine.StopOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	h.World.Host.Do(func() {
		listener, err := net.Listen("tcp", ":8080")
		if err != nil {
			t.Errorf("after the pod: %v", err)
			return
		}
		listener.Close()
	})
	if _, err := hear(h.Outside, nettest.HostIP+":8080"); err == nil {
		t.Error("after the pod its port still leads somewhere")
	}
}

// What a pod asks for that isn't there is found before anything is made.
func TestNetworkThatIsNotThereIsFoundBeforeThePod(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := networked(enginetest.Pod(enginetest.Shell(t, "true")), "default", "elsewhere")
	got := h.Run(pod)
	if refuted, ok := errors.AsType[*engine.RefutedError](got.Err); !ok || got.Exit != 125 || refuted.Problems[0].Path != "network.names[1]" ||
		!strings.Contains(refuted.Error(), `no network "elsewhere"; there are default`) {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
	if foreseen := h.Foresee(t.Context(), pod); len(foreseen.Problems) != 1 || foreseen.Problems[0].Path != "network.names[1]" {
		t.Errorf("foreseen: %v", foreseen.Problems)
	}
	if _, err := h.Plan(t.Context(), pod, skipVerify(), nil); !errors.As(err, new(*engine.RefutedError)) {
		t.Errorf("planned: %v", err)
	}
	if left := glob(h.Dir + "/pods/*"); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// A file of net.d that can't be read may be the one that was meant.
func TestBrokenNetworksAreToldWithTheOneThatIsNotThere(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	if err := os.MkdirAll(filepath.Join(h.Config, "net.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.Config, "net.d", "20-mine.conf"), []byte(`{"name": mine`), 0o600); err != nil {
		t.Fatal(err)
	}
	got := h.Run(networked(enginetest.Pod(enginetest.Shell(t, "true")), "mine"))
	warned := saidOf(got.Events, event.Warning)
	if got.Exit != 125 || got.Err == nil || strings.Count(got.Err.Error(), "20-mine.conf") != 1 || len(warned) > 0 {
		t.Errorf("exit %d (%v), warned %q", got.Exit, got.Err, warned)
	}
}

func TestRangeThatTheHostNeedsIsFoundBeforeThePod(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	h.World.Host.Run("ip", "route", "add", "172.16.29.128/25", "dev", "lo")
	pod := networked(enginetest.Pod(enginetest.Shell(t, "true")), "default", "default-restricted")
	got := h.Run(pod)
	if refuted, ok := errors.AsType[*engine.RefutedError](got.Err); !ok || got.Exit != 125 || refuted.Problems[0].Path != "network.names[1]" ||
		!strings.Contains(refuted.Error(), "172.16.29.128/25") {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
	if left := glob(h.Dir + "/pods/*"); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// The metadata service of a pod with a network of its own is in that network: neither
// the host nor another pod gets there.
func TestMetadataIsInThePodsNetworkAlone(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	const asks = `wget -qO- $AC_METADATA_URL/acMetadata/v1/pod/uuid; echo; echo $AC_METADATA_URL; `
	first := h.Start(networked(enginetest.Pod(enginetest.Shell(t, asks+"sleep 1000")), "default"))
	defer func() {
		first.Stop(true)
		first.Wait()
	}()
	first.WaitFor(t, "http")
	uuid, url, _ := strings.Cut(strings.TrimSpace(first.Output()), "\n")
	if uuid != first.UUID {
		t.Fatalf("an app hears %q", first.Output())
	}
	entered, _, err := enter(t, h.Host, first.UUID, engine.EnterOptions{Argv: []string{"sh", "-c", asks}})
	if err != nil || entered != first.Output() {
		t.Errorf("who enters hears %q (%v)", entered, err)
	}
	status, err := h.Pod(first.UUID)
	if err != nil || !strings.HasPrefix(status.Metadata, "127.0.0.1:") {
		t.Fatalf("metadata at %q (%v)", status.Metadata, err)
	}
	_, port, _ := strings.Cut(status.Metadata, ":")
	address, _ := strings.CutPrefix(status.Networks[0], "default:ip4=")
	for _, at := range []string{status.Metadata, address + ":" + port} {
		if said, err := hear(h.World.Host, at); err == nil {
			t.Errorf("the host hears %q at %s", said, at)
		}
	}
	// The other pod's service is at the same place of its own network, and knows nothing
	// of the first.
	path := url[strings.LastIndex(url, "/"):]
	other := h.Run(networked(enginetest.Pod(enginetest.Shell(t, `
for at in 127.0.0.1 $1; do wget -qO- http://$at:$2$3/acMetadata/v1/pod/uuid && echo reached; done; true`, address, port, path)), "default"))
	if other.Err != nil || other.Stdout != "" {
		t.Errorf("another pod hears %q %s (%v)", other.Stdout, other.Stderr, other.Err)
	}
}

// A pod whose supervisor was killed has none of what it had of its networks, and its
// port is nobody's, before anybody has collected it.
func TestKilledPodTellsOfNoAddress(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	h := newWorldHost(t)
	pod := h.Start(connected(t, "echo ready; sleep 1000"))
	pod.WaitFor(t, "ready")
	if err := unix.Kill(supervisorOf(t, pod.UUID), unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	pod.Wait()
	status, err := h.Pod(pod.UUID)
	if err != nil || !slices.Equal(status.Networks, []string{"default", "default-restricted"}) || status.Interfaces != nil || status.Ports != nil || status.Metadata != "" {
		t.Errorf("%+v (%v)", status, err)
	}
	if got := h.Run(connected(t, "true")); got.Err != nil {
		t.Errorf("the next that wants its port: %v", got.Err)
	}
	h.gc()
}
