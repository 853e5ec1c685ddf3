package uitest

import (
	"fmt"
	"time"

	"github.com/appc/spec/schema/types"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
)

// Noon is when the samples were made, and a good time to look at them.
var Noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// Samples are a few images as people have them: verified and not, with and
// without mount points, one that tries to fool the screen.
func Samples() []engine.Image {
	worker := enginetest.ScriptedImage("example.com/reduce-worker", "1.4.0", "9f", &types.App{
		Exec: types.Exec{"/bin/worker", "--once"}, User: "0", Group: "0", WorkingDirectory: "/var/lib/work",
		Environment: types.Environment{{Name: "LANG", Value: "C.UTF-8"}, {Name: "MODE", Value: "reduce"}},
		MountPoints: []types.MountPoint{
			{Name: *types.MustACName("work"), Path: "/var/lib/work"},
			{Name: *types.MustACName("cache"), Path: "/var/cache/worker"},
		},
		Ports: []types.Port{{Name: *types.MustACName("http"), Protocol: "tcp", Port: 8080, Count: 1}},
	})
	worker.Verified = &engine.Verification{By: "Example Builds <builds@example.com>", Key: ExampleKey, At: Noon.Add(-72 * time.Hour)}
	backup := enginetest.ScriptedImage("example.com/worker-backup", "2.0.1", "4c", &types.App{
		Exec: types.Exec{"/bin/backup"}, User: "1000", Group: "1000",
		MountPoints: []types.MountPoint{{Name: *types.MustACName("work"), Path: "/backup", ReadOnly: true}},
	})
	backup.Size = 4_400_000
	etcd := enginetest.ScriptedImage("coreos.com/etcd", "2.3.7", "1a", &types.App{
		Exec: types.Exec{"/etcd"}, User: "0", Group: "0",
		Ports: []types.Port{
			{Name: *types.MustACName("client"), Protocol: "tcp", Port: 2379, Count: 1},
			{Name: *types.MustACName("peer"), Protocol: "tcp", Port: 2380, Count: 1}},
		MountPoints: []types.MountPoint{{Name: *types.MustACName("data"), Path: "/var/lib/etcd"}},
	})
	etcd.Verified = &engine.Verification{By: "CoreOS Builds <builds@coreos.com>", Key: CoreOSKey, At: Noon}
	old := enginetest.ScriptedImage("coreos.com/etcd", "2.0.0", "2b", etcd.Manifest.App)
	old.Imported = Noon.Add(-240 * 24 * time.Hour)
	date := enginetest.ScriptedImage("example.com/env-printer", "1.0", "3d", &types.App{
		Exec: types.Exec{"/bin/printenv"}, User: "0", Group: "0",
		Environment: types.Environment{{Name: "TRICK", Value: "\x1b]0;owned\x07 \u202eevil"}},
	})
	return []engine.Image{worker, backup, etcd, old, date}
}

// Many are n images.
func Many(n int) []engine.Image {
	images := make([]engine.Image, n)
	for i := range images {
		images[i] = enginetest.ScriptedImage(
			fmt.Sprintf("example.com/team-%d/service-%05d", i%40, i), fmt.Sprintf("1.%d.%d", i%7, i%31),
			fmt.Sprintf("%08x", i), &types.App{Exec: types.Exec{"/bin/service"}, User: "0", Group: "0"})
		if i%3 > 0 {
			images[i].Verified = &engine.Verification{By: "Example Builds <builds@example.com>", Key: ExampleKey, At: Noon}
		}
	}
	return images
}

// Pods are a few pods that ended before anybody looked.
func Pods() []poddir.Status {
	zero, killed := 0, 137
	return []poddir.Status{
		{UUID: "b27d10f4-1111-4b0e-9c55-000000000001", State: poddir.Exited, Exit: &zero, Created: Noon.Add(-3 * time.Hour), Ended: Noon.Add(-2 * time.Hour),
			Apps: []poddir.AppStatus{{Name: "web", Image: "podtui.local/demo-web 1.0"}, {Name: "visitor", Image: "podtui.local/demo-visitor 1.0"}}},
		{UUID: "77aa03be-1111-4b0e-9c55-000000000002", State: poddir.Exited, Exit: &killed, Created: Noon.Add(-27 * time.Hour), Ended: Noon.Add(-26 * time.Hour),
			Apps: []poddir.AppStatus{{Name: "dump", Image: "example.com/dump 2.1", Unverified: true, Exit: &killed, Cause: "killed by signal 9"}}},
	}
}
