package ui_test

import (
	"errors"
	"maps"
	"path/filepath"
	"reflect"
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

// refusing is an engine with images that nobody vouches for.
func refusing(t *testing.T, names ...string) *enginetest.Scripted {
	t.Helper()
	e := recordings(t, names...)
	if err := uitest.Refused(e); err != nil {
		t.Fatal(err)
	}
	return e
}

// fetchTeam fetches one of the images that are refused.
func fetchTeam(d *uitest.Driver, name string) *uitest.Driver {
	reference := name
	if !strings.Contains(name, "://") {
		reference = uitest.Team + name + ":1.0"
	}
	return search(d.Sees("5 images"), reference).Press(keymap.OfferFetch)
}

const teamKey = "4E9D 2B8C 7A6F 5E4D 3C2B  1A09 F8E7 D6C5 B4A3 9281"

func TestAFetchWaitsForItsKey(t *testing.T) {
	e := refusing(t)
	uitest.Run(t, uitest.Setup{Engine: e}, func(d *uitest.Driver) {
		fetchTeam(d, "app").Sees("Trust an unknown key?", "example.com/team/app:1.0", "Reduce Team <reduce@example.com>", teamKey,
			"https://example.com/pubkeys.asc", "over TLS", "example.com/team/app and what is below it", "[ refuse ]").
			Press(keymap.ReviewTake, keymap.ReviewTrust).Sees("Trust an unknown key?"). // a reflex
			Pass(time.Second).Press(keymap.ReviewWider).Sees("example.com/team and what").
			Press(keymap.ReviewTrust).Sees("is trusted for example.com/team").
			Sees("fetched example.com/team/app 1.0").SeesNot("not verified · ")
		search(d, "team/app").Sees("Reduce … B4A3 9281", "trust   B4A3 9281 Reduce Team <reduce@example.com>")
	})
	if asked := e.Asked(); !slices.Contains(asked, "trust example.com/team 4e9d2b8c7a6f5e4d3c2b1a09f8e7d6c5b4a39281") {
		t.Errorf("asked %q", asked)
	}
}

func TestARefusedKeyLeavesTheFetchWithItsCause(t *testing.T) {
	e := refusing(t)
	uitest.Run(t, uitest.Setup{Engine: e}, func(d *uitest.Driver) {
		fetchTeam(d, "app").Sees("Trust an unknown key?").Pass(time.Second).Press(keymap.ReviewTake).SeesNot("Trust an unknown key?").
			Sees("1 failed", "unknown key F8E7D6C5B4A39281").
			Press(keymap.ImagesFetches).Sees("✗ verify", "look at it, and trust it or not", "v review the key · u fetch it unverified · x put away").
			Press(keymap.FetchesReview).Sees("Trust an unknown key?").Pass(time.Second).
			Press(keymap.ReviewOther, keymap.ReviewOther, keymap.ReviewTake).Sees("fetched example.com/team/app 1.0")
		d.SeesNot("trusted for")
	})
	for _, asked := range e.Asked() {
		if strings.HasPrefix(asked, "trust ") {
			t.Errorf("asked %q", asked)
		}
	}
}

func TestOneReviewLetsAllGoOnThatWaitForTheKey(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: refusing(t), W: 120, H: 40}, func(d *uitest.Driver) {
		fetchTeam(d, "app").Sees("Trust an unknown key?").Pass(time.Second).Press(keymap.ReviewRefuse).Sees("1 failed")
		fetchTeam(d, "two").Sees("Trust an unknown key?", "key 1 of 2").Pass(time.Second).
			Press(keymap.ReviewAnother).Sees("Reduce Team, spare", "key 2 of 2").Press(keymap.ReviewAnother).
			Press(keymap.ReviewWider, keymap.ReviewTrust).Sees("2 on the way").Sees("7 images").SeesNot("failed")
	})
}

func TestAnImageWithoutANameIsBelievedAlone(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: refusing(t)}, func(d *uitest.Driver) {
		fetchTeam(d, "https://files.test/app.aci").Sees("this image only: its name is not known").Pass(time.Second).
			Press(keymap.ReviewTrust).Sees("Trust an unknown key?").SeesNot("trust for this prefix").
			Press(keymap.ReviewOnce).Sees("fetched files.test/app 1.0")
	})
}

// A review that comes up by itself takes no keys from who types.
func TestNoReviewComesUpWhereSomebodyTypes(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: refusing(t)}, func(d *uitest.Driver) {
		fetchTeam(d, "app").Press(keymap.ImagesFilter, keymap.EditToStart, keymap.EditToEnd).Type("to").Pass(5*time.Second).
			Type("tot").Sees("/ totot", "1 failed").SeesNot("Trust an")
		d.Press(keymap.EditCancel, keymap.ImagesFetches, keymap.FetchesReview).Sees("Trust an unknown key?")
	})
	uitest.Run(t, uitest.Setup{Engine: refusing(t)}, func(d *uitest.Driver) {
		fetchTeam(d, "app").Press(keymap.GoPods).Pass(5 * time.Second).SeesNot("Trust an")
	})
}

func TestEachRefusalSaysWhichAndWhatWouldMendIt(t *testing.T) {
	for name, want := range map[string][]string{
		"no-signature":  {"✗ verify", "✗ no signature", "Nothing tells who made it"},
		"unknown-key":   {"unknown key 0123456789ABCDEF", "Its site names no such key"},
		"bad-signature": {"bad signature: it is not over these bytes", "changed or damaged"},
		"expired":       {"expired: the key expired on 2026-02-12", "A newer copy of the key"},
		"revoked":       {"revoked: the key was revoked on 2026-02-12", "only an image that another key has signed"},
		"weak":          {"weak: the signature's digest is SHA-1", "can be forged"},
	} {
		t.Run(name, func(t *testing.T) {
			e := refusing(t)
			uitest.Run(t, uitest.Setup{Engine: e}, func(d *uitest.Driver) {
				fetchTeam(d, name).Sees("✗ ", "1 failed").SeesNot("Trust an")
				d.Press(keymap.ImagesFetches).Sees(want...)
				d.Press(keymap.FetchesReview).SeesNot("Trust an")
				d.Sees("r go on", "u fetch it unverified · x put away").
					Press(keymap.FetchesUnverified).Sees("Fetch example.com/team/"+name+":1.0 unverified?", "It was refused: "+strings.ReplaceAll(name, "-", " ")).
					Press(keymap.DialogTake).Pass(time.Second).Press(keymap.DialogTake).Sees("1 failed"). // Cancel is the default
					Press(keymap.FetchesUnverified).Pass(time.Second).Press(keymap.DialogYes).
					Sees("fetched example.com/team/"+name+" 1.0 · not verified", "! not verified")
			})
		})
	}
}

func TestAKeyThatCountsForOtherNamesIsReviewed(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: refusing(t)}, func(d *uitest.Driver) {
		fetchTeam(d, "not-trusted").Sees("Trust this key for more names?", "but not for this name").Pass(time.Second).
			Press(keymap.ReviewRefuse).Sees("not trusted for example.com/team/not-tru").
			Press(keymap.ImagesFetches).Sees("counts for other names").
			Press(keymap.FetchesReview).Pass(time.Second).Press(keymap.ReviewTrust).Sees("fetched example.com/team/not-trusted 1.0")
	})
}

// team is a pod whose image is refused when it runs.
func team(name string) ui.Options {
	return ui.Options{Start: ui.StartCompose, Pod: spec.Pod{Apps: []spec.App{{Image: uitest.Team + name + ":1.0", Args: []string{"kept"}}}}}
}

func TestARunWaitsForItsKey(t *testing.T) {
	for name, c := range map[string]struct {
		keys  []keymap.Action
		tells string
		want  engine.RunOptions
	}{
		"trusted for a prefix": {[]keymap.Action{keymap.ReviewTrust}, "is trusted for example.com/team/app", engine.RunOptions{}},
		"this image only": {[]keymap.Action{keymap.ReviewOnce}, "exited 0", engine.RunOptions{Believe: map[string][]engine.KeyInfo{
			uitest.Team + "app:1.0": nil,
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			e := refusing(t, "two-apps")
			uitest.Run(t, uitest.Setup{Engine: e, Options: team("app")}, func(d *uitest.Driver) {
				d.Sees("not fetched yet").Press(keymap.ComposeRun).Sees("verify").
					Sees("Trust an unknown key?", teamKey, "[ refuse ]").
					Press(keymap.ReviewTake, keymap.ReviewTrust).Sees("Trust an unknown key?").
					Pass(time.Second).Press(c.keys...).Sees(c.tells).Sees("exited 0")
			})
			runs := e.Runs()
			if len(e.Tried()) != 1 || len(runs) != 1 {
				t.Fatalf("tried %v, ran %v", e.Tried(), runs)
			}
			for image, keys := range runs[0].Options.Believe {
				if len(keys) != 1 || keys[0].UserID() != "Reduce Team <reduce@example.com>" {
					t.Errorf("believes %+v", keys)
				}
				runs[0].Options.Believe[image] = nil
			}
			if !reflect.DeepEqual(runs[0].Options, c.want) {
				t.Errorf("ran with %+v", runs[0].Options)
			}
		})
	}
}

func TestARefusedKeyLeadsBackToTheForm(t *testing.T) {
	e := refusing(t, "two-apps")
	uitest.Run(t, uitest.Setup{Engine: e, Options: team("app")}, func(d *uitest.Driver) {
		d.Sees("not fetched yet").Press(keymap.ComposeRun).Sees("Trust an unknown key?").Pass(time.Second).
			Press(keymap.ReviewTake).Sees("1 app", "kept", "r run").SeesNot("Trust an")
		d.SeesNot("--insecure").Press(keymap.ComposeRun).Sees("Trust an unknown key?").Pass(time.Second).
			Press(keymap.ReviewTrust).Sees("exited 0")
	})
}

// A start that is looked away from is not asked about, and waits.
func TestAReviewOfAStartWaitsForWhoLooksElsewhere(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: refusing(t, "two-apps"), Options: team("app")}, func(d *uitest.Driver) {
		d.Sees("not fetched yet").Press(keymap.ComposeRun, keymap.GoImages).Pass(5 * time.Second).SeesNot("Trust an")
		d.Sees("did not start: unknown key F8E7D6C5B4A39281").
			Press(keymap.GoPods).Sees("failed ").Press(keymap.PodsOpen).
			Sees("✗ verify  unknown key F8E7D6C5B4A39281", "v review the key · u run it unverified · b back to the form, nothing lost").
			Press(keymap.WatchReview).Sees("Trust an unknown key?")
	})
}

func TestEachRefusalOfARunIsAFailedStage(t *testing.T) {
	for name, want := range map[string][]string{
		"no-signature":  {"no signature", "Nothing tells who made it"},
		"unknown-key":   {"unknown key 0123456789ABCDEF", "Its site names no such key"},
		"bad-signature": {"bad signature: it is not over these bytes", "changed or damaged"},
		"expired":       {"expired: the key expired on 2026-02-12", "A newer copy of the key"},
		"revoked":       {"revoked: the key was revoked on 2026-02-12", "only an image that another key has signed"},
		"weak":          {"weak: the signature's digest is SHA-1", "can be forged"},
	} {
		t.Run(name, func(t *testing.T) {
			e := refusing(t, "two-apps")
			reference := uitest.Team + name + ":1.0"
			uitest.Run(t, uitest.Setup{Engine: e, Options: team(name)}, func(d *uitest.Driver) {
				d.Sees("not fetched yet").SeesNot("--insecure").Press(keymap.ComposeRun).
					Sees("did not start", "✗ "+reference, "✗ verify  "+want[0], want[1], "u run it unverified · b back to the form").SeesNot("Trust an")
				d.Press(keymap.WatchReview).SeesNot("Trust an").
					Press(keymap.WatchUnverified).Sees("Run "+reference+" unverified?", want[0], "--insecure-options=image").
					Press(keymap.DialogTake).Pass(time.Second).Press(keymap.DialogTake).Sees("did not start"). // Cancel is the default
					Press(keymap.WatchUnverified).Pass(time.Second).Press(keymap.DialogYes).Sees("exited 0").
					Press(keymap.WatchForm).Sees("kept", "--batch --insecure-options=image run "+strings.TrimSuffix(reference, ":1.0"))
			})
			if runs := e.Runs(); len(runs) != 1 || runs[0].Options.SkipVerify || !slices.Equal(slices.Collect(maps.Keys(runs[0].Options.Unverified)), []string{reference}) {
				t.Errorf("ran %+v", runs)
			}
		})
	}
}

// What is approved for what exactly it is needs no flag, and no question again.
func TestApprovedContentRunsWithoutBeingAskedAgain(t *testing.T) {
	e := refusing(t, "two-apps")
	options := ui.Options{Start: ui.StartCompose, Pod: spec.Pod{Apps: []spec.App{{Image: "example.com/worker-backup:2.0.1"}}}}
	uitest.Run(t, uitest.Setup{Engine: e, Options: options}, func(d *uitest.Driver) {
		d.Sees("! not verified", "--insecure-options=image").Press(keymap.ComposeRun).
			Sees("Run example.com/worker-backup 2.0.1 without verification?", "approve content").Pass(time.Second).
			Press(keymap.DialogOther, keymap.DialogOther).Sees("[ approve content ]").
			Press(keymap.DialogTake).Sees("exited 0").
			Press(keymap.WatchForm).Sees("verified by d").SeesNot("--insecure")
		d.Press(keymap.ComposeRun).Sees("exited 0")
	})
	for _, ran := range e.Runs() {
		if ran.Options.SkipVerify || len(ran.Options.Unverified) > 0 {
			t.Errorf("ran with %+v", ran.Options)
		}
	}
}

func TestWhatCantBeApprovedDoesNotRun(t *testing.T) {
	e := refusing(t, "two-apps")
	e.FailTrust(errors.New("not root"))
	options := ui.Options{Start: ui.StartCompose, Pod: spec.Pod{Apps: []spec.App{{Image: "example.com/worker-backup:2.0.1"}}}}
	uitest.Run(t, uitest.Setup{Engine: e, Options: options}, func(d *uitest.Driver) {
		d.Sees("! not verified").Press(keymap.ComposeRun).Pass(time.Second).
			Press(keymap.DialogOther, keymap.DialogOther, keymap.DialogTake).Sees("! not root", "! not verified", "r run").
			Press(keymap.ComposeRun).Sees("without verification")
	})
	if len(e.Runs()) > 0 {
		t.Errorf("ran %+v", e.Runs())
	}
}

// Of a repository whose content was approved nobody is asked before the engine has
// said whether it is that.
func TestAnApprovedRepositoryIsNotAskedAbout(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: refusing(t, "fetched-layers"), Options: ui.Options{
		Start: ui.StartCompose, Pod: spec.Pod{Apps: []spec.App{{Image: "docker://registry.test/backup:2"}}},
	}}, func(d *uitest.Driver) {
		d.Sees("not fetched yet").SeesNot("--insecure").Press(keymap.ComposeRun).Sees("starting ·").SeesNot("without verification")
	})
}

// Of a registry's image the content itself can be approved, on its way too.
func TestWhatARegistryHasIsApprovedOnTheWay(t *testing.T) {
	e := refusing(t, "fetched-layers")
	const reference = "docker://registry.test/backup:1"
	uitest.Run(t, uitest.Setup{Engine: e, Options: ui.Options{
		Start: ui.StartCompose, Pod: spec.Pod{Apps: []spec.App{{Image: reference}}},
	}}, func(d *uitest.Driver) {
		d.Sees("not fetched yet").Press(keymap.ComposeRun).Sees("✗ verify  no signature", "u run it unverified").Press(keymap.WatchUnverified).
			Sees("Run "+reference+" unverified?", "until that is taken back").Pass(time.Second).
			Press(keymap.DialogOther, keymap.DialogOther, keymap.DialogTake).Sees("was approved").Sees("exited 0")
	})
	if runs := e.Runs(); len(runs) != 1 || len(runs[0].Options.Unverified) > 0 || !slices.Contains(e.Asked(), "approve "+uitest.OtherPin) {
		t.Errorf("ran %+v, asked %q", runs, e.Asked())
	}
}

// A file that is not believed is a matter of the run, like all that is elsewhere.
func TestAFileThatIsNotBelievedIsReviewedWhenItRuns(t *testing.T) {
	e := refusing(t, "two-apps")
	path := filepath.Join(uitest.Root(), "testdata", "events", "refused-weak.jsonl") // it has to be there
	e.Refusals[path] = e.Refusals[uitest.Team+"app:1.0"]
	e.Refusals[path].Err.Image = path
	uitest.Run(t, uitest.Setup{Engine: e, W: 160, H: 30, Options: ui.Options{
		Start: ui.StartCompose, Pod: spec.Pod{Apps: []spec.App{{Image: path, Signature: "app.asc"}}},
	}}, func(d *uitest.Driver) {
		d.Sees("! unknown key", "app.asc", "--signature=app.asc").SeesNot("--insecure").Press(keymap.ComposeRun).Sees("Trust an unknown key?")
	})
}

// --insecure-skip-verify was said: nothing is asked.
func TestNothingIsAskedOfWhoSkipsVerification(t *testing.T) {
	e := refusing(t, "two-apps")
	options := team("weak")
	options.AllowUnverified = true
	uitest.Run(t, uitest.Setup{Engine: e, Options: options}, func(d *uitest.Driver) {
		d.Sees("--batch --insecure-options=image run").Press(keymap.ComposeRun).Sees("exited 0")
	})
	if runs := e.Runs(); len(runs) != 1 || !runs[0].Options.SkipVerify {
		t.Errorf("ran %+v", runs)
	}
}
