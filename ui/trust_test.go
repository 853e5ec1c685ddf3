package ui_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/uitest"
)

const (
	onePage  = "https://example.com/pubkeys.asc"
	teamPage = "https://example.com/team.asc"
	freshKey = "4e9d2b8c7a6f5e4d3c2b1a09f8e7d6c5b4a39281"
)

// trust walks through the Trust screen, wide enough for whole names, and returns
// what the engine was asked to change.
func trust(t *testing.T, e *enginetest.Scripted, journey func(d *uitest.Driver)) []string {
	t.Helper()
	uitest.Run(t, uitest.Setup{W: 120, H: 40, Engine: e, Options: atTrust()}, journey)
	var changes []string
	for _, asked := range e.Asked() {
		if !strings.HasPrefix(asked, "keys ") {
			changes = append(changes, asked)
		}
	}
	return changes
}

func wantChanges(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("changed %q, want %q", got, want)
	}
}

// add says where a key is and which images it is for, up to the question.
func add(d *uitest.Driver, source, prefix string) *uitest.Driver {
	return d.Sees("6 keys").Press(keymap.TrustAdd).Type(source).Press(keymap.EditAccept).Type(prefix).Press(keymap.EditAccept).Pass(time.Second)
}

func TestAKeyIsLookedAtAndTrusted(t *testing.T) {
	got := trust(t, recordings(t), func(d *uitest.Driver) {
		add(d, onePage, "example.com/reduce-worker").
			Sees("Trust this key for example.com/reduce-worker", "4E9D 2B8C 7A6F 5E4D 3C2B  1A09 F8E7 D6C5 B4A3 9281", "over TLS").
			Press(keymap.DialogYes).
			Sees("trusted for example.com/reduce-worker: Reduce Team", "7 keys", "▌  Reduce Team <reduce@example.com>")
	})
	wantChanges(t, got, "trust example.com/reduce-worker "+freshKey)
}

// The Enter that was meant for the line before is no answer, and one that is meant
// takes what is chosen, which is to cancel.
func TestAReflexTrustsNoKey(t *testing.T) {
	got := trust(t, recordings(t), func(d *uitest.Driver) {
		d.Sees("6 keys").Press(keymap.TrustAdd).Type(onePage).Press(keymap.EditAccept).Type("example.com").Sees("1 key ").
			Press(keymap.EditAccept).Key("y", "enter").Sees("Trust this key for example.com").
			Pass(time.Second).Press(keymap.DialogTake).Sees("nothing was trusted", "6 keys")
	})
	wantChanges(t, got)
}

func TestEachOfSeveralKeysIsAskedAbout(t *testing.T) {
	got := trust(t, recordings(t), func(d *uitest.Driver) {
		add(d, teamPage, "example.com").Sees("1 of 3 keys", "Reduce Team <").Press(keymap.DialogNo).
			Sees("2 of 3 keys", "Reduce Team, spare").Pass(time.Second).Press(keymap.DialogYes).
			Sees("3 of 3 keys", "✗ weak: RSA 1024").Pass(time.Second).Press(keymap.DialogNo).
			Sees("trusted for example.com: 1 of 3 keys", "7 keys", "▌  Reduce Team, spare")
	})
	wantChanges(t, got, "trust example.com a1b2c3d4e5f60718293a4b5c6d7e8f9001122334")
}

// A key that can't be trusted is said so, and those that were count.
func TestAWeakKeyIsRefusedAndTheOthersCount(t *testing.T) {
	trust(t, recordings(t), func(d *uitest.Driver) {
		add(d, teamPage, "example.com").Press(keymap.DialogYes).Pass(time.Second).Press(keymap.DialogYes).
			Sees("3 of 3 keys").Pass(time.Second).Press(keymap.DialogYes).
			Sees("! weak: RSA 1024: it is not trusted here", "for          example.com").
			Press(keymap.EditCancel, keymap.EditCancel).Sees("8 keys", "Reduce Team, spare").Press(keymap.GoImages, keymap.GoTrust).Sees("8 keys")
	})
}

func TestAllImagesHaveToBeAskedFor(t *testing.T) {
	got := trust(t, recordings(t), func(d *uitest.Driver) {
		add(d, onePage, "").Sees("for which images?").SeesNot("Trust this key").
			Type("Example.com").Press(keymap.EditAccept).Sees("! ", "Example.com").SeesNot("Trust this key").
			Press(keymap.TrustForAll).Sees("ALL images", "have anything run here").
			Type("x").Press(keymap.EditAccept).Sees("Trust this key for ALL images?", "have anything run here").
			Pass(time.Second).Press(keymap.DialogYes).Sees("trusted for all images: Reduce Team")
	})
	wantChanges(t, got, "trust all "+freshKey)
}

func TestAFailedReadKeepsWhatWasTyped(t *testing.T) {
	got := trust(t, recordings(t), func(d *uitest.Driver) {
		add(d, "http://example.com/pubkeys.asc", "example.com").Sees("keys come over https only").
			Press(keymap.EditAccept).Sees("add key      http://example.com/pubkeys.asc").
			Press(keymap.EditHome).Key("right", "right", "right", "right").Type("s").
			Press(keymap.EditAccept, keymap.EditAccept).Sees("Trust this key for example.com")
	})
	wantChanges(t, got)
}

// What is typed while a key is still read is not lost, and nothing that comes after
// esc opens a question.
func TestReadingAKeyHoldsNobodyUp(t *testing.T) {
	trust(t, recordings(t), func(d *uitest.Driver) {
		d.Sees("6 keys").Press(keymap.TrustAdd).Type(onePage).Press(keymap.EditAccept).Sees("reading").
			Type("example.com").Press(keymap.EditAccept).SeesNot("Trust this key").Sees("Trust this key for example.com").
			Pass(time.Second).Press(keymap.DialogNo, keymap.TrustAdd).Type(onePage).Press(keymap.EditAccept).Type("example.com").
			Press(keymap.EditAccept, keymap.EditCancel).Pass(time.Minute).SeesNot("Trust this key").
			Sees("add key      " + onePage)
	})
}

func TestAKeyFileIsCompletedByItsPath(t *testing.T) {
	e, folder := recordings(t), t.TempDir()
	file := filepath.Join(folder, "reduce.asc")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	e.KeyFiles[file] = []engine.Offer{{Key: e.KeyFiles[onePage][0].Key, Source: file}}
	got := trust(t, e, func(d *uitest.Driver) {
		d.Sees("6 keys").Press(keymap.TrustAdd).Type(folder + "/re").Sees("reduce.asc").
			Press(keymap.EditNext).Sees(file).Press(keymap.EditAccept).Type("example.com").Press(keymap.EditAccept).
			Sees("from         " + file).SeesNot("TLS")
		d.Pass(time.Second).Press(keymap.DialogYes).Sees("7 keys")
	})
	wantChanges(t, got, "trust example.com "+freshKey)
}

func TestAPastedAddressIsAKeyToAdd(t *testing.T) {
	trust(t, recordings(t), func(d *uitest.Driver) {
		d.Sees("6 keys").Paste(onePage + "\n").Sees("add key      " + onePage).Press(keymap.EditAccept).
			Paste("example.com\n").Sees("for          example.com").Press(keymap.EditAccept).Sees("Trust this key for example.com")
	})
}

// What a key's removal stops is said before, and is so after.
func TestRemovingAKeySaysWhatWouldNoLongerRun(t *testing.T) {
	got := trust(t, recordings(t), func(d *uitest.Driver) {
		d.Sees("6 keys").Press(keymap.TrustFilter).Type("18ad 5014").Sees("1 of 7").Press(keymap.EditAccept, keymap.TrustRemove).
			Sees("Remove Example Builds <builds@example.com> for example.com?", "Would no longer run: example.com/reduce-worker").
			Key("enter", "y").Sees("Remove Example").Pass(time.Second).Press(keymap.DialogYes).
			Sees("no longer trusted for example.com: Example Builds").
			Press(keymap.Back).Sees("5 keys").
			Press(keymap.GoImages, keymap.ImagesFilter).Type("reduce-worker").Sees("! not verified")
	})
	wantChanges(t, got, "distrust example.com "+uitest.ExampleKey)
}

func TestAKeyOfRktsPackagesIsMasked(t *testing.T) {
	trust(t, recordings(t), func(d *uitest.Driver) {
		d.Sees("6 keys").Press(keymap.TrustFilter).Type("rkt@").Press(keymap.EditAccept).Sees("▌  rkt builds", "rkt's packages").
			Press(keymap.TrustRemove).Sees("it is", "masked here", "No image that is here depends on it").Pass(time.Second).
			Press(keymap.DialogOther, keymap.DialogTake).Sees("masked for coreos.com/rkt: rkt builds")
	})
}

func TestAnApprovalIsWithdrawn(t *testing.T) {
	got := trust(t, recordings(t), func(d *uitest.Driver) {
		d.Sees("1 approved").Press(keymap.End).Sees("looked at by hand", "2026-03-02 10:00").
			Press(keymap.TrustRemove).Sees("Withdraw the approval of registry.test/backup@9f3a1c77e02b…?").Pass(time.Second).
			Press(keymap.DialogYes).Sees("no longer approved").SeesNot("1 approved")
	})
	wantChanges(t, got, "withdraw docker://registry.test/backup@sha256:"+strings.Repeat("9f3a1c77e02b5d4e", 4))
}

// Who may not write learns that, and can try again.
func TestAChangeThatFailsIsSaidSo(t *testing.T) {
	e := recordings(t)
	e.FailTrust(errors.New("/etc/podtui/trustedkeys: permission denied"))
	trust(t, e, func(d *uitest.Driver) {
		add(d, onePage, "example.com").Press(keymap.DialogYes).Sees("! /etc/podtui/trustedkeys: permission denied", "1 key ")
		e.FailTrust(nil)
		d.Press(keymap.EditAccept).Pass(time.Second).Press(keymap.DialogYes).Sees("trusted for example.com")
		e.FailTrust(errors.New("read-only file system"))
		d.Press(keymap.TrustRemove).Pass(time.Second).Press(keymap.DialogYes).Sees("! read-only file system", "7 keys")
	})
}

// Nobody can agree to what is not on the screen.
func TestAKeyThatCannotBeSeenCannotBeTrusted(t *testing.T) {
	got := trust(t, recordings(t), func(d *uitest.Driver) {
		add(d, onePage, "example.com").Resize(60, 9).Sees("too small").Press(keymap.DialogYes, keymap.DialogOther, keymap.DialogTake).
			Resize(80, 24).Sees("nothing was trusted")
	})
	wantChanges(t, got)
}

func TestTheHelpOfTheTrustScreenTellsItsKeys(t *testing.T) {
	uitest.Run(t, uitest.Setup{W: 120, H: 70, Engine: recordings(t), Options: atTrust()}, func(d *uitest.Driver) {
		d.Sees("6 keys").Press(keymap.Help)
		for _, section := range keymap.Default().Help(keymap.Trust, keymap.TrustFor) {
			d.Sees(string(section.Scope))
			for _, b := range section.Bindings {
				d.Sees(b.Help().Key, b.Help().Desc)
			}
		}
	})
}

func TestFilesThatDoNotCountAreTold(t *testing.T) {
	trust(t, recordings(t), func(d *uitest.Driver) {
		d.Sees("2 of the files with keys do not count; w tells why").Press(keymap.TrustWarnings).
			Sees("notes.txt: there is no key in it", "root.d/4b1f22a9: its key is 18ad5014")
	})
}

func TestWithoutKeysTheScreenSaysWhatTheyAreFor(t *testing.T) {
	e := recordings(t)
	e.SetTrusted(engine.Trusted{})
	trust(t, e, func(d *uitest.Driver) {
		d.Sees("No keys yet. An image runs unasked only if a key trusted here signed it.", "a adds one from a file or the web").
			Press(keymap.TrustRemove, keymap.TrustInspect, keymap.TrustSort, keymap.End).Sees("No keys yet").
			Press(keymap.Back).Sees("5 images")
	})
}

func TestKeysAreSortedAndTheCursorStays(t *testing.T) {
	trust(t, recordings(t), func(d *uitest.Driver) {
		d.Sees("by prefix").Press(keymap.Down).Sees("▌  CoreOS Builds").
			Press(keymap.TrustSort).Sees("by owner", "▌  CoreOS Builds").
			Press(keymap.TrustSort).Sees("by images", "▌  CoreOS Builds")
	})
}
