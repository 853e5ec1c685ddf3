package mds

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/appc/spec/schema"

	"github.com/podtui/podtui/engine/spec"
)

// annotate says something of the last app, and what podtui notes in a pod manifest
// for its own use: that is for no app to know.
func annotate(pod *spec.Pod) {
	pod.Name, pod.Hostname = "of the host", "h"
	pod.Apps[0].StopTimeout = "3s"
	pod.Apps[2].Annotations = []spec.Var{{Name: "example.com/role", Value: "of the pod"}}
}

func TestEndpointsAnswerAsTheSpecificationSays(t *testing.T) {
	t.Parallel()
	pod := newPod(t, annotate, plainManifest, emptyManifest, annotatedManifest)
	key := newKey(t)
	base := key.URL(serve(t, pod.source(key)), pod.uuid) + "/acMetadata/v1/"
	c := client(t)
	for _, test := range []struct {
		path, contentType, body string
	}{
		{"pod/uuid", "text/plain; charset=us-ascii", pod.uuid},
		{"pod/annotations", "application/json", "null"},
		{"apps/plain/annotations", "application/json", "null"},
		{"apps/empty/annotations", "application/json", "[]"},
		{
			"apps/annotated/annotations", "application/json",
			`[{"name":"authors","value":"A \u003ca@example.com\u003e"},{"name":"example.com/role","value":"of the pod"}]`,
		},
		{"apps/plain/image/manifest", "application/json", plainManifest},
		{"apps/annotated/image/manifest", "application/json", annotatedManifest},
		{"apps/plain/image/id", "text/plain; charset=us-ascii", pod.record.Images[0].ID},
		{"apps/annotated/image/id", "text/plain; charset=us-ascii", pod.record.Images[2].ID},
	} {
		want := response{http.StatusOK, test.contentType, test.body}
		if got := get(t, c, base+test.path); got != want {
			t.Errorf("%s: %v\nnot %v", test.path, got, want)
		}
		want.body = ""
		if got := do(t, c, newRequest(t, http.MethodHead, base+test.path, nil)); got != want {
			t.Errorf("HEAD %s: %v\nnot %v", test.path, got, want)
		}
	}
}

func TestPodManifestIsFullyReified(t *testing.T) {
	t.Parallel()
	pod := newPod(t, func(p *spec.Pod) {
		p.Volumes = []spec.Volume{{Name: "work", Kind: spec.EmptyVolume}}
		p.Mounts = []spec.Mount{{Volume: "work", Path: "/work"}}
		p.Annotations = []spec.Var{{Name: "example.com/team", Value: "a"}}
		p.OnFailure, p.Apps[0].Restart = spec.OnFailure("continue"), "always"
		p.Apps[1].Args = []string{"--more"}
	}, plainManifest, annotatedManifest)
	key := newKey(t)
	base := key.URL(serve(t, pod.source(key)), pod.uuid) + "/acMetadata/v1/"
	c := client(t)
	got := get(t, c, base+"pod/manifest")
	var manifest schema.PodManifest
	if err := json.Unmarshal([]byte(got.body), &manifest); err != nil || got.contentType != "application/json" {
		t.Fatalf("%v: %v", got, err)
	}
	if len(manifest.Apps) != 2 || len(manifest.Volumes) != 1 {
		t.Fatalf("apps and volumes: %s", got.body)
	}
	app := manifest.Apps[1]
	if app.Name != "annotated" || app.Image.ID.String() != pod.record.Images[1].ID ||
		!reflect.DeepEqual([]string(app.App.Exec), []string{"/bin/annotated", "--more"}) || len(app.Mounts) != 1 {
		t.Errorf("the second app: %+v", app)
	}
	annotations := get(t, c, base+"pod/annotations")
	own, err := json.Marshal(manifest.Annotations)
	if err != nil || annotations.body != string(own) || annotations.body != `[{"name":"example.com/team","value":"a"}]` {
		t.Errorf("annotations %s, in the manifest %s (%v)", annotations.body, own, err)
	}
	if strings.Contains(got.body, "podtui.") || strings.Contains(got.body, pod.record.Pod.Apps[0].Image) {
		t.Errorf("it tells what is podtui's: %s", got.body)
	}
}

// The schema takes no image with an isolator that it has no type for. The store does.
func TestAPodWithAnUnknownIsolatorIsTold(t *testing.T) {
	t.Parallel()
	pony := strings.Replace(plainManifest, `"group":"0"`, `"group":"0","isolators":[
 {"name":"example.com/pony","value":{"a":[1]}},{"name":"resource/memory","value":{"limit":"1G"}}]`, 1)
	pod := newPod(t, annotate, pony, emptyManifest, annotatedManifest)
	key := newKey(t)
	base := key.URL(serve(t, pod.source(key)), pod.uuid) + "/acMetadata/v1/"
	c := client(t)
	for path, want := range map[string]string{
		"pod/manifest":              `"name":"resource/memory"`,
		"pod/annotations":           "null",
		"apps/plain/annotations":    "null",
		"apps/empty/annotations":    "[]",
		"apps/plain/image/manifest": "example.com/pony",
	} {
		if got := get(t, c, base+path); got.status != http.StatusOK || !strings.Contains(got.body, want) {
			t.Errorf("%s: %+v, want %s", path, got, want)
		}
	}
}

func TestWhatIsNotThereIsRefused(t *testing.T) {
	t.Parallel()
	pod, other := newPod(t, nil, plainManifest), newPod(t, nil, plainManifest)
	key, otherKey := newKey(t), newKey(t)
	address := serve(t, pod.source(key))
	at := func(token, path string) string { return "http://" + address + "/" + token + path }
	own, c := key.Token(pod.uuid), client(t)
	const uuidPath = "/acMetadata/v1/pod/uuid"
	for _, test := range []struct {
		name, method, url string
		status            int
	}{
		{"no token", "GET", at("", uuidPath), 404},
		{"the UUID as token", "GET", at(pod.uuid, uuidPath), 404},
		{"a token cut short", "GET", at(own[:len(own)-1], uuidPath), 404},
		{"a token with more", "GET", at(own+"A", uuidPath), 404},
		{"another pod's token", "GET", at(key.Token(other.uuid), uuidPath), 404},
		{"another pod's token, to sign", "POST", at(key.Token(other.uuid), "/acMetadata/v1/pod/hmac/sign"), 404},
		{"a token of another data folder", "GET", at(otherKey.Token(pod.uuid), uuidPath), 404},
		{"a token in the wrong place", "GET", at("acMetadata/v1/"+own, "/pod/uuid"), 404},
		{"nothing", "GET", at(own, ""), 404},
		{"a folder", "GET", at(own, "/acMetadata/v1/pod/"), 404},
		{"another version", "GET", at(own, "/acMetadata/v2/pod/uuid"), 404},
		{"an unknown endpoint", "GET", at(own, "/acMetadata/v1/pod/secrets"), 404},
		{"an app's endpoint of the pod", "GET", at(own, "/acMetadata/v1/pod/image/id"), 404},
		{"the pod's endpoint of an app", "GET", at(own, "/acMetadata/v1/apps/plain/uuid"), 404},
		{"an unknown app", "GET", at(own, "/acMetadata/v1/apps/other/image/id"), 404},
		{"no app", "GET", at(own, "/acMetadata/v1/apps//image/id"), 404},
		{"a way out", "GET", at(own, "/acMetadata/v1/apps/../../../../etc/passwd"), 404},
		{"writing", "PUT", at(own, "/acMetadata/v1/pod/annotations"), 405},
		{"a form to what takes none", "POST", at(own, uuidPath), 405},
		{"signing by GET", "GET", at(own, "/acMetadata/v1/pod/hmac/sign?content=x"), 405},
		{"HEAD of a form", "HEAD", at(own, "/acMetadata/v1/pod/hmac/sign"), 405},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := do(t, c, newRequest(t, test.method, test.url, nil))
			if got.status != test.status || got.contentType != typeText {
				t.Errorf("%+v, not %d", got, test.status)
			}
			if strings.Contains(got.body, pod.uuid) {
				t.Errorf("it tells of the pod: %s", got.body)
			}
		})
	}
}

func TestTheHostsPathsStayUntold(t *testing.T) {
	t.Parallel()
	pod := newPod(t, nil, plainManifest)
	clear(pod.manifests)
	key := newKey(t)
	got := get(t, client(t), key.URL(serve(t, pod.source(key)), pod.uuid)+"/acMetadata/v1/pod/manifest")
	if got.status != http.StatusInternalServerError || strings.Contains(got.body, "secret") {
		t.Errorf("%+v", got)
	}
}

func TestASignatureIsVerifiedByEveryPodOfTheDataFolder(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	open := func() *Key {
		key, err := OpenKey(data)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	one, other := newPod(t, nil, plainManifest), newPod(t, nil, plainManifest)
	at := func(pod *podOf, key *Key) string {
		return key.URL(serve(t, pod.source(key)), pod.uuid) + "/acMetadata/v1/pod/hmac/"
	}
	ones, others, c := at(one, open()), at(other, open()), client(t)
	content := "Old MacDonald \x00\xff=&+% Had A Farm"
	signed := post(t, c, ones+"sign", url.Values{"content": {content}})
	if signed.status != 200 || signed.contentType != "text/plain; charset=us-ascii" || len(signed.body) != 88 {
		t.Fatalf("%+v", signed)
	}
	if again := post(t, c, ones+"sign", url.Values{"content": {content}, "of-others": {"x"}}); again != signed {
		t.Errorf("signed again: %+v, not %+v", again, signed)
	}
	if byOther := post(t, c, others+"sign", url.Values{"content": {content}}); byOther.body == signed.body {
		t.Error("two pods sign alike")
	}
	for _, test := range []struct {
		name   string
		form   url.Values
		status int
	}{
		{"as it was signed", url.Values{"content": {content}, "uuid": {one.uuid}, "signature": {signed.body}}, 200},
		{"a + that came as a space", url.Values{"content": {content}, "uuid": {one.uuid}, "signature": {strings.ReplaceAll(signed.body, "+", " ")}}, 200},
		{"the UUID in capitals", url.Values{"content": {content}, "uuid": {strings.ToUpper(one.uuid)}, "signature": {signed.body}}, 200},
		{"other content", url.Values{"content": {content + "!"}, "uuid": {one.uuid}, "signature": {signed.body}}, 403},
		{"in another pod's name", url.Values{"content": {content}, "uuid": {other.uuid}, "signature": {signed.body}}, 403},
		{"a signature cut short", url.Values{"content": {content}, "uuid": {one.uuid}, "signature": {signed.body[:44]}}, 403},
		{"no signature in it", url.Values{"content": {content}, "uuid": {one.uuid}, "signature": {""}}, 403},
		{"no base64", url.Values{"content": {content}, "uuid": {one.uuid}, "signature": {"!"}}, 403},
		{"no UUID", url.Values{"content": {content}, "uuid": {"one"}, "signature": {signed.body}}, 400},
		{"without content", url.Values{"uuid": {one.uuid}, "signature": {signed.body}}, 400},
		{"without a UUID", url.Values{"content": {content}, "signature": {signed.body}}, 400},
		{"without a signature", url.Values{"content": {content}, "uuid": {one.uuid}}, 400},
		{"content twice", url.Values{"content": {content, content}, "uuid": {one.uuid}, "signature": {signed.body}}, 400},
	} {
		for name, service := range map[string]string{"its own service": ones, "another's": others} {
			got := post(t, c, service+"verify", test.form)
			if got.status != test.status || got.contentType != "text/plain; charset=us-ascii" {
				t.Errorf("%s, by %s: %+v, not %d", test.name, name, got, test.status)
			}
		}
	}
	if elsewhere := newKey(t); elsewhere.Verify(one.uuid, []byte(content), signed.body) {
		t.Error("another data folder's key verifies it")
	}
	if !open().Verify(one.uuid, []byte(content), signed.body) {
		t.Error("it is not verified later")
	}
}
