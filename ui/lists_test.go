package ui_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/uitest"
)

// firstColumn is what a list says at the left, from the top.
func firstColumn(d *uitest.Driver, among ...string) (all []string) {
	for line := range strings.SplitSeq(d.Screen(), "\n") {
		if strings.Contains(line, " · ") { // what stands below the list
			continue
		}
		for _, word := range among {
			if strings.HasPrefix(strings.TrimLeft(line, " ▌✓"), word) && len(line) > 30 {
				all = append(all, word)
			}
		}
	}
	return all
}

// listed are the images of the list, name and version.
func listed(d *uitest.Driver) (all []string) {
	for line := range strings.SplitSeq(d.Screen(), "\n") {
		fields := strings.Fields(strings.TrimLeft(line, " ▌✓"))
		if len(fields) > 4 && strings.Contains(fields[0], ".com/") && (fields[3] == "MB" || fields[3] == "GB") {
			all = append(all, fields[0]+" "+fields[1])
		}
	}
	return all
}

func TestImagesAreSortedByEachColumnBothWays(t *testing.T) {
	uitest.Run(t, uitest.Setup{W: 120, H: 40, Engine: recordings(t)}, func(d *uitest.Driver) {
		d.Sees("5 images")
		names := []string{"coreos.com/etcd", "example.com/env-printer", "example.com/reduce-worker", "example.com/worker-backup"}
		for _, c := range []struct{ by, first, last string }{
			{"name", names[0], names[3]},
			{"age", names[0], names[0]}, // the newest by name, and the oldest
			{"size", names[0], names[3]},
			{"version", names[0], names[1]},
			{"signer", names[0], names[3]},
		} {
			d.Sees("5 images · by " + c.by)
			forward := listed(d)
			if got := firstColumn(d, names...); got[0] != c.first || got[len(got)-1] != c.last {
				t.Errorf("by %s: %q", c.by, got)
			}
			d.Press(keymap.ImagesReverse).Sees("by " + c.by + ", reversed")
			if backward := listed(d); backward[0] == forward[0] || slices.Equal(backward, forward) {
				if c.by != "size" { // of which four have the same
					t.Errorf("by %s, the other way round: %q", c.by, backward)
				}
			}
			d.Press(keymap.ImagesReverse).SeesNot("reversed").Press(keymap.ImagesSort)
		}
		d.Sees("by name").Press(keymap.ImagesSort, keymap.GoPods, keymap.GoImages, keymap.Redraw).Sees("by age") // it is kept
	})
}

func TestSeveralImagesAreRemovedWithOneQuestion(t *testing.T) {
	e := recordings(t)
	uitest.Run(t, uitest.Setup{Engine: e}, func(d *uitest.Driver) {
		d.Sees("5 images").Press(keymap.ImagesFilter).Type("etcd").Press(keymap.EditAccept, keymap.ImagesMarkAll).Sees("2 selected").
			Press(keymap.ImagesMarkAll).SeesNot("selected").Press(keymap.ImagesMarkAll, keymap.Back).
			Press(keymap.ImagesFilter).Type("worker").Press(keymap.EditAccept).Sees("2 selected (2 hidden)").
			Press(keymap.ImagesInvert).Sees("4 selected (2 hidden)").
			Press(keymap.ImagesRemove).Sees("Remove 2 images?", "example.com/reduce-worker 1.4.0", "example.com/worker-backup 2.0.1"). // what is hidden is not named, and stays
			Press(keymap.DialogNo).Sees("4 selected").Press(keymap.ImagesRemove).
			Pass(time.Second).Press(keymap.DialogYes).Sees("removed 2 images", "2 selected (2 hidden)").
			Press(keymap.Back).Sees("3 images", "2 selected").Press(keymap.ImagesChoose).Sees("2 apps")
	})
	images, err := e.Images()
	if err != nil || len(images) != 3 {
		t.Errorf("%d are left, %v", len(images), err)
	}
}

func TestPodsAreTurnedRoundAndInverted(t *testing.T) {
	e := recordings(t)
	e.AddPods(uitest.Pods()...)
	uitest.Run(t, uitest.Setup{W: 120, H: 40, Engine: e, Options: ui.Options{Start: ui.StartPods}}, func(d *uitest.Driver) {
		d.Sees("2 pods", "by newest")
		before := firstColumn(d, "b27d10f4", "77aa03be")
		d.Press(keymap.PodsReverse).Sees("by newest, reversed")
		after := firstColumn(d, "b27d10f4", "77aa03be")
		if before[0] != after[1] || before[1] != after[0] {
			t.Errorf("%q, and the other way round %q", before, after)
		}
		d.Press(keymap.PodsSort).Sees("by name, reversed").Press(keymap.PodsReverse, keymap.PodsMark).Sees("1 selected").
			Press(keymap.PodsInvert).Sees("1 selected").Press(keymap.PodsInvert, keymap.PodsMarkAll).Sees("2 selected").
			Press(keymap.PodsInvert).SeesNot("selected")
	})
}

func TestSeveralKeysAreRemovedWithOneQuestion(t *testing.T) {
	uitest.Run(t, uitest.Setup{W: 120, H: 40, Engine: everything(t), Options: atTrust()}, func(d *uitest.Driver) {
		d.Sees("6 keys").Press(keymap.TrustReverse).Sees("by prefix, reversed").Press(keymap.TrustReverse)
		d.Press(keymap.TrustFilter).Type("coreos").Press(keymap.EditAccept, keymap.TrustMarkAll).Sees("selected")
		shown := d.Screen()
		d.Press(keymap.TrustInvert).SeesNot("selected").Press(keymap.TrustInvert)
		if d.Screen() != shown {
			t.Errorf("twice turned round it is\n%s", d.Screen())
		}
		d.Press(keymap.Back, keymap.Back).SeesNot("selected") // one level each: the search, the selection
		d.Press(keymap.TrustMark, keymap.TrustMark).Sees("2 selected").Press(keymap.TrustRemove).Sees("No longer believe 2?").
			Press(keymap.DialogNo).Sees("2 selected").Press(keymap.TrustRemove).Pass(time.Second).Press(keymap.DialogYes).
			Sees("no longer believed: 2 of the list").SeesNot("selected")
	})
}
