package ui_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/theme"
	"github.com/podtui/podtui/ui/uitest"
)

// live walks over the Pods screen with pods in every state.
func live(t *testing.T, journey func(d *uitest.Driver, e *enginetest.Scripted)) *enginetest.Scripted {
	t.Helper()
	e := recordings(t, "two-apps")
	uitest.Live(e)
	setup := uitest.Setup{W: 120, H: 30, Engine: e, Options: ui.Options{Start: ui.StartPods}}
	uitest.Run(t, setup, func(d *uitest.Driver) {
		d.Sees("6 pods")
		journey(d, e)
	})
	return e
}

// deeds are what an engine was asked to do to pods.
func deeds(e *enginetest.Scripted) []string {
	return slices.DeleteFunc(e.Asked(), func(s string) bool { return strings.HasPrefix(s, "fetch") })
}

func wantDeeds(t *testing.T, e *enginetest.Scripted, want ...string) {
	t.Helper()
	if got := deeds(e); !slices.Equal(got, want) {
		t.Errorf("did %q, want %q", got, want)
	}
}

// find puts the cursor on the pod that a search finds.
func find(d *uitest.Driver, word string) *uitest.Driver {
	return d.Press(keymap.PodsFilter).Type(word).Press(keymap.EditAccept)
}

func TestPodsAreFoundByWhatIsKnownOfThem(t *testing.T) {
	live(t, func(d *uitest.Driver, _ *enginetest.Scripted) {
		for _, c := range []struct{ typed, found string }{
			{"etcd-m", "1 of 6 pods"}, {"nghtly", "1 of 6 pods"}, {"reduce", "1 of 6 pods"}, {"c0ffee11", "1 of 6 pods"}, {"demoweb", "0 of 6 pods"},
			{"demo-web", "1 of 6 pods"}, {"12379", "1 of 6 pods"}, {"172.16.28.3", "1 of 6 pods"}, {"exited 137", "1 of 6 pods"}, {"running", "3 of 6 pods"}, {"prepared", "1 of 6 pods"},
		} {
			d.Press(keymap.PodsFilter).Type(c.typed).Sees(c.found).Press(keymap.EditCancel).Sees("6 pods")
		}
	})
}

func TestTheListIsSortedByEachColumnAndTheCursorStays(t *testing.T) {
	live(t, func(d *uitest.Driver, _ *enginetest.Scripted) {
		d.Sees("by newest", "71 %").Press(keymap.End, keymap.Up).Sees("▌  nightly")
		for _, c := range []struct{ by, first string }{
			{"name", "5d0077aa"}, {"state", "flaky-job"}, {"apps", "tomorrow"}, {"image", "5d0077aa"}, {"age", "5d0077aa"},
			{"cpu", "5d0077aa"}, {"mem", "etcd-main"}, {"cause", "nightly"}, {"newest", "5d0077aa"},
		} {
			d.Pass(3*time.Second).Press(keymap.PodsSort).Sees("by "+c.by, "▌  nightly")
			rows := strings.Split(d.Screen(), "\n")
			at := slices.IndexFunc(rows, func(r string) bool { return strings.Contains(r, "state") && strings.Contains(r, "apps") })
			if !strings.Contains(rows[at+1], c.first) {
				t.Errorf("by %s the first is not %s:\n%s", c.by, c.first, d.Screen())
			}
		}
	})
}

// Who stops several pods is told which, says yes once, and sees each go.
func TestSeveralPodsAreStoppedWithOneAnswer(t *testing.T) {
	e := live(t, func(d *uitest.Driver, e *enginetest.Scripted) {
		e.Slow = map[string]time.Duration{uitest.EtcdPod: 3 * time.Second}
		d.Press(keymap.PodsMarkAll).Sees("6 selected").Press(keymap.PodsStop).
			Sees("Stop 3 pods?", "etcd-main (3f1c9a2e)", "flaky-job (77aa03be)", "reduce-worker+worker-backup (5d0077aa)", "3 of those that are selected it does not").
			SeesNot("nightly (").
			Press(keymap.DialogTake).Sees("Stop 3 pods?"). // too early
			Pass(time.Second).Press(keymap.DialogYes).SeesNot("selected").
			Sees("stopping …", "Pods ● 1").Sees("stopped 3 pods").SeesNot("stopping").SeesNot("Pods ●")
	})
	got := deeds(e)
	slices.Sort(got)
	if want := []string{"stop 3f1c9a2e", "stop 5d0077aa", "stop 77aa03be"}; !slices.Equal(got, want) {
		t.Errorf("did %q", got)
	}
}

func TestCancelIsTheDefaultOfEveryQuestion(t *testing.T) {
	e := live(t, func(d *uitest.Driver, _ *enginetest.Scripted) {
		find(d, "etcd-main")
		for _, a := range []keymap.Action{keymap.PodsStop, keymap.PodsKill, keymap.PodsRun} {
			d.Press(a).Sees("etcd-main (3f1c9a2e)?", "[ cancel ]").Pass(time.Second).Press(keymap.DialogTake).SeesNot("[ cancel ]")
		}
		d.Press(keymap.Back)
		find(d, "nightly").Press(keymap.PodsRemove).Sees("Remove nightly (9e11d0c4)?").Pass(time.Second).Press(keymap.DialogTake).
			Press(keymap.PodsCollect).Sees("Collect garbage?").Pass(time.Second).Press(keymap.DialogTake).SeesNot("Collect")
	})
	wantDeeds(t, e)
}

// What a pod can't be asked is said, and not asked.
func TestWhatDoesNotFitAPodIsSaid(t *testing.T) {
	e := live(t, func(d *uitest.Driver, _ *enginetest.Scripted) {
		find(d, "nightly").Press(keymap.PodsStop).Sees("nightly (9e11d0c4) does not run").
			Press(keymap.PodsKill).Sees("does not run").Press(keymap.PodAttach).Sees("does not run").Press(keymap.PodEnter).Sees("Save the root of dump to which file?").Press(keymap.EditCancel).
			Press(keymap.Back)
		find(d, "etcd-main").Press(keymap.PodsRemove).Sees("etcd-main (3f1c9a2e) runs; stop it first").Press(keymap.Back)
		find(d, "running").Press(keymap.PodsMarkAll, keymap.PodsRemove).Sees("none of the 3 pods can be removed now")
	})
	wantDeeds(t, e)
}

func TestAPreparedPodRunsUnasked(t *testing.T) {
	e := live(t, func(d *uitest.Driver, _ *enginetest.Scripted) {
		find(d, "tomorrow").Sees("prepared").Press(keymap.PodsRun).Sees("started tomorrow", "running", "Pods ● 4")
	})
	wantDeeds(t, e, "run b27d10f4")
}

// A failure stands at its pod until something else becomes of it.
func TestAnActionThatFailsStaysAtItsPod(t *testing.T) {
	e := live(t, func(d *uitest.Driver, e *enginetest.Scripted) {
		e.Refuses = map[string]error{uitest.NightlyPod: errors.New("its volume is busy")}
		find(d, "nightly").Press(keymap.PodsRemove).Pass(time.Second).Press(keymap.DialogYes).
			Sees("! nightly (9e11d0c4): its volume is busy").Press(keymap.Back).Sees("! its volume is busy").
			Press(keymap.PodInspect).Sees("its volume is busy")
		e.Refuses = nil
		d.Press(keymap.PageRun).Pass(time.Second).Press(keymap.DialogYes).Sees("restarted nightly").Pass(time.Second).SeesNot("busy").
			Press(keymap.Back).SeesNot("busy").Sees("nightly    running")
	})
	wantDeeds(t, e, "remove 9e11d0c4", "restart 9e11d0c4")
}

func TestCollectingNamesWhatGoes(t *testing.T) {
	e := live(t, func(d *uitest.Driver, e *enginetest.Scripted) {
		e.EditPod(poddir.Status{UUID: "eeeeeeee-2222-4b0e-9c55-000000000009", Name: "lately", State: poddir.Exited, Exit: event.Status(0),
			Created: uitest.Noon.Add(-time.Hour), Started: uitest.Noon.Add(-time.Hour), Ended: uitest.Noon.Add(-5 * time.Minute)})
		d.Sees("7 pods").Press(keymap.PodsCollect).
			Sees("nightly (9e11d0c4)", "visitor+web (c0ffee11)", "lately (eeeeeeee)", "[ cancel ]", "collect", "all 3").
			Pass(time.Second).Press(keymap.DialogYes).Sees("removed 2 pods", "5 pods", "lately").
			Press(keymap.PodsCollect).Sees("No pod ended more than 30 min ago").Pass(time.Second).
			Press(keymap.DialogOther, keymap.DialogOther, keymap.DialogTake).Sees("removed 1 pod", "4 pods")
	})
	if got := deeds(e); len(got) != 2 || got[0] != "gc 30m0s" || got[1] != "gc 0s" {
		t.Errorf("did %q", got)
	}
}

// What others do is seen without asking: pods come, change and go, and neither the
// cursor nor the selection is lost.
func TestPodsOfOthersComeAndGoByThemselves(t *testing.T) {
	live(t, func(d *uitest.Driver, e *enginetest.Scripted) {
		d.Press(keymap.Down).Sees("▌  flaky-job").Press(keymap.Down, keymap.PodsMark).Sees("1 selected", "▌  etcd-main", " ✓ tomorrow")
		for i := range 20 {
			e.EditPod(poddir.Status{UUID: fmt.Sprintf("%08x-3333-4b0e-9c55-000000000009", i), Name: fmt.Sprint("other-", i), State: poddir.Running, Created: uitest.Noon.Add(time.Duration(i) * time.Second)})
		}
		d.Sees("26 pods", "Pods ● 23", "1 selected", "▌  etcd-main", " ✓ tomorrow")
		e.EditPod(poddir.Status{UUID: uitest.EtcdPod, Name: "etcd-main", State: poddir.Failed, Cause: "its supervisor was killed", Created: uitest.Noon.Add(-72 * time.Hour)})
		d.Sees("▌  etcd-main  failed", "its supervisor", "Pods ● 22")
		if err := e.RemovePod(uitest.EtcdPod); err != nil {
			t.Fatal(err)
		}
		d.Sees("25 pods").SeesNot("etcd-main").Press(keymap.GoImages).Sees("Pods ● 22")
	})
}

// Looking at what pods use costs: only those in view are asked, and only while
// somebody looks.
func TestOnlyWhatIsInViewIsMeasured(t *testing.T) {
	e := live(t, func(d *uitest.Driver, e *enginetest.Scripted) {
		d.Sees("4 %", "88.0 MB", "41.0 MB")
		if e.Looks(uitest.NightlyPod) > 0 {
			t.Error("a pod that has ended was measured")
		}
		find(d, "nightly").Pass(3 * time.Second)
		before := e.Looks(uitest.EtcdPod)
		d.Pass(10 * time.Second).Press(keymap.Back).Pass(2 * time.Second).Press(keymap.GoImages)
		if n := e.Looks(uitest.EtcdPod) - before; n > 2 {
			t.Errorf("measured %d times out of view", n)
		}
		before = e.Looks(uitest.EtcdPod)
		d.Pass(time.Minute)
		if n := e.Looks(uitest.EtcdPod) - before; n > 0 {
			t.Errorf("measured %d times while nobody looked", n)
		}
	})
	wantDeeds(t, e)
}

func TestAnAppThatWaitsCountsDown(t *testing.T) {
	live(t, func(d *uitest.Driver, _ *enginetest.Scripted) {
		d.Resize(160, 30).Sees("restarting in 40 s", "flaky: status 3").Sees("restarting in 30 s").
			Press(keymap.Down, keymap.PodInspect).Sees("restarting in 29 s")
	})
}

func TestThePageTellsAllOfAPod(t *testing.T) {
	live(t, func(d *uitest.Driver, _ *enginetest.Scripted) {
		find(d, "etcd-main").Press(keymap.PodInspect).
			Sees("etcd-main (3f1c9a2e)", "run 3 times", "4711", "2×", "coreos.com/etcd 2.3.7", "sha512-9f3a", "verified when", "1000:1000 and groups 10 20",
				"256M", "500m", "on-failure:5", "30s", "88.0 MB", "7 tasks").
			Press(keymap.PageNext).Sees("eth0   network default", "172.16.28.3/31, gateway 172.16.28.2", "route default via 172.16.28.2",
			"link 0a:58:ac:10:1c:03 to the host's pt-ac101c02", "received 5.2 GB · sent 88.0 kB",
			"▌ ports  12379 → client 2379/tcp   http://127.0.0.1:12379", "192.0.2.7:2380 → peer 2380/tcp   http://192.0.2.7:2380", "7000–7009 → gossip 7000–7009/udp").
			Press(keymap.PageCopy).Sees("http://127.0.0.1:12379 copied").Press(keymap.Down, keymap.PageCopy).Sees("http://192.0.2.7:2380 copied").
			Press(keymap.Down, keymap.Down, keymap.PageCopy).Sees("7000–7009 copied").
			Press(keymap.PageNext).Sees("data", "/srv/etcd", "→ etcd  /var/lib/etcd").
			Press(keymap.PageNext).Sees("nothing yet").
			Press(keymap.PageNext).Sees(`"acKind": "PodManifest"`, "of 4").Press(keymap.End).SeesNot("acKind").Press(keymap.Home).Sees("acKind").
			Press(keymap.PageNext).Sees("podtui --batch run --pod-name=etcd-main", "'very first'").
			Press(keymap.PageCopy).Sees("the command line copied").
			Press(keymap.Back).Sees("1 of 6 pods")
	})
}

func TestTheStoryOfAPodIsOnItsPage(t *testing.T) {
	uitest.Run(t, uitest.Setup{W: 120, H: 40, Engine: recordings(t, "two-apps"), Options: running()}, func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeRun).Sees("exited 0").Press(keymap.PodInspect).
			Press(keymap.PageNext).Sees("the host's: its addresses and ports are the pod's").
			Press(keymap.PageNext, keymap.PageNext).Sees("reduce-worker started", "worker-backup ended: exited 0", "the pod ended: exited 0", "prepared").
			Press(keymap.Back).Sees("exited 0 ·"). // on its screen again
			Press(keymap.PodInspect, keymap.PageLogs).Sees("exited 0 ·").Press(keymap.Back).Sees("pods of this host")
		d.Press(keymap.PodInspect, keymap.PageLogs).Sees("exited 0 ·").Press(keymap.Back).Sees("command line").Press(keymap.Back).Sees("pods of this host")
	})
}

// The page does what the list does, and shows what becomes of it.
func TestAPodIsManagedOnItsPage(t *testing.T) {
	e := live(t, func(d *uitest.Driver, e *enginetest.Scripted) {
		e.Slow = map[string]time.Duration{uitest.EtcdPod: 2 * time.Second}
		find(d, "etcd-main").Press(keymap.PodInspect, keymap.PageStop).Sees("Stop etcd-main (3f1c9a2e)?").
			Pass(time.Second).Press(keymap.DialogYes).Sees("stopping …").Sees("stopped etcd-main", "etcd-main (3f1c9a2e)  stopped")
		d.Press(keymap.PageRun).Sees("Restart etcd-main").Pass(time.Second).Press(keymap.DialogYes).Sees("restarting …").Sees("run 4 times")
		d.Press(keymap.PageStop).Pass(time.Second).Press(keymap.DialogYes).Pass(3 * time.Second).Press(keymap.PageRemove).
			Sees("Remove etcd-main").Pass(time.Second).Press(keymap.DialogYes).Sees("etcd-main (3f1c9a2e)  removed").Pass(3 * time.Second).
			Press(keymap.PageStop).Sees("the pod is gone").Press(keymap.Back).Sees("0 of 5 pods")
	})
	wantDeeds(t, e, "stop 3f1c9a2e", "restart 3f1c9a2e", "stop 3f1c9a2e", "remove 3f1c9a2e")
}

// Of several apps it is asked which one is meant.
func TestWhichAppIsAskedForWhereThereAreSeveral(t *testing.T) {
	live(t, func(d *uitest.Driver, _ *enginetest.Scripted) {
		d.Press(keymap.PodAttach).Sees("attach: which app of reduce-worker+worker-backup (5d0077aa)?", "▌ reduce-worker").
			Press(keymap.DialogNo).SeesNot("which app").
			Press(keymap.PodInspect, keymap.Down, keymap.PodEnter).SeesNot("which app")
	})
}

func TestPodsThatCannotBeFollowedSayWhy(t *testing.T) {
	e := recordings(t)
	e.AddPods(uitest.Pods()...)
	e.Fail(errors.New("too many open files"))
	uitest.Run(t, uitest.Setup{Engine: e, Options: ui.Options{Start: ui.StartPods}}, func(d *uitest.Driver) {
		d.Sees("✗ too many open files")
		e.Fail(nil)
		d.Press(keymap.GoPods).Sees("2 pods")
	})
}

func TestGoldenPods(t *testing.T) {
	type shot struct {
		name string
		walk func(d *uitest.Driver)
	}
	shots := []shot{
		{"pods-live", func(d *uitest.Driver) { d.Press(keymap.Down, keymap.Down, keymap.PodsMark).Sees("4 %") }},
		{"pods-search", func(d *uitest.Driver) { d.Press(keymap.PodsFilter).Type("ain").Sees("1 of 6") }},
		{"pods-question", func(d *uitest.Driver) { d.Press(keymap.PodsMarkAll, keymap.PodsStop).Sees("Stop 3 pods?") }},
		{"pods-collect", func(d *uitest.Driver) { d.Press(keymap.PodsCollect).Sees("Collect") }},
		{"pod-page", func(d *uitest.Driver) { find(d, "etcd-main").Press(keymap.PodInspect).Sees("4 %", "256M") }},
		{"pod-page-two", func(d *uitest.Driver) { d.Press(keymap.PodInspect, keymap.Down).Sees("1.0 MB", "not verified") }},
		{"pod-volumes", func(d *uitest.Driver) {
			find(d, "etcd-main").Press(keymap.PodInspect, keymap.PageNext, keymap.PageNext).Sees("/srv/etcd")
		}},
		{"pod-command", func(d *uitest.Driver) { find(d, "etcd-main").Press(keymap.PodInspect, keymap.PagePrev).Sees("--batch") }},
		{"pod-which-app", func(d *uitest.Driver) { d.Press(keymap.PodEnter).Sees("which app") }},
	}
	for _, s := range shots {
		for _, size := range sizes[:2] {
			name := fmt.Sprintf("%s-%dx%d", s.name, size.w, size.h)
			t.Run(name, func(t *testing.T) {
				e := recordings(t)
				uitest.Live(e)
				uitest.Run(t, uitest.Setup{Engine: e, Options: ui.Options{Start: ui.StartPods}, W: size.w, H: size.h}, func(d *uitest.Driver) {
					d.Sees("6 pods")
					s.walk(d)
					d.Golden(name)
				})
			})
		}
	}
}

func TestGoldenPodsStyles(t *testing.T) {
	for name, mode := range map[string]theme.Mode{"dark": theme.Dark, "light": theme.Light, "no-color": theme.Plain} {
		t.Run(name, func(t *testing.T) {
			e := recordings(t)
			uitest.Live(e)
			setup := uitest.Setup{Engine: e, Mode: mode, Options: ui.Options{Start: ui.StartPods}, W: 120, H: 20}
			uitest.Run(t, setup, func(d *uitest.Driver) {
				d.Sees("6 pods", "4 %").Press(keymap.PodsMark).GoldenStyles("styles-pods-" + name).
					Press(keymap.PodInspect).Sees("flaky-job (").GoldenStyles("styles-pod-" + name)
			})
		})
	}
}
