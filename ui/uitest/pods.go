package uitest

import (
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// The UUIDs of pods that live.
const (
	EtcdPod     = "3f1c9a2e-2222-4b0e-9c55-000000000001"
	ReducePod   = "5d0077aa-2222-4b0e-9c55-000000000002"
	FlakyPod    = "77aa03be-2222-4b0e-9c55-000000000003"
	NightlyPod  = "9e11d0c4-2222-4b0e-9c55-000000000004"
	PreparedPod = "b27d10f4-2222-4b0e-9c55-000000000005"
	DemoPod     = "c0ffee11-2222-4b0e-9c55-000000000006"
)

// Live gives an engine pods in every state there is, whoever started them: with
// and without names, one that uses much, one whose app waits to be started again.
func Live(e *enginetest.Scripted) {
	ago := func(d time.Duration) time.Time { return Noon.Add(-d) }
	app := func(name, image string) poddir.AppStatus {
		return poddir.AppStatus{Name: name, Image: image, ImageID: "sha512-" + longHex, PID: 4711, Started: ago(time.Hour)}
	}
	etcd := app("etcd", "coreos.com/etcd 2.3.7")
	etcd.UID, etcd.GID, etcd.Groups, etcd.Restarts = 1000, 1000, []int{10, 20}, 2
	worker, backup := app("reduce-worker", "example.com/reduce-worker 1.4.0"), app("worker-backup", "example.com/worker-backup 2.0.1")
	backup.Unverified, backup.Terminal, backup.Input = true, true, true
	flaky := app("flaky", "example.com/flaky 0.9")
	flaky.Next, flaky.Cause = Noon.Add(40*time.Second), "status 3"
	dump := app("dump", "example.com/dump 2.1")
	dump.Exit, dump.Cause, dump.Ended = event.Status(137), "killed by its memory limit (64 MB)", ago(26*time.Hour)
	visitor, web := app("visitor", "podtui.local/demo-visitor 1.0"), app("web", "podtui.local/demo-web 1.0")
	visitor.Exit, web.Exit = event.Status(0), event.Status(0)
	e.AddPods(
		poddir.Status{UUID: ReducePod, State: poddir.Running, Created: ago(12 * time.Second), Started: ago(12 * time.Second), Runs: 1,
			Insecure: []string{"image"}, Apps: []poddir.AppStatus{worker, backup}},
		poddir.Status{UUID: FlakyPod, Name: "flaky-job", State: poddir.Running, Created: ago(4 * time.Minute), Started: ago(4 * time.Minute), Runs: 1,
			Apps: []poddir.AppStatus{flaky}},
		poddir.Status{UUID: PreparedPod, Name: "tomorrow", State: poddir.Prepared, Created: ago(10 * time.Minute),
			Apps: []poddir.AppStatus{{Name: "dump", Image: "example.com/dump 2.1"}}},
		poddir.Status{UUID: EtcdPod, Name: "etcd-main", State: poddir.Running, Created: ago(72 * time.Hour), Started: ago(71 * time.Hour), Runs: 3,
			Networks: []string{"default:ip4=172.16.28.3"}, Interfaces: []poddir.Interface{{Network: "default", Name: "eth0", Host: "pt-ac101c02", MAC: "0a:58:ac:10:1c:03",
				Addresses: []string{"172.16.28.3/31"}, Gateways: []string{"172.16.28.2"}, Routes: []string{"default via 172.16.28.2"}}},
			Ports: []spec.Published{
				{Name: "client", App: "etcd", Protocol: spec.TCP, HostPort: 12379, Port: 2379, Count: 1},
				{Name: "peer", App: "etcd", Protocol: spec.TCP, HostIP: "192.0.2.7", HostPort: 2380, Port: 2380, Count: 1},
				{Name: "gossip", App: "etcd", Protocol: spec.UDP, HostPort: 7000, Port: 7000, Count: 10}},
			Apps: []poddir.AppStatus{etcd}},
		poddir.Status{UUID: NightlyPod, Name: "nightly", State: poddir.Exited, Created: ago(96 * time.Hour), Started: ago(27 * time.Hour), Ended: ago(26 * time.Hour),
			Exit: event.Status(137), Runs: 1, Apps: []poddir.AppStatus{dump}},
		poddir.Status{UUID: DemoPod, State: poddir.Exited, Created: ago(100 * time.Hour), Started: ago(99 * time.Hour), Ended: ago(98 * time.Hour),
			Exit: event.Status(0), Runs: 1, Apps: []poddir.AppStatus{visitor, web}},
	)
	look := func(app string, cpu time.Duration, memory int64) engine.Usage {
		return engine.Usage{App: app, CPU: cpu, Memory: memory, PIDs: 7, Read: 12_000_000, Written: 88_000}
	}
	e.Uses = map[string][]engine.Usage{
		EtcdPod:   {look("etcd", 40*time.Millisecond, 88_000_000)},
		ReducePod: {look("reduce-worker", 700*time.Millisecond, 40_000_000), look("worker-backup", 10*time.Millisecond, 1_000_000)},
	}
	e.Traffic = map[string][]engine.Traffic{EtcdPod: {{Interface: "eth0", Time: Noon, Received: 5_200_000_000, Sent: 88_000}}}
	e.Specs = map[string]spec.Pod{EtcdPod: {Name: "etcd-main", Volumes: []spec.Volume{{Name: "data", Kind: spec.HostVolume, Source: "/srv/etcd"}},
		Apps: []spec.App{{Image: "coreos.com/etcd:2.3.7", Memory: "256M", CPU: "500m", Restart: "on-failure:5", StopTimeout: "30s", Args: []string{"--name", "very first"}}}}}
	e.Manifests = map[string]string{EtcdPod: etcdManifest}
}

const longHex = "9f3a1c77e02b5d4e9f3a1c77e02b5d4e9f3a1c77e02b5d4e9f3a1c77e02b5d4e9f3a1c77e02b5d4e9f3a1c77e02b5d4e9f3a1c77e02b5d4e9f3a1c77e02b5d4e"

const etcdManifest = `{"acVersion":"0.8.11","acKind":"PodManifest","apps":[{"name":"etcd","image":{"name":"coreos.com/etcd","id":"sha512-` + longHex + `"},` +
	`"app":{"exec":["/etcd","--name","very first"],"user":"1000","group":"1000","mountPoints":[{"name":"data","path":"/var/lib/etcd"}]},` +
	`"mounts":[{"volume":"data","path":"/var/lib/etcd"}]}],"volumes":[{"name":"data","kind":"host","source":"/srv/etcd","readOnly":false}],` +
	`"isolators":null,"annotations":null,"ports":null}`
