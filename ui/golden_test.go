package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/theme"
	"github.com/podtui/podtui/ui/uitest"
)

var sizes = []struct{ w, h int }{{80, 24}, {120, 40}, {200, 60}}

// composed is a pod with something of everything.
func composed() spec.Pod {
	return spec.Pod{
		Apps: []spec.App{
			{Image: "example.com/reduce-worker:1.4.0", Args: []string{"--loglevel", "very verbose"}, User: "1000",
				Env: []spec.Var{{Name: "MODE", Value: "map"}, {Name: "FOO", Value: "bar"}}},
			{Image: "example.com/worker-backup:2.0.1"},
		},
		Volumes: []spec.Volume{{Name: "work", Kind: spec.HostVolume, Source: "/no/such/folder"}},
		Env:     []spec.Var{{Name: "EVERY", Value: "app"}},
	}
}

// limited is a pod that says how its app lives.
func limited() spec.Pod {
	return spec.Pod{Name: "reduce", Interactive: true, Apps: []spec.App{{Image: "example.com/reduce-worker:1.4.0",
		Memory: "64Mi", CPU: "500m", StopTimeout: "0s"}}}
}

// confined is a pod that says what its app may do, and what it finds around it.
func confined() spec.Pod {
	return spec.Pod{
		Apps: []spec.App{{Image: "example.com/reduce-worker:1.4.0", PIDs: "64", CapsRemove: []string{"CAP_MKNOD", "CAP_NET_RAW"},
			Seccomp: "mode=remove,errno=EPERM,reboot,kexec_load", ReadOnlyRoot: new(true), Annotations: []spec.Var{{Name: "owner", Value: "team-a"}}}},
		Hostname: "reduce", HostsEntries: []spec.HostsEntry{{IP: "10.0.0.7", Name: "db"}},
		Volumes: []spec.Volume{{Name: "work", Kind: spec.EmptyVolume, Medium: spec.MemoryMedium, Size: "64Mi"}},
	}
}

// served is a pod that publishes ports, of which another pod has one.
func served() spec.Pod {
	return spec.Pod{
		Apps:    []spec.App{{Image: "example.com/reduce-worker:1.4.0"}, {Image: "coreos.com/etcd:2.3.7"}},
		Network: spec.Network{Names: []string{"default"}},
		Ports:   []spec.Port{{Name: "http", HostPort: 8080}, {Name: "client", HostIP: "127.0.0.1", HostPort: 2379}},
	}
}

// wide are images whose names are hard to measure or want to fool somebody.
func wide() []engine.Image {
	images := uitest.Samples()
	images[0].Verified.By = "日本の建設 🏗️ \u202egpj.exe\x1b[2J"
	return images
}

func TestGoldenScreens(t *testing.T) {
	screens := []struct {
		name    string
		options ui.Options
		walk    func(d *uitest.Driver)
	}{
		{"images", ui.Options{}, func(d *uitest.Driver) { d.Sees("5 images") }},
		{"images-filter", ui.Options{}, func(d *uitest.Driver) {
			d.Sees("5 images").Press(keymap.ImagesFilter).Type("rwk")
		}},
		{"search-name", ui.Options{}, func(d *uitest.Driver) {
			d.Sees("5 images").Press(keymap.ImagesFilter).Type("coreos.com/etcd").Sees("latest").Press(keymap.EditAccept, keymap.End)
		}},
		{"search-asking", ui.Options{}, func(d *uitest.Driver) {
			d.Sees("5 images").Press(keymap.ImagesFilter).Type("docker://slow.test/app").Pass(time.Second)
		}},
		{"search-repositories", ui.Options{}, func(d *uitest.Driver) {
			d.Sees("5 images").Press(keymap.ImagesFilter).Type("docker://quay.io/coreos/et").Sees("tags ›").Press(keymap.EditAccept)
		}},
		{"search-tags", ui.Options{}, func(d *uitest.Driver) {
			d.Sees("5 images").Press(keymap.ImagesFilter).Type("docker://quay.io/coreos/etcd").Sees("214 tags").
				Press(keymap.SearchComplete).Type("v3.5").Sees("19 of 214 tags")
		}},
		{"search-files", ui.Options{}, func(d *uitest.Driver) {
			d.Sees("5 images").Press(keymap.ImagesFilter).Type("./").Sees("etcd-dev").Press(keymap.EditAccept)
		}},
		{"fetches", ui.Options{}, func(d *uitest.Driver) { fetches(d) }},
		{"fetch-open", ui.Options{}, func(d *uitest.Driver) {
			fetches(d).Press(keymap.ImagesFetches, keymap.FetchesOpen)
		}},
		{"fetch-stopped", ui.Options{}, func(d *uitest.Driver) {
			fetches(d).Press(keymap.ImagesFetches, keymap.FetchesStop).Pass(time.Second)
		}},
		{"fetch-failed", ui.Options{ConfigDir: "/etc/podtui"}, func(d *uitest.Driver) {
			search(d, "docker://registry.test/private/app:1").Press(keymap.OfferFetch, keymap.ImagesFetches).Sees("docker login")
		}},
		{"fetch-review", ui.Options{}, func(d *uitest.Driver) { fetchTeam(d, "two").Sees("Trust an unknown key?").Press(keymap.ReviewWider) }},
		{"fetch-refused", ui.Options{}, func(d *uitest.Driver) {
			fetchTeam(d, "weak").Sees("1 failed").Press(keymap.ImagesFetches)
		}},
		{"watch-review", team("app"), func(d *uitest.Driver) {
			d.Sees("not fetched yet").Press(keymap.ComposeRun).Sees("Trust an unknown key?")
		}},
		{"watch-verify", team("app"), func(d *uitest.Driver) {
			d.Sees("not fetched yet").Press(keymap.ComposeRun).Pass(300 * time.Millisecond)
		}},
		{"watch-refused", team("not-trusted"), func(d *uitest.Driver) {
			d.Sees("not fetched yet").Press(keymap.ComposeRun, keymap.GoPods).Sees("failed ").Press(keymap.PodsOpen)
		}},
		{"watch-layers", running(), func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.ComposeRun).Pass(2050 * time.Millisecond) // between two of the recorded events
		}},
		{"compose", ui.Options{Start: ui.StartCompose, Pod: composed()}, func(d *uitest.Driver) {
			d.Sees("does not exist").Press(keymap.ComposeEdit)
		}},
		{"compose-empty", ui.Options{Start: ui.StartCompose}, func(d *uitest.Driver) { d.Sees("A pod is") }},
		{"compose-volumes", ui.Options{Start: ui.StartCompose, Pod: composed()}, func(d *uitest.Driver) {
			d.Sees("does not exist").Press(keymap.End, keymap.Up)
		}},
		{"compose-pod", ui.Options{Start: ui.StartCompose, Pod: composed()}, func(d *uitest.Driver) {
			d.Sees("does not exist").Press(keymap.End, keymap.Up, keymap.Up)
		}},
		{"compose-limits", ui.Options{Start: ui.StartCompose, Pod: limited()}, func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.ComposeEdit, keymap.End).Sees("64Mi", "SIGKILL", "more").Press(keymap.ComposeEdit)
		}},
		{"compose-isolation", ui.Options{Start: ui.StartCompose, Pod: confined()}, func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.ComposeEdit, keymap.End, keymap.Up, keymap.ComposeEdit).Sees("new privs")
		}},
		{"compose-offers", running(), func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.ComposeEdit, keymap.End, keymap.Up, keymap.ComposeEdit, keymap.Down, keymap.ComposeEdit).
				Type("net_").Sees("CAP_NET_ADMIN")
		}},
		{"compose-create", ui.Options{Start: ui.StartCompose, Pod: composed()}, func(d *uitest.Driver) {
			d.Sees("does not exist").Press(keymap.ComposeProblem, keymap.ComposeMake).Sees("Create the folder")
		}},
		{"compose-host", ui.Options{Start: ui.StartCompose, Pod: confined()}, func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.End, keymap.Up, keymap.Up, keymap.ComposeRight, keymap.End, keymap.ComposeEdit).Sees("dns opts")
		}},
		{"compose-empty-volume", ui.Options{Start: ui.StartCompose, Pod: confined()}, func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.End, keymap.Up, keymap.ComposeRight, keymap.End, keymap.Up, keymap.ComposeEdit).Sees("medium")
		}},
		{"compose-network", ui.Options{Start: ui.StartCompose, Pod: served()}, func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.End, keymap.ComposeRight).Sees("is taken by pod web")
		}},
		{"compose-network-off", ui.Options{Start: ui.StartCompose, Pod: spec.Pod{Apps: served().Apps}}, func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.End).Sees("private", "peer 2380/tcp", "space")
		}},
		{"compose-network-conflict", ui.Options{Start: ui.StartCompose, Pod: served()}, func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.ComposeProblem).Sees("8081 is free").Press(keymap.ComposeEdit)
		}},
		{"compose-network-offers", ui.Options{Start: ui.StartCompose, Pod: served()}, func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.End, keymap.ComposeRight, keymap.Down, keymap.Down, keymap.ComposeEdit).Sees("172.16.29.0/24")
		}},
		{"consent", ui.Options{Start: ui.StartCompose, Pod: spec.Pod{Apps: []spec.App{{Image: "example.com/worker-backup:2.0.1"}}}},
			func(d *uitest.Driver) { d.Sees("! not verified").Press(keymap.ComposeRun) }},
		{"watch-unpack", running(), func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.ComposeRun).Pass(2050 * time.Millisecond)
		}},
		{"watch-end", running(), func(d *uitest.Driver) {
			d.Sees("verified by").Press(keymap.ComposeRun).Sees("exited 0")
		}},
		{"pods", ui.Options{Start: ui.StartPods}, func(d *uitest.Driver) { d.Sees("2 pods") }},
		{"pods-ports", ui.Options{Start: ui.StartPods}, func(d *uitest.Driver) { d.Sees("6 pods") }},
		{"pod-network", ui.Options{Start: ui.StartPods}, func(d *uitest.Driver) {
			find(d.Sees("6 pods"), "etcd-main").Press(keymap.PodInspect, keymap.PageNext).Sees("received").Press(keymap.Down)
		}},
		{"trust", atTrust(), func(d *uitest.Driver) { d.Sees("6 keys").Press(keymap.Down) }},
		{"trust-empty", atTrust(), func(d *uitest.Driver) { d.Sees("No keys yet") }},
		{"trust-add", atTrust(), func(d *uitest.Driver) {
			d.Sees("6 keys").Press(keymap.TrustAdd).Type("https://example.com/team.asc").Press(keymap.EditAccept).Type("example.com/re").Sees("3 keys")
		}},
		{"trust-all", atTrust(), func(d *uitest.Driver) {
			d.Sees("6 keys").Press(keymap.TrustAdd).Type("https://example.com/team.asc").Press(keymap.EditAccept, keymap.TrustForAll).Sees("3 keys")
		}},
		{"trust-question", atTrust(), func(d *uitest.Driver) {
			d.Sees("6 keys").Press(keymap.TrustAdd).Type("https://example.com/team.asc").Press(keymap.EditAccept).Type("example.com").
				Sees("3 keys").Press(keymap.EditAccept).Sees("1 of 3 keys")
		}},
		{"trust-remove", atTrust(), func(d *uitest.Driver) {
			d.Sees("6 keys").Press(keymap.TrustFilter).Type("fc8a").Press(keymap.EditAccept, keymap.TrustRemove).Sees("Remove Example Builds")
		}},
		{"trust-key", atTrust(), func(d *uitest.Driver) { d.Sees("6 keys").Press(keymap.Down, keymap.TrustInspect).Sees("security@") }},
		{"help", ui.Options{}, func(d *uitest.Driver) { d.Sees("5 images").Press(keymap.Help) }},
		{"trouble", ui.Options{Trouble: "not root: images and pods can be looked at, running one needs root (sudo podtui)"},
			func(d *uitest.Driver) { d.Sees("not root") }},
	}
	for _, s := range screens {
		for _, size := range sizes {
			name := fmt.Sprintf("%s-%dx%d", s.name, size.w, size.h)
			t.Run(name, func(t *testing.T) {
				recorded := "two-apps"
				if s.name == "watch-layers" {
					recorded = "fetched-layers"
				}
				e := refusing(t, recorded)
				if strings.HasPrefix(s.name, "pod-") || s.name == "pods-ports" {
					uitest.Live(e)
				} else {
					e.AddPods(uitest.Pods()...)
				}
				e.Take(spec.TCP, 8080, "pod web")
				if s.name == "trust-empty" {
					e.SetTrusted(engine.Trusted{})
				}
				uitest.Run(t, uitest.Setup{Engine: e, Options: s.options, W: size.w, H: size.h}, func(d *uitest.Driver) {
					s.walk(d)
					d.Golden(name)
				})
			})
		}
	}
}

func atTrust() ui.Options { return ui.Options{Start: ui.StartTrust} }

func running() ui.Options {
	return ui.Options{Start: ui.StartCompose, AllowUnverified: true,
		Pod: spec.Pod{Apps: []spec.App{{Image: "example.com/reduce-worker:1.4.0"}}}}
}

func TestGoldenStyles(t *testing.T) {
	for name, mode := range map[string]theme.Mode{"dark": theme.Dark, "light": theme.Light, "no-color": theme.Plain} {
		t.Run(name, func(t *testing.T) {
			setup := uitest.Setup{Engine: recordings(t), Mode: mode, Options: ui.Options{Start: ui.StartCompose, Pod: composed()}}
			uitest.Run(t, setup, func(d *uitest.Driver) {
				d.Sees("does not exist").Press(keymap.ComposeEdit).GoldenStyles("styles-" + name)
			})
		})
	}
}

func TestGoldenTrustStyles(t *testing.T) {
	for name, mode := range map[string]theme.Mode{"dark": theme.Dark, "light": theme.Light, "no-color": theme.Plain} {
		t.Run(name, func(t *testing.T) {
			uitest.Run(t, uitest.Setup{Engine: recordings(t), Mode: mode, Options: atTrust()}, func(d *uitest.Driver) {
				d.Sees("6 keys").Press(keymap.Down, keymap.Down, keymap.Down, keymap.Down).GoldenStyles("styles-trust-" + name)
			})
		})
	}
}

func TestGoldenStylesOfNetworks(t *testing.T) {
	for name, mode := range map[string]theme.Mode{"dark": theme.Dark, "light": theme.Light, "no-color": theme.Plain} {
		t.Run(name, func(t *testing.T) {
			e := recordings(t)
			uitest.Live(e)
			e.Take(spec.TCP, 8080, "pod web")
			setup := uitest.Setup{Engine: e, Mode: mode, Options: ui.Options{Start: ui.StartCompose, Pod: served()}}
			uitest.Run(t, setup, func(d *uitest.Driver) {
				d.Sees("verified by").Press(keymap.ComposeProblem).Sees("8081 is free").GoldenStyles("styles-network-" + name)
				find(d.Press(keymap.GoPods), "etcd-main").Press(keymap.PodInspect, keymap.PageNext).Sees("received").GoldenStyles("styles-pod-network-" + name)
			})
		})
	}
}

func TestGoldenStylesOfRefusals(t *testing.T) {
	for name, mode := range map[string]theme.Mode{"dark": theme.Dark, "light": theme.Light, "no-color": theme.Plain} {
		t.Run(name, func(t *testing.T) {
			setup := uitest.Setup{Engine: refusing(t), Mode: mode, Options: team("app")}
			uitest.Run(t, setup, func(d *uitest.Driver) {
				d.Sees("not fetched yet").Press(keymap.ComposeRun).Sees("Trust an unknown key?").GoldenStyles("styles-review-"+name).
					Pass(time.Second).Press(keymap.ReviewRefuse, keymap.GoPods).Sees("failed ").Press(keymap.PodsOpen).
					Sees("✗ verify").GoldenStyles("styles-refused-" + name)
			})
		})
	}
}

func TestGoldenWideCharacters(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: enginetest.NewScripted(wide()...)}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.End).Golden("wide-80x24")
	})
}
