package ui_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/uitest"
)

// Half a name is not gone into while it is asked about, and what is known then
// takes its place under the cursor.
func TestAGuessIsNotTakenForAFind(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.ImagesFilter).Type("docker://quay.io/co").Pass(500*time.Millisecond).
			Sees("▌  docker://quay.io/co", "not known yet").
			Press(keymap.SearchComplete).Sees("nothing taken: quay.io had not answered yet", "/ docker://quay.io/co ").
			Press(keymap.EditAccept, keymap.OfferTags).Sees("nothing taken: quay.io had not answered yet", "/ docker://quay.io/co ").
			Pass(time.Second).Sees("▌  quay.io/coreos/clair", "coreos/etcd").SeesNot("not known yet")
		search(d, "docker://quay.io/coreos/etcd").Sees("▌  quay.io/coreos/etcd        214 tags ›").
			Press(keymap.OfferTags).Sees("/ docker://quay.io/coreos/etcd:")
	})
}

// Who takes what was not found yet is told.
func TestWhatIsStillLookedForCannotBeTakenYet(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.ImagesFilter).Type("./etcd").Press(keymap.EditAccept, keymap.OfferFetch).
			Press(keymap.ImagesChoose).Sees("nothing taken: ./ had not answered yet").
			Sees("▌  build/etcd-dev.aci").Press(keymap.OfferFetch).Sees("imported coreos.com/etcd 3.2.0-dev")
	})
}

// The keys stay with the fetches when the one that is looked at arrives.
func TestFocusStaysWithTheFetches(t *testing.T) {
	uitest.Run(t, uitest.Setup{Engine: recordings(t)}, func(d *uitest.Driver) {
		fetches(d).Press(keymap.ImagesFetches, keymap.Up).Pass(500*time.Millisecond).
			Press(keymap.FetchesOpen).Sees("docker://quay.io/coreos/etcd:v3.5.9").
			Sees("fetched quay.io/coreos/etcd v3.5.9").Press(keymap.FetchesStop).Sees("stopped, kept", "by name")
	})
}

// What a host refused is asked for again once an image has come from it.
func TestAHostIsAskedAgainWhenCredentialsWereMended(t *testing.T) {
	e := recordings(t)
	const of = "docker://registry.test/private/app:1"
	events := func(name string) string { return filepath.Join(uitest.Root(), "testdata/events/fetch", name+".jsonl") }
	fetch, err := enginetest.NewScriptedFetch(enginetest.ScriptedImage("registry.test/private/app", "1", "7a", nil), events("no-credentials"), events("layers"))
	if err != nil {
		t.Fatal(err)
	}
	e.Fetches[of] = fetch
	uitest.Run(t, uitest.Setup{Engine: e, W: 120, H: 40}, func(d *uitest.Driver) {
		search(d.Sees("5 images"), "docker://registry.test/private/app:").Sees("has no repository private/app").Press(keymap.ImagesFilter).Type("1").
			Press(keymap.EditAccept, keymap.OfferFetch).Sees("✗ failed")
		e.Registries["registry.test"].Tags["private/app"] = []string{"1"}
		d.Press(keymap.ImagesFetches, keymap.FetchesAgain).Sees("fetched registry.test/private/app 1").
			Pass(time.Second).SeesNot("has no repository")
		d.Sees("1 tag of docker://registry.test/private/app")
	})
}

// A download that is held does not promise for ever to be there soon.
func TestAHeldDownloadPromisesNothing(t *testing.T) {
	e := recordings(t)
	const of = "docker://registry.test/backup:2"
	var events []event.Event
	for ms, bytes := range []int64{0, 10e6, 20e6, 30e6} {
		events = append(events, event.Event{Time: uitest.Noon.Add(time.Duration(ms) * time.Second),
			Type: event.ImageFetch, State: event.Started, Bytes: bytes, Total: 100e6})
	}
	events = append(events, event.Event{Time: uitest.Noon.Add(20 * time.Second), Type: event.ImageFetch, State: event.Started, Bytes: 40e6, Total: 100e6},
		event.Event{Time: uitest.Noon.Add(21 * time.Second), Type: event.Error, Message: "cut"})
	e.Fetches[of] = &enginetest.ScriptedFetch{Attempts: [][]event.Event{events}}
	uitest.Run(t, uitest.Setup{Engine: e, W: 120, H: 40}, func(d *uitest.Driver) {
		search(d.Sees("5 images"), of).Press(keymap.OfferFetch).Pass(4 * time.Second).Sees("30.0 of 100 MB · 10.0 MB/s · 7 s left").
			Pass(5 * time.Second).Sees("30.0 of 100 MB · stalled").SeesNot("left")
		d.SeesNot("MB/s")
		d.Sees("40.0 of 100 MB").SeesNot("stalled")
	})
}
