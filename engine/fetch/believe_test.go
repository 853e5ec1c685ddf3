package fetch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/enginetest/origin"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/trust"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/store"
)

// What is below an image runs with it: it has to be vouched for at each run too,
// however it came.
func TestEveryImageBelowIsAskedAboutAtEachRun(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]fetch.Verify{"with the flag": {Skip: true}, "unsigned": {AllowUnsigned: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, key := newWorld(t), gpg.New(t).Key("Example Builds")
			w.trusts("example.com", key)
			w.signs(part("top", "base"), "latest", key)
			w.publish(part("base"), "latest")
			img, err := w.verify("example.com/top", asked{Verify: how})
			if err != nil || img.Verified != nil {
				t.Fatalf("%v %v", err, img.Verified)
			}
			_, err = w.verify("example.com/top", asked{})
			if u := refusedAs(t, err, refusal.NoSignature); !strings.HasPrefix(u.Image, "example.com/base") {
				t.Errorf("%v", err)
			}
			if entry := img.Entry(); entry.VerifiedBy != "" {
				t.Errorf("listed as verified by %s", entry.VerifiedBy)
			}
			w.signs(part("base"), "latest", key)
			if img, err = w.verify("example.com/top", asked{}); err != nil || img.Verified == nil {
				t.Errorf("signed later: %v", err)
			}
		})
	}
}

func TestTheKeyOfAnImageBelowIsRemoved(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	w, top, base := newWorld(t), home.Key("Top Builds"), home.Key("Base Builds")
	w.trusts("example.com/top", top)
	w.trusts("example.com/base", base)
	w.signs(part("base"), "latest", base)
	w.signs(part("top", "base"), "latest", top)
	img, err := w.verify("example.com/top", asked{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.trust().Remove(base.Fingerprint(), nil); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{"example.com/top", img.ID} {
		_, err := w.verify(ref, asked{})
		refusedAs(t, err, refusal.UnknownKey)
	}
	if w.fetcher.Vouched(img).Verified != nil {
		t.Error("it is shown as verified")
	}
}

// A stack that came unverified isn't below an image that is verified later.
func TestAStackIsTheOneThatWasVerified(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.trusts("example.com", key)
	w.signs(part("top", "base"), "latest", key)
	evil := part("base")
	evil.files = map[string]string{"/who": "evil"}
	w.publish(evil, "latest")
	w.must("example.com/top")
	good := part("base")
	w.signs(good, "latest", key)
	_, id := good.build(t)
	w.Host("s.test").File("/copy.aci", part("top", "base").bytes(t))
	w.Host("s.test").File("/copy.aci.asc", key.Sign(part("top", "base").bytes(t)))
	img, err := w.verify("https://s.test/copy.aci", asked{policy: spec.PullUpdate})
	if err != nil || len(img.Dependencies) != 1 || img.Dependencies[0] != id {
		t.Errorf("%v: it stands on %v, want %s", err, img.Dependencies, id)
	}
}

// The name that counts is that of the bytes that are unpacked.
func TestAnotherNameWhileTheManifestIsRead(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.trusts("example.com/good", key)
	evil := aci{name: "victim.org/evil", files: map[string]string{"/x": "evil"}}.bytes(t)
	good := aci{name: "example.com/good", files: map[string]string{"/x": "good"}}.bytes(t)
	path := filepath.Join(t.TempDir(), "x.aci")
	put := func(data []byte) {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
		if err == nil {
			_, err = f.WriteAt(data, 0)
			f.Close()
		}
		if err != nil {
			t.Error(err)
		}
	}
	put(evil)
	if err := os.WriteFile(path+".asc", key.Sign(evil), 0o644); err != nil {
		t.Fatal(err)
	}
	shown := false
	_, err := w.fetcher.Fetch(t.Context(), fetch.Request{Ref: parse(t, path), Sink: func(e event.Event) {
		switch {
		case e.Type == event.ImageVerify && e.State == event.Started && e.Total > 0 && e.Bytes >= e.Total:
			put(good)
		case e.Type == event.ImageVerify && e.State == event.Done:
			shown = true
			put(evil)
		}
	}})
	if list, _ := w.store().List(); !shown || err == nil || len(list) > 0 {
		t.Errorf("%v, stored %v", err, list)
	}
}

// Nothing is taken that nobody vouches for any more when it has come.
func TestAKeyThatGoesMeanwhile(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.trusts("example.com", key)
	w.signs(app("1.0"), "1.0", key)
	_, err := w.fetcher.Fetch(t.Context(), fetch.Request{Ref: parse(t, reference), Sink: func(e event.Event) {
		if e.Type == event.ImageUnpack && e.State == event.Started && e.Bytes == 0 {
			if _, err := w.trust().Remove(key.Fingerprint(), nil); err != nil {
				t.Error(err)
			}
		}
	}})
	refusedAs(t, err, refusal.UnknownKey)
}

// Signed anew, with another digest: what is kept serves for every one that signers
// use.
func TestASignatureWithAnotherDigest(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	w, old, anew := newWorld(t), home.Key("Old"), home.Key("New")
	w.trusts("example.com", old)
	data := app("1.0").bytes(t)
	w.publish(app("1.0"), "1.0")
	for _, digest := range []string{"SHA256", "SHA384", "SHA512"} {
		w.Host("s.test").File(aciPath+".asc", old.Sign(data, gpg.Digest(digest)))
		if _, err := w.verify(reference, asked{}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.trust().Remove(old.Fingerprint(), nil); err != nil {
			t.Fatal(err)
		}
		w.trusts("example.com", anew)
		w.Host("s.test").File(aciPath+".asc", anew.Sign(data, gpg.Digest(digest)))
		served := w.Served(aciPath)
		if img, err := w.verify(reference, asked{}); err != nil || img.Verified.Key != anew.Fingerprint() || w.Served(aciPath) != served {
			t.Errorf("%s: %v", digest, err)
		}
		old, anew = anew, old
	}
}

// Of two copies in different archives, the signature of one is not over the other;
// an update brings what it is over.
func TestAnUpdateBringsWhatTheSignatureIsOver(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	w, one, two := newWorld(t), home.Key("One"), home.Key("Two")
	w.trusts("example.com", one)
	w.trusts("example.com", two)
	w.signs(app("1.0"), "1.0", one).ETag(`"one"`)
	if _, err := w.verify(reference, asked{}); err != nil {
		t.Fatal(err)
	}
	packed := app("1.0")
	packed.compressed = "xz"
	w.Host("s.test").File("/b.aci", packed.bytes(t))
	w.Host("s.test").File("/b.aci.asc", two.Sign(packed.bytes(t)))
	if _, err := w.verify("https://s.test/b.aci", asked{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.trust().Remove(two.Fingerprint(), nil); err != nil {
		t.Fatal(err)
	}
	if img, err := w.verify(reference, asked{policy: spec.PullUpdate}); err != nil || img.Verified.Key != one.Fingerprint() {
		t.Errorf("%v", err)
	}
}

// An older podtui kept nothing that a signature can be held against.
func TestAnUpdateBringsWhatNothingIsKnownOf(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.trusts("example.com", key)
	w.signs(app("1.0"), "1.0", key).ETag(`"x"`)
	img := w.must(reference)
	known, _, err := w.store().Recall("example.com/app:1.0,arch=" + goarch + ",os=linux")
	if err == nil {
		err = w.store().Remove(img.ID)
	}
	if err == nil {
		_, _, err = w.store().Import(t.Context(), bytes.NewReader(app("1.0").bytes(t)), store.ImportOptions{})
	}
	if err == nil {
		err = w.store().Remember(known)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.verify(reference, asked{})
	refusedAs(t, err, refusal.NoSignature)
	if img, err = w.verify(reference, asked{policy: spec.PullUpdate}); err != nil || img.Verified == nil {
		t.Errorf("%v", err)
	}
}

// Only what carries no signature comes without one: not what can't be asked.
func TestWhatCantBeAskedIsNotUnsigned(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.trusts("example.com", key)
	w.signs(app("1.0"), "1.0", key)
	w.must(reference)
	allow := fetch.Verify{AllowUnsigned: true}
	missing := fetch.Verify{AllowUnsigned: true, Signature: filepath.Join(t.TempDir(), "nothing.asc")}
	if _, err := w.verify(reference, asked{Verify: missing}); err == nil || !strings.Contains(err.Error(), "nothing.asc") {
		t.Errorf("a file that is not there: %v", err)
	}
	w.Host("s.test").File(aciPath+".asc", nil).Always(origin.Status(500))
	if _, err := w.verify(reference, asked{Verify: allow}); err == nil {
		t.Error("a server that fails: it is taken")
	}
	for _, v := range []fetch.Verify{{}, allow} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := w.fetcher.Fetch(ctx, fetch.Request{Ref: parse(t, reference), Verify: v, Sink: func(e event.Event) {
			if e.Type == event.ImageVerify && e.State == event.Started {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		cancel()
	}
}

// A download is thrown away for what is wrong with it, and for nothing else.
func TestAGoodDownloadOutlivesAWrongSignature(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.trusts("example.com", key)
	w.signs(app("1.0"), "1.0", key)
	wrong := filepath.Join(t.TempDir(), "wrong.asc")
	if err := os.WriteFile(wrong, key.Sign([]byte("other")), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := w.verify(reference, asked{Verify: fetch.Verify{Signature: wrong}})
	refusedAs(t, err, refusal.BadSignature)
	served := w.Served(aciPath)
	if _, err := w.verify(reference, asked{}); err != nil || w.Served(aciPath) > served+100 {
		t.Errorf("%v, served %d and then %d", err, served, w.Served(aciPath))
	}
}

// Keys that a site names are trusted once they have signed well, and no others.
func TestKeysAreAdoptedForAGoodSignatureAlone(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	w, key, other := newWorld(t), home.Key("Example Builds"), home.Key("Bystander")
	w.signs(app("1.0"), "1.0", key)
	w.Host("example.com").File("/keys.gpg", append(key.Armored(), other.Armored()...))
	w.Host("s.test").File(aciPath+".asc", key.Sign([]byte("something else")))
	w.options.TrustOffered = true
	w.fetcher = w.open()
	_, err := w.verify(reference, asked{})
	refusedAs(t, err, refusal.BadSignature)
	if held, _ := w.trust().Keys(); len(held) > 0 {
		t.Errorf("trusted %+v", held)
	}
	w.Host("s.test").File(aciPath+".asc", key.Sign(app("1.0").bytes(t)))
	if _, err := w.verify(reference, asked{}); err != nil {
		t.Fatal(err)
	}
	if held, _ := w.trust().Keys(); len(held) != 1 || held[0].Key.Fingerprint() != key.Fingerprint() {
		t.Errorf("trusted %+v", held)
	}
}

func TestARefusalTellsNoSecret(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.signs(app("1.0"), "1.0", key)
	_, err := w.verify("https://s.test"+aciPath+"?token=SECRET", asked{})
	if refusedAs(t, err, refusal.UnknownKey); strings.Contains(err.Error(), "SECRET") {
		t.Errorf("%v", err)
	}
}

// Who can't read whom to believe doesn't call a key unknown.
func TestAFolderOfKeysThatCantBeRead(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.signs(app("1.0"), "1.0", key)
	if err := os.MkdirAll(w.options.ConfigDir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.options.ConfigDir, "trustedkeys"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := w.verify(reference, asked{})
	var unverified *fetch.UnverifiedError
	if err == nil || errors.As(err, &unverified) || !strings.Contains(err.Error(), "trustedkeys") {
		t.Errorf("%v", err)
	}
}

// An image that is stacked on what its dependencies were is stacked anew.
func TestADependencyThatWasStackedAnew(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.trusts("example.com", key)
	w.signs(part("bottom"), "latest", key)
	w.signs(part("base", "bottom"), "latest", key)
	w.signs(part("top", "base"), "latest", key)
	if _, err := w.verify("example.com/top", asked{}); err != nil {
		t.Fatal(err)
	}
	newer := part("bottom")
	newer.files = map[string]string{"/who": "newer"}
	w.signs(newer, "latest", key)
	data := part("base", "bottom").bytes(t)
	w.Host("s.test").File("/copy.aci", data)
	w.Host("s.test").File("/copy.aci.asc", key.Sign(data))
	if _, err := w.verify("https://s.test/copy.aci", asked{policy: spec.PullUpdate}); err != nil {
		t.Fatal(err)
	}
	img, err := w.verify("example.com/top", asked{})
	if err != nil {
		t.Fatal(err)
	}
	below, err := w.store().Below(img)
	if err == nil {
		below, err = w.store().Below(below[0])
	}
	if _, id := newer.build(t); err != nil || len(below) != 1 || below[0].ID != id {
		t.Errorf("%v: it doesn't stand on %s", err, id)
	}
}

// What an image stands on when it is taken is what counts, and not what came first.
func TestAnImageBelowThatChangesMeanwhile(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.trusts("example.com", key)
	w.signs(part("top", "mid", "last"), "latest", key)
	w.signs(part("mid", "base"), "latest", key).ETag(`"one"`)
	w.signs(part("base"), "latest", key).ETag(`"one"`)
	w.signs(part("last"), "latest", key)
	other, done := w.open(), false
	img, err := w.fetcher.Fetch(t.Context(), fetch.Request{Ref: parse(t, "example.com/top"), Sink: func(e event.Event) {
		if done || e.Image != "example.com/last" || e.Type != event.ImageSearch || e.State != event.Started {
			return
		}
		done = true
		evil := part("base")
		evil.files = map[string]string{"/evil": "evil"}
		w.publish(evil, "latest").ETag(`"two"`)
		w.publish(part("mid", "base"), "latest").ETag(`"two"`)
		if _, err := fetchBy(t.Context(), other, "example.com/mid", spec.PullUpdate, nil); err != nil {
			t.Error(err)
		}
	}})
	if !done || err == nil {
		t.Errorf("%v: it stands on %v", err, w.root(img))
	}
}

func TestNoImageIsBelowItself(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.trusts("example.com", key)
	w.signs(part("x"), "latest", key)
	w.signs(part("b", "x"), "latest", key).ETag(`"b"`)
	if _, err := w.verify("example.com/b", asked{}); err != nil {
		t.Fatal(err)
	}
	newer := part("x", "b")
	newer.files = map[string]string{"/n": "new"}
	w.signs(newer, "latest", key)
	if _, err := w.verify("example.com/x", asked{policy: spec.PullUpdate}); err != nil {
		t.Fatal(err)
	}
	data := part("b", "x").bytes(t)
	w.Host("s.test").File("/copy.aci", data)
	w.Host("s.test").File("/copy.aci.asc", key.Sign(data))
	_, err := w.verify("https://s.test/copy.aci", asked{})
	var circle *fetch.CycleError
	if !errors.As(err, &circle) {
		t.Errorf("%v", err)
	}
	if _, err := w.verify("example.com/b", asked{}); err != nil {
		t.Errorf("as it was: %v", err)
	}
}

func TestAStackThatMovedDeepBelow(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.trusts("example.com", key)
	for _, names := range [][]string{{"floor"}, {"base", "floor"}, {"mid", "base"}, {"top", "mid"}} {
		w.signs(part(names[0], names[1:]...), "latest", key).ETag(`"1"`)
	}
	if _, err := w.verify("example.com/top", asked{}); err != nil {
		t.Fatal(err)
	}
	floor := part("floor")
	floor.files = map[string]string{"/new": "x"}
	w.signs(floor, "latest", key).ETag(`"2"`)
	w.signs(part("base", "floor"), "latest", key).ETag(`"2"`)
	if _, err := w.verify("example.com/base", asked{policy: spec.PullUpdate}); err != nil {
		t.Fatal(err)
	}
	img, err := w.verify("example.com/top", asked{})
	if err != nil || !w.root(img)["/new"] {
		t.Errorf("%v: it stands on %v", err, w.root(img))
	}
}

// An approval doesn't make a given signature good.
func TestAGivenSignatureBesideAnApproval(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.trusts("example.com", key)
	w.publish(app("1.0"), "1.0")
	img := w.must(reference)
	pin, err := trust.ParsePin(img.ID)
	if err == nil {
		_, err = w.trust().Approve(pin, "")
	}
	wrong := filepath.Join(t.TempDir(), "wrong.asc")
	if err == nil {
		err = os.WriteFile(wrong, key.Sign([]byte("other")), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.verify(reference, asked{Verify: fetch.Verify{Signature: wrong}})
	refusedAs(t, err, refusal.BadSignature)
}

// A yes to one image is none to those below it, nor to another of its name.
func TestOneImageIsAllowed(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.trusts("example.com", key)
	w.signs(part("top", "plain", "forged"), "latest", key)
	w.publish(part("plain"), "latest")
	w.signs(part("forged"), "latest", key)
	w.Host("s.test").File("/example.com/forged-latest-linux-"+goarch+".aci.asc", key.Sign([]byte("x")))
	_, err := w.verify("example.com/top", asked{})
	u := refusedAs(t, err, refusal.NoSignature)
	allow := fetch.Verify{Allow: map[string]string{u.Image: ""}}
	_, err = w.verify("example.com/top", asked{Verify: allow})
	refusedAs(t, err, refusal.BadSignature)

	w.signs(part("fine", "plain"), "latest", key)
	if img, err := w.verify("example.com/fine", asked{Verify: allow}); err != nil || img.Verified != nil {
		t.Errorf("what stands on it: %v %v", err, img.Verified)
	}
	_, err = w.verify("example.com/fine", asked{})
	refusedAs(t, err, refusal.NoSignature)

	w.publish(app("1.0"), "1.0")
	img := w.must(reference)
	newer := app("1.0")
	newer.files = map[string]string{"/n": "newer"}
	w.publish(newer, "1.0")
	this := fetch.Verify{Allow: map[string]string{reference: img.ID}}
	if got, err := w.verify(reference, asked{Verify: this}); err != nil || got.ID != img.ID {
		t.Errorf("the one that was allowed: %v", err)
	}
	_, err = w.verify(reference, asked{Verify: this, policy: spec.PullUpdate})
	refusedAs(t, err, refusal.NoSignature)
}

// Who makes images of thirty storeys, each on two of the next, makes nobody wait.
func TestStoreysOfDiamonds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const storeys = 30
	for i := range storeys {
		for _, side := range []string{"left", "right"} {
			p := part(fmt.Sprint(side, i))
			if i > 0 {
				p = part(fmt.Sprint(side, i), fmt.Sprint("left", i-1), fmt.Sprint("right", i-1))
			}
			p.files = map[string]string{fmt.Sprint("/", side, i): ""}
			w.publish(p, "latest")
		}
	}
	top := fmt.Sprint("example.com/left", storeys-1)
	for range 2 { // as it comes, and from the store
		if _, err := w.verify(top, asked{Verify: fetch.Verify{Skip: true}}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.verify(top, asked{Verify: fetch.Verify{AllowUnsigned: true}}); err != nil {
			t.Fatal(err)
		}
	}
}
