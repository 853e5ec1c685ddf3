package fetch_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/enginetest/origin"
	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/trust"
	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/store"
)

// asked is a reference that has to be vouched for.
type asked struct {
	fetch.Verify
	policy spec.PullPolicy
}

func (w *world) verify(reference string, a asked) (store.Image, error) {
	w.tb.Helper()
	return w.fetcher.Fetch(w.tb.Context(), fetch.Request{
		Ref: parse(w.tb, reference), Policy: a.policy, Verify: a.Verify, Sink: w.sink,
	})
}

// refusedAs is why nobody vouches for an image.
func refusedAs(tb testing.TB, err error, want refusal.Kind) *fetch.UnverifiedError {
	tb.Helper()
	var unverified *fetch.UnverifiedError
	if !errors.As(err, &unverified) || unverified.Refusal.Kind != want {
		tb.Fatalf("%v, want %v", err, want)
	}
	return unverified
}

func readKey(tb testing.TB, data []byte) *openpgp.Key {
	tb.Helper()
	keys, err := openpgp.ReadKeys(bytes.NewReader(data))
	if err != nil || len(keys) != 1 {
		tb.Fatalf("%d keys: %v", len(keys), err)
	}
	return keys[0]
}

// trusts adds a key to those that the host believes for a prefix.
func (w *world) trusts(prefix string, key gpg.Key) {
	w.tb.Helper()
	if _, err := w.trust().Add(trust.Scope(prefix), readKey(w.tb, key.Armored())); err != nil {
		w.tb.Fatal(err)
	}
}

// signs publishes an image with its signature, and its signer's keys.
func (w *world) signs(a aci, version string, key gpg.Key) *origin.Resource {
	w.tb.Helper()
	at := w.publish(a, version)
	path := "/" + a.name + "-" + version + "-linux-" + goarch + ".aci"
	w.Host("s.test").File(path+".asc", key.Sign(a.bytes(w.tb)))
	w.Host("example.com").File("/keys.gpg", key.Armored())
	return at
}

const (
	reference = "example.com/app:1.0"
	aciPath   = "/example.com/app-1.0-linux-" + goarch + ".aci"
)

func TestAnImageByNameIsVerifiedBeforeItIsUnpacked(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds <builds@example.com>")
	w.signs(app("1.0"), "1.0", key)
	w.trusts("example.com", key)
	img, err := w.verify(reference, asked{})
	if err != nil || img.Verified == nil || img.Verified.Key != key.Fingerprint() {
		t.Fatalf("%v %+v", err, img.Verified)
	}
	done, _ := w.saw(event.ImageVerify, event.Done)
	if done.Message != "Example Builds <builds@example.com>" || done.Key != key.Fingerprint() {
		t.Errorf("%+v", done)
	}
	var order []event.Type
	for _, e := range w.events {
		if e.State == event.Done {
			order = append(order, e.Type)
		}
	}
	want := []event.Type{event.ImageSearch, event.ImageFetch, event.ImageVerify, event.ImageUnpack}
	if len(order) != 4 || order[2] != want[2] || order[3] != want[3] {
		t.Errorf("in the order %v", order)
	}
	// The next run asks its record and nobody else.
	w.Forget()
	if img, err = w.verify(reference, asked{}); err != nil || img.Verified == nil || len(w.Requests()) > 0 {
		t.Errorf("%v %v, asked %v", err, img.Verified, w.Requests())
	}
}

// An unknown key is told before the image comes, with what its site says of it.
func TestAnUnknownKeyIsOfferedBeforeTheImageComes(t *testing.T) {
	t.Parallel()
	w, home := newWorld(t), gpg.New(t)
	key := home.Key("Example Builds <builds@example.com>")
	w.signs(app("1.0"), "1.0", key)
	_, err := w.verify(reference, asked{})
	u := refusedAs(t, err, refusal.UnknownKey)
	if w.Served(aciPath) > 0 {
		t.Error("the image came")
	}
	if len(u.Offers) != 1 || u.Offers[0].Key.Fingerprint != key.Fingerprint() || !u.Offers[0].TLS ||
		u.Offers[0].Source != "https://example.com/keys.gpg" || strings.Join(u.Offers[0].Prefixes, " ") != "example.com/app example.com" {
		t.Errorf("%+v", u.Offers)
	}
	if u.Refusal.UserID != "Example Builds <builds@example.com>" || u.Refusal.KeyID != key.KeyID() || u.Name != "example.com/app" {
		t.Errorf("%+v", u.Refusal)
	}
	// Another key at the same place is no offer.
	w.Host("example.com").File("/keys.gpg", home.Key("Somebody Else").Armored())
	_, err = w.verify(reference, asked{})
	if u = refusedAs(t, err, refusal.UnknownKey); len(u.Offers) > 0 || !strings.Contains(err.Error(), "are others") {
		t.Errorf("%v %+v", err, u.Offers)
	}
	// Trusted, the fetch goes through.
	w.trusts("example.com/app", key)
	if _, err := w.verify(reference, asked{}); err != nil {
		t.Error(err)
	}
}

func TestKeysThatASiteNamesAreTrustedIfSomebodySaidSo(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.signs(app("1.0"), "1.0", key)
	w.options.TrustOffered = true
	w.fetcher = w.open()
	if _, err := w.verify(reference, asked{}); err != nil {
		t.Fatal(err)
	}
	warning, _ := w.saw(event.Warning, "")
	if !strings.Contains(warning.Message, key.Fingerprint()) || !strings.Contains(warning.Message, "example.com/app") {
		t.Errorf("said %q", warning.Message)
	}
	held, _ := w.trust().Keys()
	if len(held) != 1 || held[0].Scope != "example.com/app" {
		t.Errorf("%+v", held)
	}
}

// To take any certificate for images does not mean to take keys from anybody.
func TestKeysComeFromServersThatProveWhoTheyAre(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.signs(app("1.0"), "1.0", key)
	w.Host("example.com").SelfSigned()
	w.options.HTTP.SkipTLS, w.options.HTTP.AllowHTTP, w.options.TrustOffered = true, true, true
	w.fetcher = w.open()
	_, err := w.verify(reference, asked{})
	if u := refusedAs(t, err, refusal.UnknownKey); len(u.Offers) > 0 {
		t.Errorf("%+v", u.Offers)
	}
	if held, _ := w.trust().Keys(); len(held) > 0 {
		t.Errorf("trusted %+v", held)
	}
	w.options.KeysAnyhow = true
	w.fetcher = w.open()
	if _, err := w.verify(reference, asked{}); err != nil {
		t.Error(err)
	}
}

func TestAKeyCountsForItsNames(t *testing.T) {
	t.Parallel()
	w, home := newWorld(t), gpg.New(t)
	key := home.Key("Example Builds")
	w.signs(app("1.0"), "1.0", key)
	w.trusts("example.com/other", key)
	_, err := w.verify(reference, asked{})
	u := refusedAs(t, err, refusal.NotTrusted)
	if w.Served(aciPath) > 0 || len(u.Offers) != 1 || !strings.Contains(err.Error(), "not trusted for example.com/app") {
		t.Errorf("%v %+v", err, u.Offers)
	}
	// At a URL the name is known once the manifest is read. What came is kept.
	_, err = w.verify("https://s.test"+aciPath, asked{})
	u = refusedAs(t, err, refusal.NotTrusted)
	if u.Name != "example.com/app" || len(u.Offers) != 1 {
		t.Errorf("%+v", u)
	}
	if _, done := w.saw(event.ImageUnpack, event.Started); done {
		t.Error("it was unpacked")
	}
	served := w.Served(aciPath)
	w.trusts("example.com/app", key)
	if _, err := w.verify("https://s.test"+aciPath, asked{}); err != nil || w.Served(aciPath) > served+100 { // what a 416 says
		t.Errorf("%v, served %d and then %d", err, served, w.Served(aciPath))
	}
}

func TestWhatIsNotSignedIsNotFetched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(app("1.0"), "1.0")
	for _, ref := range []string{reference, "https://s.test" + aciPath} {
		_, err := w.verify(ref, asked{})
		refusedAs(t, err, refusal.NoSignature)
		if w.Served(aciPath) > 0 {
			t.Error("it came")
		}
	}
	// One that is not there is not one that is not signed.
	_, err := w.verify("https://s.test/nothing.aci", asked{})
	if err == nil || !strings.Contains(err.Error(), "404") || strings.Contains(err.Error(), "signature") {
		t.Errorf("%v", err)
	}
	// Some take it as it is.
	img, err := w.verify(reference, asked{Verify: fetch.Verify{AllowUnsigned: true}})
	if err != nil || img.Verified != nil {
		t.Errorf("%v %v", err, img.Verified)
	}
}

// A signature that is there must be good, whoever would have done without one.
func TestABadSignatureIsNeverOverlooked(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	key := home.Key("Example Builds")
	for name, c := range map[string]struct {
		signature []byte
		want      refusal.Kind
	}{
		"of another image":     {key.Sign([]byte("something else")), refusal.BadSignature},
		"truncated":            {key.Sign(app("1.0").bytes(t), gpg.Binary())[:40], refusal.BadSignature},
		"no signature at all":  {[]byte("<html>welcome</html>"), refusal.BadSignature},
		"50 MB":                {make([]byte, 50<<20), refusal.BadSignature},
		"with SHA-1":           {key.Sign(app("1.0").bytes(t), gpg.Digest("SHA1")), refusal.Weak},
		"clearsigned":          {key.Sign(app("1.0").bytes(t), gpg.Clearsign()), refusal.BadSignature},
		"by nobody we know of": {home.Key("Mallory").Sign(app("1.0").bytes(t)), refusal.UnknownKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.publish(app("1.0"), "1.0")
			w.Host("s.test").File(aciPath+".asc", c.signature)
			w.trusts("", key)
			_, err := w.verify(reference, asked{Verify: fetch.Verify{AllowUnsigned: true}})
			refusedAs(t, err, c.want)
			if list, _ := w.store().List(); len(list) > 0 {
				t.Errorf("stored %v", list)
			}
		})
	}
}

func TestTheNextEndpointMayBeTheSignedOne(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	data := app("1.0").bytes(t)
	w.Host("example.com").Page("/", `<meta name="ac-discovery" content="example.com https://first.test/x.{ext}">
		<meta name="ac-discovery" content="example.com https://second.test/x.{ext}">`)
	w.Host("first.test").File("/x.aci", data)
	w.Host("second.test").File("/x.aci", data)
	w.Host("second.test").File("/x.aci.asc", key.Sign(data))
	w.trusts("example.com/app", key)
	img, err := w.verify(reference, asked{})
	if err != nil || img.Verified == nil {
		t.Errorf("%v %v", err, img.Verified)
	}
}

func TestASignatureLiesBesideAFileOrIsGiven(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.trusts("example.com/app", key)
	file := filepath.Join(t.TempDir(), "app.aci")
	write := func(path string, data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data := app("1.0").bytes(t)
	write(file, data)
	_, err := w.verify(file, asked{})
	refusedAs(t, err, refusal.NoSignature)
	given := filepath.Join(t.TempDir(), "given.asc")
	_, err = w.verify(file, asked{Verify: fetch.Verify{Signature: given}})
	var unverified *fetch.UnverifiedError
	if err == nil || errors.As(err, &unverified) || !strings.Contains(err.Error(), "given.asc") {
		t.Errorf("a signature that is not there: %v", err)
	}
	write(given, key.Sign(data, gpg.Binary()))
	if img, err := w.verify(file, asked{Verify: fetch.Verify{Signature: given}}); err != nil || img.Verified == nil {
		t.Errorf("%v", err)
	}
	write(file, append(data, "more"...)) // no longer what was signed
	write(file+".asc", key.Sign(data))
	_, err = w.verify(file, asked{policy: spec.PullUpdate})
	refusedAs(t, err, refusal.BadSignature)
	write(file, data)
	if img, err := w.verify(file, asked{policy: spec.PullUpdate}); err != nil || img.Verified == nil {
		t.Errorf("%v", err)
	}
}

// What is unpacked is what was verified, though the file changes in between.
func TestAFileThatIsSwappedIsRefused(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.trusts("example.com/app", key)
	good, evil := app("1.0"), app("1.0")
	good.files, evil.files = map[string]string{"/says": "good"}, map[string]string{"/says": "evil"}
	file := filepath.Join(t.TempDir(), "app.aci")
	for path, data := range map[string][]byte{file: good.bytes(t), file + ".asc": key.Sign(good.bytes(t))} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.fetcher.Fetch(t.Context(), fetch.Request{Ref: parse(t, file), Sink: func(e event.Event) {
		if e.Type == event.ImageVerify && e.State == event.Done {
			if err := os.WriteFile(file, evil.bytes(t), 0o644); err != nil {
				t.Error(err)
			}
		}
	}})
	if err == nil {
		t.Fatal("it was taken")
	}
	if list, _ := w.store().List(); len(list) > 0 {
		t.Errorf("stored %v", list)
	}
}

// The life of a record: fetched unverified, verified later, its key removed, added
// again, revoked.
func TestARecordIsHeldAgainstTodaysKeys(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.signs(app("1.0"), "1.0", key)
	img := w.must(reference)
	_, err := w.verify(img.ID, asked{})
	refusedAs(t, err, refusal.NoSignature)

	// By name its signature can be had, but nobody knows the key yet.
	_, err = w.verify(reference, asked{})
	refusedAs(t, err, refusal.UnknownKey)
	w.trusts("example.com/app", key)
	_, err = w.verify(reference, asked{policy: spec.PullNever})
	refusedAs(t, err, refusal.NoSignature)
	served := w.Served(aciPath)
	if img, err = w.verify(reference, asked{}); err != nil || img.Verified == nil {
		t.Fatalf("%v", err)
	}
	if w.Served(aciPath) != served {
		t.Error("the image was downloaded again")
	}
	if _, err = w.verify(img.ID, asked{policy: spec.PullNever}); err != nil {
		t.Errorf("verified by name, and then by hash: %v", err)
	}

	if _, err := w.trust().Remove(key.Fingerprint(), nil); err != nil {
		t.Fatal(err)
	}
	_, err = w.verify(img.ID, asked{})
	refusedAs(t, err, refusal.UnknownKey)
	if err := w.believes(img.ID); err == nil {
		t.Error("it is still listed as verified")
	}
	w.trusts("example.com", key)
	if _, err = w.verify(img.ID, asked{}); err != nil {
		t.Errorf("trusted again: %v", err)
	}

	key.Revoke()
	if _, err := w.trust().Add("example.com", readKey(t, key.Armored())); err != nil {
		t.Fatal(err)
	}
	_, err = w.verify(img.ID, asked{})
	refusedAs(t, err, refusal.Revoked)
}

// believes asks a stored image who vouches for it.
func (w *world) believes(id string) error {
	img, err := w.store().Get(id)
	if err == nil && w.fetcher.Vouched(img).Verified == nil {
		err = errors.New("nobody vouches for it")
	}
	return err
}

func TestAStoredImageIsVerifiedByAGivenSignature(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	data := app("1.0").bytes(t)
	w.publish(app("1.0"), "1.0")
	img := w.must(reference)
	w.trusts("example.com/app", key)
	file := filepath.Join(t.TempDir(), "sig.asc")
	if err := os.WriteFile(file, key.Sign(data), 0o644); err != nil {
		t.Fatal(err)
	}
	given := asked{Verify: fetch.Verify{Signature: file}}
	if _, err := w.verify(img.ID[:20], given); err != nil {
		t.Fatal(err)
	}
	// Who gives one means it, though the image is verified already.
	if err := os.WriteFile(file, key.Sign([]byte("another")), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{img.ID, reference} {
		_, err := w.verify(ref, given)
		refusedAs(t, err, refusal.BadSignature)
	}
	if err := w.believes(img.ID); err != nil {
		t.Error(err)
	}
}

// Another host with other keys believes the same store as far as its own go.
func TestAStoreThatIsMovedIsJudgedByItsNewHost(t *testing.T) {
	t.Parallel()
	w, home := newWorld(t), gpg.New(t)
	ours, theirs := home.Key("Ours"), home.Key("Theirs")
	w.publish(app("1.0"), "1.0")
	w.Host("s.test").File(aciPath+".asc", ours.Sign(app("1.0").bytes(t), gpg.And(theirs)))
	w.trusts("example.com", ours)
	img, err := w.verify(reference, asked{})
	if err != nil {
		t.Fatal(err)
	}
	w.options.ConfigDir = t.TempDir()
	w.fetcher = w.open()
	_, err = w.verify(img.ID, asked{})
	refusedAs(t, err, refusal.UnknownKey)
	w.trusts("example.com", theirs)
	if img, err = w.verify(img.ID, asked{}); err != nil || img.Verified.Key != theirs.Fingerprint() {
		t.Errorf("the other signer: %v %v", err, img.Verified)
	}
}

// A key can be believed for one image alone: its ID is approved, and the key is
// not trusted.
func TestAKeyIsBelievedForOneImage(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	w.signs(app("1.0"), "1.0", key)
	w.signs(app("1.1"), "1.1", key)
	once := fetch.Verify{Believe: map[string][]*openpgp.Key{reference: {readKey(t, key.Armored())}}}
	img, err := w.verify(reference, asked{Verify: once})
	if err != nil || img.Verified == nil {
		t.Fatalf("%v", err)
	}
	if _, err = w.verify(img.ID, asked{}); err != nil {
		t.Errorf("the next run: %v", err)
	}
	_, err = w.verify("example.com/app:1.1", asked{Verify: once})
	refusedAs(t, err, refusal.UnknownKey)
	held, _ := w.trust().Keys()
	pins, _ := w.trust().Pins()
	if len(held) > 0 || len(pins) != 1 || string(pins[0].Pin) != img.ID {
		t.Errorf("%v %v", held, pins)
	}
}

func TestWhatAnImageDependsOnIsVouchedForToo(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	base := aci{name: "example.com/base", labels: map[string]string{"version": "1.0", "os": "linux", "arch": goarch}}
	top := app("1.0")
	top.needs = []map[string]any{{"imageName": "example.com/base", "labels": []map[string]string{{"name": "version", "value": "1.0"}}}}
	w.publish(base, "1.0")
	w.signs(top, "1.0", key)
	w.trusts("example.com", key)
	_, err := w.verify(reference, asked{})
	if u := refusedAs(t, err, refusal.NoSignature); !strings.HasPrefix(u.Image, "example.com/base") {
		t.Errorf("%+v", u)
	}
	w.signs(base, "1.0", key)
	if _, err := w.verify(reference, asked{}); err != nil {
		t.Error(err)
	}
}

// An image of a registry carries no signature: its digest may be approved, that of
// the index or of the manifest, before the image comes or after.
func TestARegistrysImageIsApprovedByDigest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := registrytest.Start(t, registrytest.Options{})
	r.PushLayout(t, registrytest.BusyboxLayout(t), "app:1")
	ref := "docker://" + r.Host + "/app:1"
	_, err := w.verify(ref, asked{})
	u := refusedAs(t, err, refusal.NoSignature)
	if len(u.Digests) == 0 || !strings.HasPrefix(u.Digests[0], "docker://"+r.Host+"/app@sha256:") {
		t.Fatalf("%+v", u.Digests)
	}
	if list, _ := w.store().List(); len(list) > 0 {
		t.Errorf("stored %v", list)
	}
	img := w.must(ref)
	_, err = w.verify(ref, asked{})
	refusedAs(t, err, refusal.NoSignature)
	pin, err := trust.ParsePin(u.Digests[len(u.Digests)-1])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.trust().Approve(pin, "seen"); err != nil {
		t.Fatal(err)
	}
	if img, err = w.verify(ref, asked{}); err != nil || img.Verified == nil {
		t.Errorf("stored, approved later: %v", err)
	}
	if err := w.store().Remove(img.ID); err != nil {
		t.Fatal(err)
	}
	if img, err = w.verify(ref, asked{}); err != nil || img.Verified == nil {
		t.Errorf("approved, fetched later: %v", err)
	}
	if err := w.trust().Withdraw(pin); err != nil {
		t.Fatal(err)
	}
	_, err = w.verify(ref, asked{})
	if u := refusedAs(t, err, refusal.NoSignature); !strings.Contains(u.Refusal.Detail, "approved on") {
		t.Errorf("%v", err)
	}
}

// The bytes as they came are another matter than the image: a second archive of
// the same image can be signed where the first was not.
func TestTheSameImageInAnotherArchive(t *testing.T) {
	t.Parallel()
	w, key := newWorld(t), gpg.New(t).Key("Example Builds")
	plain, packed := app("1.0"), app("1.0")
	packed.compressed = "gzip"
	w.publish(plain, "1.0")
	img := w.must(reference)
	w.trusts("example.com", key)
	w.Host("mirror.test").File("/app.aci", packed.bytes(t))
	w.Host("mirror.test").File("/app.aci.asc", key.Sign(packed.bytes(t)))
	again, err := w.verify("https://mirror.test/app.aci", asked{})
	if err != nil || again.ID != img.ID || again.Verified == nil {
		t.Fatalf("%v: %s", err, again.ID)
	}
	if err := w.believes(img.ID); err != nil {
		t.Error(err)
	}
}

func TestWhatAFetchDidWithoutIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(app("1.0"), "1.0")
	w.options.HTTP.SkipTLS = true
	w.fetcher = w.open()
	img := w.must(reference)
	if strings.Join(img.Insecure, " ") != "image tls" {
		t.Errorf("%v", img.Insecure)
	}
}

// A tampered record is no record.
func TestARecordThatWasChangedByHandIsNotBelieved(t *testing.T) {
	t.Parallel()
	w, home := newWorld(t), gpg.New(t)
	key, mallory := home.Key("Example Builds"), home.Key("Mallory")
	w.signs(app("1.0"), "1.0", mallory)
	w.trusts("example.com", key)
	img := w.must(reference)
	// Whoever can write the record, seal included, still has no signature.
	err := w.store().Vouch(img, &store.Verification{By: "Example Builds", Key: key.Fingerprint(), Signature: mallory.Sign(app("1.0").bytes(t), gpg.Binary())})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.verify(img.ID, asked{})
	refusedAs(t, err, refusal.UnknownKey)
	if err := w.believes(img.ID); err == nil {
		t.Error("it is believed")
	}
}
