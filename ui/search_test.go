package ui_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/uitest"
)

// search types a reference, and waits until everybody has answered.
func search(d *uitest.Driver, reference string) *uitest.Driver {
	return d.Press(keymap.ImagesFilter, keymap.EditToStart, keymap.EditToEnd).Type(reference).
		Pass(3 * time.Second).Press(keymap.EditAccept)
}

// fetches begins two fetches and lets a third fail. The two don't tell anything at
// the same moment, and at the end there is nothing that has not arrived yet: who
// is first would else be a matter of luck.
func fetches(d *uitest.Driver) *uitest.Driver {
	search(d.Sees("5 images"), "docker://registry.test/private/app:1").Press(keymap.OfferFetch)
	search(d, "docker://quay.io/coreos/etcd:v3.5").Press(keymap.OfferFetch).Pass(40*time.Millisecond).
		Press(keymap.Down, keymap.OfferFetch).Pass(845 * time.Millisecond)
	return d
}

func TestNobodyIsAskedWhileTypingGoesOn(t *testing.T) {
	e := recordings(t)
	uitest.Run(t, uitest.Setup{Engine: e}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.ImagesFilter).Type("worker").Pass(time.Second)
		if asked := e.Asked(); len(asked) > 0 {
			t.Errorf("a word asks %q", asked)
		}
		d.Press(keymap.EditToStart, keymap.EditToEnd)
		for _, letter := range "coreos.com/etcd" {
			d.Type(string(letter)).Pass(60 * time.Millisecond)
		}
		d.Sees("signed")
		want := []string{"discover coreos.com/etcd", "repositories coreos.com", "tags docker://coreos.com/etcd"}
		asked := e.Asked()
		slices.Sort(asked)
		if !slices.Equal(asked, want) {
			t.Errorf("asked %q\nwant %q", asked, want)
		}
	})
}

// A host that does not answer is said to be asked, and then not to have
// answered; what is typed meanwhile is searched for all the same.
func TestADeadHostHoldsNothingUp(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.ImagesFilter).Type("docker://slow.test/app").Pass(time.Second).
			Sees("asking slow.test …").
			Press(keymap.EditToStart, keymap.EditToEnd).Type("work").Sees("2 of 5 images").SeesNot("slow.test").
			Press(keymap.EditToStart, keymap.EditToEnd).Type("docker://slow.test/app").
			Pass(20 * time.Second).Sees("slow.test: no answer within 15 s").SeesNot("asking")
	})
}

func TestTagsAreEnteredLikeAFolder(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		search(d.Sees("5 images"), "docker://quay.io/coreos/e").Sees("coreos/etcd", "tags ›").
			Press(keymap.OfferTags).Sees("214 tags of docker://quay.io/coreos/etcd", "▌  v4.3.3", "v4.3.2").
			Press(keymap.Back).Sees("/ docker://quay.io/coreos/e", "tags ›").SeesNot("v4.3.3").
			Press(keymap.Back).Sees("5 images", "/ search")
	})
}

func TestATagThatIsNotThereIsSaidToBeMissing(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		search(d.Sees("5 images"), "docker://quay.io/coreos/etcd:v9.9.9").Pass(time.Second).Sees("0 of 214 tags", "no tag v9.9.9 there").
			Press(keymap.ImagesFilter, keymap.EditToStart, keymap.EditToEnd).Type("docker://quay.io/coreos/etcd:v4.3.3").
			Pass(time.Second).Sees("v4.3.3").SeesNot("no tag")
	})
}

// Of a hundred thousand tags a filter finds those that were read on to, the
// cursor reads on to the others, and "more" says that there are some.
func TestLongListsAreReadOnTo(t *testing.T) {
	e := recordings(t)
	uitest.Run(t, uitest.Setup{Engine: e, H: 30}, func(d *uitest.Driver) {
		search(d.Sees("5 images"), "docker://registry.test/many:").Sees("the first 1,000 tags")
		if n := len(e.Asked()); n > 3 {
			t.Errorf("asked %d times for what nobody looked at", n)
		}
		d.Press(keymap.End).Pass(time.Second).Sees("▌  build-001000").
			Press(keymap.End).Pass(time.Second).Sees("▌  build-002000").
			Press(keymap.Home).Sees("the first 3,000 tags")
		search(d, "docker://registry.test/many:4321").Sees("of the first", "build-004321")
	})
}

func TestAReferenceIsPastedWhole(t *testing.T) {
	e := recordings(t)
	uitest.Run(t, uitest.Setup{Engine: e}, func(d *uitest.Driver) {
		d.Sees("5 images").Paste("https://registry.test/files/etcd.aci\n").Sees("as typed").
			Press(keymap.EditAccept, keymap.OfferFetch).Sees("fetched coreos.com/etcd 3.1.0", "6 images", "▌  coreos.com/etcd").
			Press(keymap.ImagesChoose).Sees("1 app", "run coreos.com/etcd:3.1.0")
	})
}

func TestAFetchIsStoppedAndGoesOn(t *testing.T) {
	e := recordings(t)
	uitest.Run(t, uitest.Setup{Engine: e, W: 120, H: 40}, func(d *uitest.Driver) {
		search(d.Sees("5 images"), "docker://quay.io/coreos/etcd:v3.5.0").Press(keymap.OfferFetch).
			Pass(1500*time.Millisecond).Sees("1 on the way", "MB/s", "left", "fetching").
			Press(keymap.ImagesFetches, keymap.FetchesOpen).Sees("search", "unpack", "of 91.0 MB").
			Press(keymap.FetchesStop).Sees("what came is kept", "r go on from", "stopped at").SeesNot("left").
			Press(keymap.FetchesAgain).Sees("MB/s").
			Sees("fetched quay.io/coreos/etcd v3.5.0", "1 of 6 images", "here", "▌  quay.io/coreos/etcd").
			Press(keymap.ImagesChoose).Sees("1 app", "run quay.io/coreos/etcd:v3.5.0")
	})
	if n := len(slices.DeleteFunc(e.Asked(), func(q string) bool { return !strings.HasPrefix(q, "fetch ") })); n != 2 {
		t.Errorf("fetched %d times", n)
	}
}

func TestAFailureShowsItsCauseAndWhatMendsIt(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t), Options: ui.Options{ConfigDir: "/etc/podtui"}}, func(d *uitest.Driver) {
		search(d.Sees("5 images"), "docker://registry.test/private/app:1").Press(keymap.OfferFetch, keymap.ImagesFetches).
			Sees("401 Unauthorized", "/etc/podtui/auth.d/*.json", "docker login", "r go on · b").
			Press(keymap.FetchesRemove).SeesNot("401")
		search(d, "docker://registry.test/backup:2").Press(keymap.OfferFetch, keymap.ImagesFetches).
			Sees("closed the connection", "r go on from 61.2 MB", "stopped at 61.2 of 148 MB").
			Press(keymap.FetchesSearch).Sees("/ docker://registry.test/backup:2").
			Press(keymap.EditAccept, keymap.ImagesFetches, keymap.FetchesAgain).Sees("fetched registry.test/backup 2")
	})
}

func TestCtrlCStopsAFetchAndLosesNothing(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		search(d.Sees("5 images"), "docker://quay.io/coreos/etcd:v3.5.0").Press(keymap.OfferFetch).Pass(time.Second).
			Press(keymap.Cancel).Sees("kept: goes on from", "again quits").HasQuit(false)
		search(d, "docker://quay.io/coreos/etcd:v3.5.1").Press(keymap.OfferFetch).Pass(time.Second).
			Press(keymap.GoPods, keymap.Cancel).Sees("fetches stop, what came is kept").
			Press(keymap.Cancel).HasQuit(true)
	})
}

// What is searched for while fetches go on stays on the screen when they end.
func TestAnImageThatArrivesTakesNoSearchAway(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		search(d.Sees("5 images"), "docker://quay.io/coreos/etcd:v3.5.0").Press(keymap.OfferFetch, keymap.ImagesFilter, keymap.EditToStart, keymap.EditToEnd).
			Type("worker").Sees("fetched quay.io/coreos/etcd v3.5.0", "/ worker", "2 of 6 images")
	})
}

// Who begins one fetch after the other keeps the row, until the last has arrived.
func TestTheCursorStaysWhileMoreIsFetched(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t), H: 30}, func(d *uitest.Driver) {
		search(d.Sees("5 images"), "docker://quay.io/coreos/etcd:v3.5").Press(keymap.OfferFetch, keymap.Down).
			Pass(2*time.Second).Press(keymap.OfferFetch).Sees("fetched quay.io/coreos/etcd v3.5.9", "▌  v3.5.8").
			Sees("fetched quay.io/coreos/etcd v3.5.8", "▌  quay.io/coreos/etcd")
	})
}

func TestAReferenceRunsWithoutBeingFetchedBefore(t *testing.T) {
	e := recordings(t, "fetched-layers")
	if err := e.Withdraw(uitest.BackupPin); err != nil {
		t.Fatal(err)
	}
	uitest.Run(t, uitest.Setup{Engine: e, W: 120, H: 40}, func(d *uitest.Driver) {
		search(d.Sees("5 images"), "docker://registry.test/backup:2").Press(keymap.OfferInto).
			Sees("1 app", "! not fetched yet", "once it is fetched", "run docker://registry.test/backup:2")
		d.Press(keymap.Down, keymap.ComposeRight, keymap.ComposeEdit).Type("quay.io/coreos/etcd:3").Press(keymap.EditAccept).
			Sees("2 apps", "2 etcd", "run docker://registry.test/backup:2 quay.io/coreos/etcd:3").
			Press(keymap.ComposeUndo).Sees("1 app")
		d.Press(keymap.ComposeRun).Sees("without verification").Pass(time.Second).Press(keymap.DialogYes).
			Sees("4814d920", "of 91.0 MB", "in the store", "MB/s").Sees("exited 0")
	})
	runs := e.Runs()
	if len(runs) != 1 || runs[0].Options.SkipVerify || !slices.Equal(slices.Collect(maps.Keys(runs[0].Options.Unverified)), []string{"docker://registry.test/backup:2"}) || spec.Quote(runs[0].Pod.CommandLine()) != "docker://registry.test/backup:2" {
		t.Errorf("ran %+v", runs)
	}
}

func TestNamesFromServersAreDrawnEscaped(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		search(d.Sees("5 images"), "docker://quay.io/coreos/clair:").Sees(`evil\x1b[2J\u202e`)
		if strings.ContainsRune(d.Raw(), '\u202e') || strings.Contains(d.Raw(), "\x1b[2J") {
			t.Errorf("%q", d.Raw())
		}
	})
}

// The search looks at names, labels and the beginnings of IDs.
func TestSearchFindsByLabelAndID(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: enginetest.NewScripted(uitest.Samples()...)}, func(d *uitest.Driver) {
		for typed, want := range map[string]string{
			"arch=amd64": "5 of 5 images", "amd64 worker": "2 of 5", "os=win": "0 of 5", "sha512-4c4c": "1 of 5", "4c4c4c": "1 of 5", "4c4d": "0 of 5",
		} {
			d.Press(keymap.ImagesFilter).Type(typed).Sees(want).Press(keymap.EditCancel)
		}
	})
}
