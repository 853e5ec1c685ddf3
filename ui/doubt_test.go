package ui_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/uitest"
)

// doubting is an engine that has the samples, after something happened to the key of
// Example Builds.
func doubting(t *testing.T, happened func(*engine.TrustedKey) bool) *enginetest.Scripted {
	t.Helper()
	e := recordings(t, "two-apps")
	trusted, err := e.Trusted()
	if err != nil {
		t.Fatal(err)
	}
	for i := range trusted.Keys {
		if trusted.Keys[i].Fingerprint == uitest.ExampleKey && !happened(&trusted.Keys[i]) {
			trusted.Keys = slices.Delete(trusted.Keys, i, i+1)
			break
		}
	}
	e.SetTrusted(trusted)
	return e
}

func composing(images ...string) ui.Options {
	o := ui.Options{Start: ui.StartCompose}
	for _, image := range images {
		o.Pod.Apps = append(o.Pod.Apps, spec.App{Image: image})
	}
	return o
}

const reduceWorker, workerBackup = "example.com/reduce-worker:1.4.0", "example.com/worker-backup:2.0.1"

// Why nobody vouches for a stored image is seen wherever it is, and before it runs;
// what was revoked can't be approved.
func TestWhyAStoredImageIsNotVerified(t *testing.T) {
	for name, c := range map[string]struct {
		happened  func(*engine.TrustedKey) bool
		mark, why string
		approve   bool
	}{
		"revoked": {func(k *engine.TrustedKey) bool { k.Problem = "revoked"; return true }, "! revoked", "revoked: the key was revoked on 2026-02-12", false},
		"removed": {func(*engine.TrustedKey) bool { return false }, "! unknown key", "unknown key 50BDD3E0FC8A365E: it was trusted on 2026-03-01, and is not any more", true},
		"for other names": {func(k *engine.TrustedKey) bool { k.Scope = "example.com/other"; return true }, "! not trusted",
			"not trusted for example.com/reduce-worker: the key counts for example.com/other", true},
	} {
		t.Run(name, func(t *testing.T) {
			e := doubting(t, c.happened)
			words := strings.Fields(c.why)
			uitest.Run(t, uitest.Setup{Engine: e, W: 200, H: 40, Options: composing(reduceWorker)}, func(d *uitest.Driver) {
				d.Sees(c.mark, "is not verified: "+c.why).Press(keymap.ComposeRun).Sees("Run example.com/reduce-worker 1.4.0 without verification?")
				d.Sees(words...).SeesNot("No signature")
				if c.approve {
					d.Sees("approve content")
				} else {
					d.SeesNot("approve content")
				}
				d.Press(keymap.DialogNo, keymap.GoImages).Sees("5 images").Press(keymap.ImagesFilter).Type("reduce").Press(keymap.EditAccept).
					Sees(append(words, "! not verified: "+words[0])...).Press(keymap.ImagesInspect).Sees("! not verified: " + c.why)
			})
			if len(e.Runs()) > 0 {
				t.Errorf("ran %+v", e.Runs())
			}
		})
	}
}

// Of several images the one with something against it is told first, and by its name.
func TestReasonsOfSeveralImages(t *testing.T) {
	e := doubting(t, func(k *engine.TrustedKey) bool { k.Problem = "revoked"; return true })
	uitest.Run(t, uitest.Setup{Engine: e, Options: composing(workerBackup, reduceWorker)}, func(d *uitest.Driver) {
		d.Sees("! not verified").Press(keymap.ComposeRun).Sees("reduce-worker 1.4.0: revoked", "No signature says who made the others, nor that they are").
			SeesNot("approve content")
	})
}

// Nobody knows what a signature would have said that was not asked for.
func TestAnImageThatCameUnaskedIsNotCalledUnsigned(t *testing.T) {
	images := uitest.Samples()
	images[1].Insecure = []string{"image"}
	uitest.Run(t, uitest.Setup{Engine: enginetest.NewScripted(images...), Options: composing(workerBackup)}, func(d *uitest.Driver) {
		d.Sees("! not verified").Press(keymap.ComposeRun).Sees("No signature was asked for when it came").SeesNot("No signature says")
	})
}

// A yes to an image without a signature is none to the same image with one that was
// revoked.
func TestConsentIsForWhatWasSaid(t *testing.T) {
	e := doubting(t, func(*engine.TrustedKey) bool { return false })
	uitest.Run(t, uitest.Setup{Engine: e, Options: composing(reduceWorker)}, func(d *uitest.Driver) {
		d.Sees("! unknown key").Press(keymap.ComposeRun).Pass(time.Second).Press(keymap.DialogYes).Sees("exited 0").
			Press(keymap.WatchForm, keymap.ComposeRun).Sees("exited 0") // it was asked about
		trusted, _ := e.Trusted()
		trusted.Keys = append(trusted.Keys, engine.TrustedKey{KeyInfo: engine.KeyInfo{Fingerprint: uitest.ExampleKey, Problem: "revoked"}})
		e.SetTrusted(trusted)
		d.Press(keymap.WatchForm).Sees("! revoked").Press(keymap.ComposeRun).Sees("without verification?", "revoked")
	})
	if n := len(e.Runs()); n != 2 {
		t.Errorf("ran %d times", n)
	}
}

// The flag lets more through than a yes does: that is said beside it, and what does
// without. It does not turn off what protects connections.
func TestTheLineSaysWhatItsFlagLetsThrough(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t), Options: composing(workerBackup)}, func(d *uitest.Driver) {
		d.Sees("--batch --insecure-options=image run", "lets every image in it run, whatever its signature").
			Press(keymap.ComposeLine).Sees("lets every image of the line run", "podtui trust --digest=sha512-4c4c4c4c")
		d.SeesNot("--insecure-skip-verify")
	})
	uitest.Run(t, uitest.Setup{Engine: recordings(t), Options: composing("docker://registry.test/other:1")}, func(d *uitest.Driver) {
		d.Sees("not fetched yet").Press(keymap.ComposeLine).Sees("lets every image of the line run").SeesNot("podtui trust")
	})
	uitest.Run(t, uitest.Setup{Engine: recordings(t), Options: composing(reduceWorker)}, func(d *uitest.Driver) {
		d.Sees("verified by").SeesNot("whatever its signature").Press(keymap.ComposeLine).SeesNot("--insecure")
	})
}

// What other processes do with the store is seen when the images are looked at.
func TestTheListFollowsOtherProcesses(t *testing.T) {
	for name, come := range map[string]func(*uitest.Driver){
		"coming back":   func(d *uitest.Driver) { d.Press(keymap.GoPods, keymap.GoImages) },
		"1 once more":   func(d *uitest.Driver) { d.Press(keymap.GoImages) },
		"drawing anew":  func(d *uitest.Driver) { d.Press(keymap.Redraw) },
		"from the form": func(d *uitest.Driver) { d.Press(keymap.GoCompose, keymap.Quit) },
	} {
		t.Run(name, func(t *testing.T) {
			samples := uitest.Samples()
			e := recordings(t)
			uitest.Run(t, uitest.Setup{Engine: e, W: 120, H: 40}, func(d *uitest.Driver) {
				d.Sees("5 images").Press(keymap.Down, keymap.Down, keymap.ImagesMark).Sees("1 selected", "▌  example.com/reduce-worker")
				if err := e.RemoveImage(samples[3].ID); err != nil {
					t.Fatal(err)
				}
				e.SetTrusted(engine.Trusted{})
				come(d)
				d.Sees("1 selected · 4 images", "✓ example.com/env-printer", "▌  example.com/reduce-worker").SeesNot("CoreOS Builds")
			})
		})
	}
}

func TestWhoRefusesAKeyIsToldThatNothingRuns(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: refusing(t, "two-apps"), Options: team("app")}, func(d *uitest.Driver) {
		d.Sees("not fetched yet").Press(keymap.ComposeRun).Sees("Trust an unknown key?").Pass(time.Second).Press(keymap.ReviewRefuse).
			Sees("r run", "app was not started: you refused key F8E7D6C5B4A39281 of", uitest.Team+"app:1.0").Press(keymap.Down).SeesNot("you refused")
	})
}

// What an app's image depends on is named, and allowed with it from then on.
func TestWhatAnImageStandsOnIsAllowedByItsName(t *testing.T) {
	e := refusing(t, "two-apps")
	reference := uitest.Team + "no-signature:1.0"
	e.Refusals[reference].Err.Image = "example.com/base"
	uitest.Run(t, uitest.Setup{Engine: e, Options: team("no-signature")}, func(d *uitest.Driver) {
		d.Sees("not fetched yet").Press(keymap.ComposeRun).Sees("did not start").Press(keymap.WatchUnverified).
			Sees("Run example.com/base unverified?").Pass(time.Second).Press(keymap.DialogYes).Sees("did not start").
			Press(keymap.WatchForm, keymap.ComposeRun).Sees("did not start")
	})
	tried := e.Tried()
	if len(tried) != 3 {
		t.Fatalf("tried %+v", tried)
	}
	for i, want := range []int{0, 1, 1} {
		if _, allowed := tried[i].Options.Unverified["example.com/base"]; allowed != (want == 1) {
			t.Errorf("%d: ran with %+v", i, tried[i].Options)
		}
	}
}

// That nothing is asked is on the screen as long as it is so.
func TestThatVerificationIsOffIsSeen(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t), Options: ui.Options{AllowUnverified: true}}, func(d *uitest.Driver) {
		d.Sees("5 images", "! verification is off: every image runs").Press(keymap.GoPods).Sees("verification is off").
			Press(keymap.GoTrust).Sees("6 keys").Press(keymap.GoCompose, keymap.GoImages).Sees("verification is off")
	})
}

func TestAFetchWithoutASignatureSaysSo(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t), W: 120, H: 40}, func(d *uitest.Driver) {
		search(d.Sees("5 images"), "docker://quay.io/coreos/etcd:v3.5.0").Press(keymap.OfferFetch).
			Sees("fetched ", "not verified: no signature")
	})
}

// A signature that does not come with the image is typed, and completed, in the form.
func TestASignatureIsGivenInTheForm(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t), W: 160, H: 40, Options: composing(workerBackup)}, func(d *uitest.Driver) {
		d.Sees("! not verified", "signature", "—", "the image's own").Press(keymap.ComposeEdit, keymap.Up, keymap.Up, keymap.ComposeEdit).
			Type("/no/such.asc").Sees("--signature=/no/such.asc", "a file, instead of").Press(keymap.EditAccept).
			Sees("yours, instead of the image's own").Press(keymap.ComposeReset).Sees("—").SeesNot("--signature")
	})
}
