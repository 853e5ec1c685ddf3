package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/origin"
	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/keymap"
)

// Each kind of reference is typed, found, fetched or put into the pod as it
// stands, and run: a name, its hash, a URL, a registry's, and three kinds of
// files. Every host is a server of this test's own.
func TestJourneyToImagesFromEverywhere(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	web := origin.Start(t)
	web.Host("coreos.com").Page("/etcd", `<head><meta name="ac-discovery" content="coreos.com/etcd `+
		`https://github.com/coreos/etcd/releases/download/{version}/etcd-{version}.{ext}"></head>`)
	web.Host("github.com").File("/coreos/etcd/releases/download/v2.0.0/etcd-v2.0.0.aci", image(t, "etcd"))
	web.Host("example.com").File("/syncer.aci", image(t, "syncer"))
	mirror(t, web, registrytest.Start(t, registrytest.Options{}), "quay.io/coreos/etcd:v2.0.0")
	layout := registrytest.BusyboxLayout(t)
	tm.File("app.aci", image(t, "worker"))
	if err := os.CopyFS(filepath.Join(tm.home, "layout"), os.DirFS(layout)); err != nil {
		t.Fatal(err)
	}
	tm.Shell("tar -cf saved.tar -C layout .")
	tm.Export(web.Env()...).Command("podtui").Sees("0 images")

	// A name, by discovery. What is fetched is here, and in batch too.
	tm.Search("coreos.com/etcd:v2.0.0").Sees("not signed").Looks("name-found").
		Press(keymap.EditAccept, keymap.OfferFetch).Sees("fetched coreos.com/etcd").Looks("name-fetched").
		RunsAlone("etcd: version 2.0.0")
	fetched := tm.Shell("podtui --insecure-skip-verify fetch --store-only coreos.com/etcd:v2.0.0")
	if fetched.status != 0 {
		t.Fatalf("%+v", fetched)
	}

	// Its hash. That nobody vouches for it was said once.
	tm.Search(fetched.stdout[:len("sha512-0123456789ab")]).Looks("hash-found").
		Press(keymap.EditAccept, keymap.ImagesChoose).Sees("1 app").
		Press(keymap.ComposeRun).Sees("exited 0", "etcd: version 2.0.0").Empty()

	// A URL.
	tm.Search("https://example.com/syncer.aci").Looks("url-typed").
		Press(keymap.EditAccept, keymap.OfferFetch).Sees("fetched example.com/syncer 0.9.2").
		RunsAlone("syncer: 0 arguments")

	// A registry: its repositories, the tags of one; it is fetched while the pod starts.
	tm.Search("docker://quay.io/co").Sees("▌  quay.io/coreos/etcd").Looks("repositories").
		Press(keymap.EditAccept, keymap.OfferTags).Sees("▌  v2.0.0").Looks("tags").
		Press(keymap.OfferInto).Looks("to-fetch-when-it-runs").
		Press(keymap.ComposeRun).Sees("without verification").Consent().Sees("exited 0").Looks("registry-ended").Empty()

	// Files: an ACI, an OCI layout, an OCI archive.
	tm.Search("~/").Sees("3 image files").Looks("files").
		Press(keymap.EditAccept, keymap.OfferFetch).Sees("imported example.com/worker 1.4.0").
		RunsAlone("worker: 1 arguments: --once")
	for _, name := range []string{"layout", "saved.tar"} {
		tm.Search("~/"+name).Sees("1 of 3 image files").
			Press(keymap.EditAccept, keymap.OfferFetch).Sees("imported ").
			RunsAlone("args --as demo two words", "user 1000:1000", "seed what a volume starts with")
	}
	tm.Press(keymap.Quit).IsShell(0)
}

// A download that is cut, and then stopped by hand, goes on where it was; one
// that fails says why, and goes on once its server is mended.
func TestJourneyThroughFetchesThatDontGoThrough(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	web := origin.Start(t)
	worker := image(t, "worker")
	// It is asked for once before it comes: an image that has no signature may not be there.
	web.Host("example.com").File("/worker.aci", worker).Fault(origin.Fine(), origin.CutAfter(100_000), origin.HoldAfter(200_000, nil))
	tm.Export(web.Env()...).Command("podtui").Sees("0 images")

	tm.Search("https://example.com/worker.aci").Sees("as typed").
		Press(keymap.EditAccept, keymap.OfferFetch).Sees("fetch 300 kB of").
		Press(keymap.Cancel).Sees("kept").Looks("fetch-stopped").
		Press(keymap.ImagesFetches, keymap.FetchesOpen).Looks("fetch-kept").
		Press(keymap.FetchesAgain).Sees("fetched example.com/worker").Looks("fetch-gone-on")
	if served := web.Served("/worker.aci"); served > int64(len(worker))*11/10 {
		t.Errorf("%d bytes were served of an image of %d", served, len(worker))
	}
	requests := web.RequestsTo("example.com")
	if from := requests[len(requests)-1].Header.Get("Range"); from != "bytes=300000-" {
		t.Errorf("it went on with %q", from)
	}

	tm.Search("https://example.com/syncer.aci").Sees("as typed").
		Press(keymap.EditAccept, keymap.OfferFetch).Sees("1 failed").
		Press(keymap.ImagesFetches).Looks("fetch-failed")
	web.Host("example.com").File("/syncer.aci", image(t, "syncer"))
	tm.Press(keymap.FetchesAgain).Sees("fetched example.com/syncer 0.9.2").
		RunsAlone("syncer: 0 arguments").
		Press(keymap.Quit).IsShell(0)
}

// What wants credentials says where it would read them, and finds them there
// without being started again.
func TestJourneyToARegistryThatWantsCredentials(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	registry := registrytest.Start(t, registrytest.Options{User: "reader", Password: "secret"})
	registry.PushLayout(t, registrytest.BusyboxLayout(t), "app:1")
	tm.Command("podtui").Sees("0 images").
		Search("docker://"+registry.Host+"/app:1").Sees("needs credentials").
		Press(keymap.EditAccept, keymap.OfferFetch).Sees("1 failed").
		Press(keymap.ImagesFetches, keymap.FetchesOpen).Looks("credentials-missing")

	const form = `{"rktKind": "dockerAuth", "rktVersion": "v1", "registries": ["HOST"], "credentials": {"user": "reader", "password": "PASSWORD"}}`
	give := func(password string) {
		tm.File(".config/auth.d/registry.json", []byte(strings.NewReplacer("HOST", registry.Host, "PASSWORD", password).Replace(form)))
	}
	give("wrong")
	tm.Press(keymap.FetchesAgain).Sees("refused").Looks("credentials-refused")
	give("secret")
	tm.Press(keymap.FetchesAgain).Sees("fetched 127.0.0.1-").
		RunsAlone("seed what a volume starts with").
		Press(keymap.Quit).IsShell(0)
}

// Search types into the search what is to be found, in place of what was there.
func (tm *terminal) Search(text string) *terminal {
	return tm.Press(keymap.ImagesFilter, keymap.EditToStart).Type(text)
}

// RunsAlone runs the stored image under the cursor, which nobody was asked about
// so far, in a pod of its own, and waits for what it says and its end.
func (tm *terminal) RunsAlone(says ...string) *terminal {
	tm.t.Helper()
	return tm.Press(keymap.ImagesChoose).Sees("1 app").
		Press(keymap.ComposeRun).Sees("without verification").Consent().
		Sees(append(says, "exited 0")...).Empty()
}

// Empty leaves the pod, and goes back to the images.
func (tm *terminal) Empty() *terminal {
	tm.t.Helper()
	return tm.Press(keymap.GoCompose).Sees("r run").Press(keymap.ComposeNew).Sees("A pod is one app").
		Press(keymap.GoImages).Sees("by name")
}

// image is the ACI of a recipe.
func image(t *testing.T, recipe string) []byte {
	t.Helper()
	return readFile(t, enginetest.BuildImage(t, recipe))
}
