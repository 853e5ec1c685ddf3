package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/enginetest/origin"
	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/keymap"
)

// site is example.com, where images are found by their names, with the keys that
// their signers use.
type site struct {
	web  *origin.Origin
	host *origin.Host
}

// openSite starts it, on which an image of any name is called after its last part.
func openSite(t *testing.T, tm *terminal, keys ...gpg.Key) *site {
	t.Helper()
	web := origin.Start(t)
	s := &site{web, web.Host("example.com")}
	for _, page := range []string{"/worker", "/syncer", "/env-printer", "/exit", "/sleeper", "/worker-backup"} {
		s.host.Page(page, `<head><meta name="ac-discovery" content="example.com`+page+` https://example.com/images`+page+`.{ext}">`+
			`<meta name="ac-discovery-pubkeys" content="example.com`+page+` https://example.com/pubkeys.asc"></head>`)
	}
	var all bytes.Buffer
	for _, k := range keys {
		all.Write(k.Armored())
	}
	s.host.File("/pubkeys.asc", all.Bytes())
	tm.Export(web.Env()...)
	return s
}

// Serve puts an image there, and what is said to be its signature; nil: none.
func (s *site) Serve(name string, archive, signature []byte) {
	s.host.File("/images/"+name+".aci", archive)
	if signature != nil {
		s.host.File("/images/"+name+".aci.asc", signature)
	}
}

// Form opens the form with an image that is to be fetched.
func (tm *terminal) Form(line string) *terminal {
	tm.t.Helper()
	return tm.Command("clear; podtui " + line).Sees("not fetched yet")
}

const builds = "Example Builds <builds@example.com>"

// An unknown key is reviewed, and trusted for a prefix: the pod that waited for it
// runs, and so does every other image of that prefix, here and in batch.
func TestJourneyFromAnUnknownKeyToARunningPod(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	key := gpg.New(t).Key(builds)
	s := openSite(t, tm, key)
	for _, name := range []string{"worker", "syncer"} {
		archive := image(t, name)
		s.Serve(name, archive, key.Sign(archive))
	}
	short := strings.ToUpper(key.Fingerprint()[32:36] + " " + key.Fingerprint()[36:])

	tm.Form("run example.com/worker -- kept").Press(keymap.ComposeRun).Looks("trust-review")
	tm.Patient().Press(keymap.ReviewWider).Looks("trust-review-wider")
	tm.Press(keymap.ReviewTrust).Sees("✓ verify  "+builds+" "+short, "exited 0", "worker: 2 arguments: --once kept").Looks("trust-ended")
	tm.Press(keymap.GoImages).Sees("▌", "Example").Looks("trust-image")

	// The next image of the prefix is not asked about.
	tm.Search("example.com/syncer").Sees("signed").Press(keymap.EditAccept, keymap.OfferFetch).
		Sees("fetched example.com/syncer 0.9.2").Loses("not verified").
		Press(keymap.GoTrust).Sees(short, "example.com").
		Press(keymap.Quit).Sees("1 of 2 images").Press(keymap.Quit).Sees("/ search").Press(keymap.Quit).IsShell(0)
	if out := tm.Shell("podtui --batch run example.com/worker"); out.status != 0 || !strings.Contains(out.stderr, "signature verified: "+builds+", "+key.Fingerprint()) {
		t.Errorf("in batch %+v", out)
	}
	if n := len(slices.DeleteFunc(s.web.Requests(), func(r origin.Request) bool { return r.Path != "/images/worker.aci" || r.Method != "GET" })); n != 1 {
		t.Errorf("the image was downloaded %d times", n)
	}
}

// A key that is refused leads back to the form, with everything kept, and nothing
// is trusted.
func TestJourneyFromARefusedKeyBackToTheForm(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	key := gpg.New(t).Key(builds)
	archive := image(t, "worker")
	s := openSite(t, tm, key)
	s.Serve("worker", archive, key.Sign(archive))

	tm.Form("run --set-env=MODE=fast example.com/worker --user=1000 -- 'two words'").Press(keymap.ComposeRun).Sees("Trust an unknown key?", "[ refuse ]").
		Patient().Press(keymap.ReviewTake).Looks("trust-refused")
	tm.Press(keymap.GoPods).Sees("failed").Press(keymap.PodsOpen).Looks("trust-refused-stage")
	tm.Press(keymap.WatchReview).Sees("Trust an unknown key?").Patient().Press(keymap.ReviewRefuse).Sees("r run").
		Press(keymap.Quit, keymap.Quit).IsShell(0)

	for _, folder := range []string{"root.d", "prefix.d"} {
		if found, _ := os.ReadDir(filepath.Join(tm.home, ".config", "trustedkeys", folder)); len(found) > 0 {
			t.Errorf("%s has %v", folder, found)
		}
	}
	if pods, err := tm.host.Pods(); err != nil || len(pods) > 0 {
		t.Errorf("pods %+v, %v", pods, err)
	}
	if served := s.web.Served("/images/worker.aci"); served > 0 {
		t.Errorf("%d bytes were downloaded of what nobody knows the signer of", served)
	}
}

// A key that is believed for one image alone is not trusted for the next one.
func TestJourneyToThisImageOnly(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	key := gpg.New(t).Key(builds)
	s := openSite(t, tm, key)
	for _, name := range []string{"worker", "syncer"} {
		archive := image(t, name)
		s.Serve(name, archive, key.Sign(archive))
	}
	tm.Form("run example.com/worker").Press(keymap.ComposeRun).Sees("Trust an unknown key?").Patient().
		Press(keymap.ReviewOther, keymap.ReviewOther).Sees("[ this image only ]").
		Press(keymap.ReviewTake).Sees("✓ verify  ", "exited 0").
		Press(keymap.WatchForm).Sees("verified by").Loses("--insecure").
		Press(keymap.ComposeRun).Sees("exited 0").Empty()

	tm.Search("example.com/syncer").Sees("signed").Press(keymap.EditAccept, keymap.OfferFetch).
		Sees("Trust an unknown key?", "example.com/syncer").Patient().Press(keymap.ReviewRefuse).
		Sees("1 failed").Press(keymap.ImagesFetches).Looks("trust-fetch-refused")
	tm.Press(keymap.FetchesReview).Sees("Trust an unknown key?").Patient().Press(keymap.ReviewTrust).
		Sees("fetched example.com/syncer 0.9.2").Press(keymap.Quit).Sees("/ search").Press(keymap.Quit).IsShell(0)
	if out := tm.Shell("podtui --batch run example.com/worker"); out.status != 0 {
		t.Errorf("in batch %+v", out)
	}
}

// Each way in which an image can fail to be believed is told apart, on Images and
// on Watch, with what can be done; and a warning later it comes, and runs, as it is.
func TestJourneyThroughEachRefusal(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	home := gpg.New(t)
	past := time.Now().Add(-72 * time.Hour)
	good := home.Key(builds)
	expired := home.Key("Old Builds <old@example.com>", gpg.CreatedAt(past), gpg.Expires("1d"))
	revoked := home.Key("Lost Builds <lost@example.com>")
	other := home.Key("Other Builds <other@example.com>")
	s := openSite(t, tm, other) // names another key than those that sign

	worker, syncer, printer := image(t, "worker"), image(t, "syncer"), image(t, "env-printer")
	exit, sleeper, backup := image(t, "exit"), image(t, "sleeper"), image(t, "worker-backup")
	signedByRevoked := revoked.Sign(sleeper)
	for _, k := range []gpg.Key{good, expired, revoked} { // while they are good
		tm.trusts(k)
	}
	revoked.Revoke()
	tm.trusts(revoked)
	stranger := home.Key("Stranger <stranger@example.com>")
	s.Serve("worker", worker, nil)
	s.Serve("syncer", syncer, stranger.Sign(syncer))
	s.Serve("env-printer", printer, good.Sign(worker))
	s.Serve("exit", exit, expired.Sign(exit, gpg.At(past.Add(time.Hour))))
	s.Serve("sleeper", sleeper, signedByRevoked)
	s.Serve("worker-backup", backup, good.Sign(backup, gpg.Digest("SHA1")))

	for _, c := range []struct{ image, says, looks string }{
		{"worker", "no signature", "refused-no-signature"},
		{"syncer", "unknown key " + stranger.KeyID(), "refused-unknown-key"},
		{"env-printer", "bad signature", "refused-bad-signature"},
		{"exit", "expired", "refused-expired"},
		{"sleeper", "revoked", "refused-revoked"},
		{"worker-backup", "weak", "refused-weak"},
	} {
		tm.Form("run example.com/"+c.image).Press(keymap.ComposeRun).Sees("✗ verify  "+c.says, "u run it unverified").Looks(c.looks)
		tm.Press(keymap.WatchForm).Sees("r run").Press(keymap.GoImages).Sees("0 images")
		if c.says != "no signature" {
			tm.Search("example.com/"+c.image).Sees("signed").Press(keymap.EditAccept, keymap.OfferFetch).Sees("1 failed").
				Press(keymap.ImagesFetches).Sees("✗ verify", c.says, "u fetch it unverified").Press(keymap.FetchesLeave)
		}
		tm.Press(keymap.Cancel, keymap.Cancel).IsShell(0)
		if out := tm.Shell("podtui --batch run example.com/" + c.image); out.status != 125 || !strings.Contains(out.stderr, "image example.com/"+c.image+": "+c.says) {
			t.Errorf("in batch %+v", out)
		}
	}
	tm.Form("run example.com/worker-backup --exec /bin/true").Press(keymap.ComposeRun).Sees("u run it unverified").
		Press(keymap.WatchUnverified).Looks("refused-warning").
		Patient().Press(keymap.DialogTake).Loses("[ cancel ]").Sees("✗ verify  weak").
		Press(keymap.WatchUnverified).Sees("unverified?").Consent().Sees("– verify  ! not verified", "exited 0").
		Press(keymap.WatchForm).Sees("--batch --insecure-options=image run", "! not verified").
		Press(keymap.GoPods).Sees("! not verified").
		Press(keymap.Quit, keymap.Quit).IsShell(0)
}

// trusts puts a key into the folder for example.com, as anybody may.
func (tm *terminal) trusts(k gpg.Key) {
	tm.File(filepath.Join(".config", "trustedkeys", "prefix.d", "example.com", k.Fingerprint()), k.Armored())
}

// A key that counts for other names is reviewed for this one. What a registry has
// carries no signature: exactly that content can be approved.
func TestJourneyToMoreNamesAndToADigest(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	key := gpg.New(t).Key(builds)
	archive := image(t, "worker")
	s := openSite(t, tm, key)
	s.Serve("worker", archive, key.Sign(archive))
	tm.File(filepath.Join(".config", "trustedkeys", "prefix.d", "coreos.com", key.Fingerprint()), key.Armored())
	mirror(t, s.web, registrytest.Start(t, registrytest.Options{}), "quay.io/coreos/etcd:v2.0.0")

	tm.Form("run example.com/worker").Press(keymap.ComposeRun).Looks("trust-more-names").
		Patient().Press(keymap.ReviewTrust).Sees("exited 0").Empty()

	tm.Search("docker://quay.io/coreos/etcd:v2.0.0").Sees("by digest only").Press(keymap.EditAccept, keymap.OfferFetch).
		Sees("fetched quay.io/coreos/etcd v2.0.0 · not verified").Press(keymap.ImagesChoose).Sees("1 app", "! not verified", "--insecure-options=image").
		Press(keymap.ComposeRun).Looks("approve").
		Patient().Press(keymap.DialogOther, keymap.DialogOther).Sees("[ approve content ]").
		Press(keymap.DialogTake).Sees("exited 0", "seed what a volume starts with").Looks("approved").
		Press(keymap.WatchForm).Sees("r run").Loses("--insecure").
		Press(keymap.Quit, keymap.Quit).IsShell(0)
	if out := tm.Shell("podtui --batch run docker://quay.io/coreos/etcd:v2.0.0"); out.status != 0 {
		t.Errorf("in batch %+v", out)
	}
}

// stacked is an image that has nothing of its own and depends on another one.
func stacked(t *testing.T, name, below string) []byte {
	t.Helper()
	manifest := fmt.Sprintf(`{"acKind":"ImageManifest","acVersion":"0.8.11","name":%q,"dependencies":[{"imageName":%q}],`+
		`"app":{"exec":["/bin/echo","it runs"],"user":"0","group":"0"}}`, name, below)
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	err := errors.Join(
		w.WriteHeader(&tar.Header{Name: "manifest", Mode: 0o644, Size: int64(len(manifest)), Typeflag: tar.TypeReg}),
		func() error { _, err := io.WriteString(w, manifest); return err }(),
		w.WriteHeader(&tar.Header{Name: "rootfs/", Mode: 0o755, Typeflag: tar.TypeDir}),
		w.Close(),
	)
	if err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// An image that stands on one which nobody vouches for runs once that was said, and
// what was refused is named.
func TestJourneyToAnImageThatStandsOnAnUnsignedOne(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	key := gpg.New(t).Key(builds)
	s := openSite(t, tm, key)
	tm.trusts(key)
	archive := stacked(t, "example.com/syncer", "example.com/worker-backup")
	s.Serve("syncer", archive, key.Sign(archive))
	s.Serve("worker-backup", image(t, "worker-backup"), nil)

	tm.Form("run example.com/syncer").Press(keymap.ComposeRun).Sees("✗ example.com/worker-backup", "no signature", "u run it unverified").
		Press(keymap.WatchUnverified).Sees("Run example.com/worker-backup unverified?").Consent().
		Sees("exited 0", "it runs").Press(keymap.WatchForm).Sees("! not verified", "--insecure-options=image").
		Press(keymap.Quit, keymap.Quit).IsShell(0)
	if out := tm.Shell("podtui --batch run example.com/syncer"); out.status != 125 {
		t.Errorf("in batch %+v", out)
	}
}

// What others do to keys and images is seen on coming back, and why an image of the
// store is not believed any more is said before it runs.
func TestJourneyToWhatAnotherShellHasRevoked(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	key := gpg.New(t).Key(builds)
	for _, name := range []string{"worker", "syncer"} {
		archive := image(t, name)
		tm.File(name+".aci", archive).File(name+".aci.asc", key.Sign(archive))
	}
	tm.trusts(key)
	if out := tm.Shell("podtui fetch ./worker.aci ./syncer.aci"); out.status != 0 {
		t.Fatalf("%+v", out)
	}
	key.Revoke()
	tm.Command("podtui").Sees("2 images", "Example").Press(keymap.GoPods)
	tm.trusts(key)
	if out := tm.Shell("podtui image rm example.com/syncer"); out.status != 0 {
		t.Fatalf("%+v", out)
	}
	tm.Press(keymap.GoImages).Sees("1 image ", "! not verified: revoked").Press(keymap.ImagesChoose).Sees("! revoked", "is not verified: revoked").
		Press(keymap.ComposeRun).Looks("revoked-consent")
	tm.Press(keymap.DialogNo, keymap.Cancel, keymap.Cancel).IsShell(0)
}
