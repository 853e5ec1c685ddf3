package ui_test

import (
	"errors"
	"fmt"
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
			Pass(time.Second).Press(keymap.DialogTake).Sees("nothing was trusted", "for          example.com")
	})
	wantChanges(t, got)
}

// A key that is not agreed to leaves the form as it was, and the next form is empty.
func TestAnAnswerOfNoKeepsWhatWasTyped(t *testing.T) {
	for _, no := range []string{"n", "esc", "ctrl+c", "enter", "h enter", "shift+tab enter", "left left enter"} {
		got := trust(t, recordings(t), func(d *uitest.Driver) {
			add(d, onePage, "example.com").Sees("n no · y yes").SeesNot("tells why").Key(strings.Fields(no)...).
				SeesNot("Trust this key").Sees("add key      "+onePage, "for          example.com", "1 key ", "esc as it was").
				Press(keymap.EditAccept).Sees("Trust this key").Pass(time.Second).Press(keymap.DialogNo).
				Press(keymap.EditCancel).Sees("add key      " + onePage).Press(keymap.EditCancel).Sees("6 keys").
				Press(keymap.TrustAdd).Sees("a file or an https URL").SeesNot("example.com/pub")
		})
		wantChanges(t, got)
	}
}

func TestEachOfSeveralKeysIsAskedAbout(t *testing.T) {
	got := trust(t, recordings(t), func(d *uitest.Driver) {
		add(d, teamPage, "example.com").Sees("1 of 3 keys", "Reduce Team <", "[ stop ]", "skip this key").
			Press(keymap.DialogRight, keymap.DialogRight, keymap.DialogTake).
			Sees("2 of 3 keys", "Reduce Team, spare").Pass(time.Second).Press(keymap.DialogYes).
			Sees("3 of 3 keys: This key can't be trusted.", "✗ weak: RSA 1024", "go on").Pass(time.Second).Press(keymap.DialogRight, keymap.DialogTake).
			Sees("what became of 3 keys", "✗ not trusted  B4A3 9281  Reduce Team <", "skipped",
				"✓ trusted      0112 2334  Reduce Team, spare", "trusted for example.com", "0BAD C0DE  Old Team", "weak: RSA 1024").
			Press(keymap.DialogNo).Sees("7 keys", "▌  Reduce Team, spare")
	})
	wantChanges(t, got, "trust example.com a1b2c3d4e5f60718293a4b5c6d7e8f9001122334")
}

// To stop is not to skip: nobody is asked about the rest, and what was done is told.
func TestTheQuestionsAboutSeveralKeysCanBeStopped(t *testing.T) {
	for _, no := range []string{"n", "esc", "ctrl+c", "enter"} {
		got := trust(t, recordings(t), func(d *uitest.Driver) {
			add(d, teamPage, "example.com").Key(no).Sees("nothing was trusted", "for          example.com", "3 keys").
				Press(keymap.EditAccept).Pass(time.Second).Press(keymap.DialogYes).Sees("2 of 3 keys").Pass(time.Second).Key(no).
				Sees("what became of 3 keys", "✓ trusted", "nobody was asked about it").
				Press(keymap.DialogNo).Sees("7 keys", "▌  Reduce Team <")
		})
		wantChanges(t, got, "trust example.com "+freshKey)
	}
}

// A failure ends the questions, and hides nothing of what was done before.
func TestWhatWasDoneBeforeAFailureIsTold(t *testing.T) {
	e := recordings(t)
	trust(t, e, func(d *uitest.Driver) {
		add(d, teamPage, "example.com").Press(keymap.DialogYes).Sees("2 of 3 keys").Pass(time.Second)
		e.FailTrust(errors.New("no space left on device"))
		d.Press(keymap.DialogYes).Sees("✓ trusted      B4A3 9281", "no space left on device", "nobody was asked about it").
			Press(keymap.DialogNo).Sees("7 keys")
	})
}

// What can't be trusted is marked before it is asked about, and not offered.
func TestAKeyThatNobodyShouldTrustIsNotOffered(t *testing.T) {
	got := trust(t, recordings(t), func(d *uitest.Driver) {
		add(d, "https://example.com/weak.asc", "example.com").Sees("This key can't be trusted.", "✗ weak: RSA 1024", "[ close ]", "another key").
			SeesNot("y yes").Press(keymap.DialogYes, keymap.DialogRight, keymap.DialogTake).
			Sees("nothing was trusted", "✗ weak  Old Team", "for          example.com")
	})
	wantChanges(t, got)
}

// A revocation is a question of its own: what it takes away is said before and after.
func TestARevocationSaysWhatItStops(t *testing.T) {
	const revokedPage, anewPage = "https://example.com/revoked.asc", "https://example.com/anew.asc"
	got := trust(t, recordings(t), func(d *uitest.Driver) {
		add(d, revokedPage, "other.org").
			Sees("Take over the revocation of CoreOS Builds", "✗ revoked: the key was", "It is trusted here for coreos.com",
				"1 image will no longer run: coreos.com/etcd 2.3.7.", "revoke").SeesNot("Trust this key").
			Press(keymap.DialogYes).Sees("revoked, 1 image no longer runs: CoreOS Builds", "✗ revoked", "▌  CoreOS Builds", "6 keys").
			SeesNot("trusted for")
		add(d, anewPage, "other.org").Sees("This key can't be trusted.", "✗ revoked: this copy is older").Press(keymap.DialogTake, keymap.EditCancel, keymap.EditCancel)
		d.Sees("▌  CoreOS Builds").Press(keymap.TrustRemove).Sees("revocation is forgotten with it: an older copy")
		d.Pass(time.Second).Press(keymap.DialogYes).Sees("5 keys")
	})
	wantChanges(t, got, "trust other.org "+uitest.CoreOSKey, "distrust coreos.com "+uitest.CoreOSKey)
}

// A key that counts in other places too goes on doing so.
func TestRemovingOneOfTwoPlacesSaysWhereTheKeyStillCounts(t *testing.T) {
	trust(t, recordings(t), func(d *uitest.Driver) {
		add(d, "https://example.com/anew.asc", "coreos.com/etcd").Press(keymap.DialogYes).Sees("7 keys", "▌  CoreOS Builds").
			Press(keymap.TrustRemove).Sees("for coreos.com/etcd?", "still counts for coreos.com,", "nothing stops running").Press(keymap.DialogNo)
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
			Pass(time.Second).Press(keymap.DialogNo, keymap.EditCancel, keymap.EditCancel, keymap.TrustAdd).Type(onePage).Press(keymap.EditAccept).Type("example.com").
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

// A file that is not there is said so where it is typed, and what was typed ahead of
// that goes nowhere else.
func TestAMissingKeyFileIsTypedAgain(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.asc")
	got := trust(t, recordings(t), func(d *uitest.Driver) {
		d.Sees("6 keys").Press(keymap.TrustAdd).Type(missing).Pass(time.Second).Press(keymap.EditAccept).Sees("reading").
			Type("example.com").Press(keymap.EditAccept).Sees("no such file or directory", "add key      "+missing).SeesNot("for  ")
		d.Type("x").Sees(missing + "x").SeesNot("no such file")
		d.Press(keymap.EditAccept).Sees("reading").Press(keymap.EditCancel).SeesNot("reading").Pass(time.Second).
			Sees("add key").SeesNot("no such file").Press(keymap.EditCancel).Sees("6 keys")
	})
	wantChanges(t, got)
}

func TestNamesThatFitAreCounted(t *testing.T) {
	folder := t.TempDir()
	for i := range 40 {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("key-%02d.asc", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trust(t, recordings(t), func(d *uitest.Driver) {
		d.Sees("6 keys").Press(keymap.TrustAdd).Type(folder+"/k").Sees("key-00.asc", "more, 40 in all")
	})
}

// Names that begin alike are told by their ends, however narrow the list is.
func TestLongPrefixesAreToldApart(t *testing.T) {
	e := recordings(t)
	t0, _ := e.Trusted()
	const long = "example.com/a-team-with-a-long-name/and-a-long-service/"
	for i, end := range []string{"one", "two"} {
		k := t0.Keys[1]
		k.Scope = long + end
		k.Fingerprint = strings.Repeat(fmt.Sprint(i+1), 40)
		t0.Keys = append(t0.Keys, k)
	}
	e.SetTrusted(t0)
	for _, w := range []int{60, 80, 100, 139, 160, 240} {
		uitest.Run(t, uitest.Setup{W: w, H: 40, Engine: e, Options: atTrust()}, func(d *uitest.Driver) {
			d.Sees("8 keys", "vice/one", "vice/two", "coreos.com/rkt ", "example.com ")
			if w == 139 || w == 240 {
				d.Sees("CoreOS Builds <builds@")
			}
			if w == 240 {
				d.Sees(long + "one")
			}
		})
	}
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
		d.Sees("6 keys").Press(keymap.TrustFilter).Type("rkt@").Press(keymap.EditAccept).Sees("▌  rkt builds", "with rkt").
			Press(keymap.TrustRemove).Sees("it is", "masked here", "No image that is here depends on it").Pass(time.Second).
			Press(keymap.DialogOther, keymap.DialogTake).Sees("masked for coreos.com/rkt: rkt builds")
	})
}

func TestAnApprovalIsWithdrawn(t *testing.T) {
	got := trust(t, recordings(t), func(d *uitest.Driver) {
		d.Sees("1 approved").Press(keymap.End).Sees("looked at by hand", "2026-03-02 10:00").
			Press(keymap.TrustRemove).Sees("Withdraw the approval of", "│ docker://registry.test/backup@9f3a1c77e02b…?").Pass(time.Second).
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
			Resize(80, 24).Sees("nothing was trusted", "add key      "+onePage, "for          example.com")
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
