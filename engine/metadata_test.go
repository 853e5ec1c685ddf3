package engine_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/appc/spec/schema"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// tellURL is an app that says where its metadata service is and then waits.
const tellURL = `echo "<$AC_METADATA_URL>"; sleep 1000`

// toldAt starts a pod and returns what its first app says of its metadata service.
func toldAt(t *testing.T, h *enginetest.Host, pod spec.Pod) (started *enginetest.Started, url string) {
	t.Helper()
	started = h.Start(pod)
	started.WaitFor(t, ">")
	t.Cleanup(func() {
		started.Stop(true)
		started.Wait()
	})
	_, rest, _ := strings.Cut(started.Output(), "<")
	url, _, _ = strings.Cut(rest, ">")
	return started, url
}

// ask returns what a metadata service answers, with a form if there is one.
func ask(t *testing.T, at string, form url.Values) (status int, body string) {
	t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(t.Context(), method, at, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	transport := &http.Transport{DisableKeepAlives: true}
	got, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	answer, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got.StatusCode, string(answer)
}

func TestAppsAndThoseWhoEnterReachTheMetadataService(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := enginetest.Pod(enginetest.Shell(t, tellURL), enginetest.Shell(t, `wget -q -O - $AC_METADATA_URL/acMetadata/v1/apps/$AC_APP_NAME/image/id; sleep 1000`))
	started, at := toldAt(t, h, pod)
	status, err := h.Pod(started.UUID)
	if err != nil {
		t.Fatal(err)
	}
	started.WaitFor(t, status.Apps[1].ImageID)

	said, code, err := enter(t, h, started.UUID, engine.EnterOptions{
		App: "a", Argv: []string{"sh", "-c", `echo $AC_METADATA_URL; wget -q -O - $AC_METADATA_URL/acMetadata/v1/pod/uuid`},
	})
	if want := at + "\n" + started.UUID; err != nil || code != 0 || said != want {
		t.Errorf("%d, %v: %q, not %q", code, err, said, want)
	}

	manifest, err := h.ManifestJSON(status.Apps[0].ImageID)
	if err != nil {
		t.Fatal(err)
	}
	if _, got := ask(t, at+"/acMetadata/v1/apps/a/image/manifest", nil); got != string(manifest) {
		t.Errorf("the image's manifest is %q, not %q", got, manifest)
	}
	// The pod's manifest has notes of podtui's, such as the file that an image came
	// from. Apps are told the rest.
	pods, err := h.PodManifestJSON(started.UUID)
	if err != nil {
		t.Fatal(err)
	}
	var whole schema.PodManifest
	if err := json.Unmarshal(pods, &whole); err != nil {
		t.Fatal(err)
	}
	for i := range whole.Apps {
		if _, noted := whole.Apps[i].Annotations.Get("podtui.reference"); !noted {
			t.Errorf("cat-manifest doesn't say where app %d comes from: %s", i, pods)
		}
		whole.Apps[i].Annotations = nil
	}
	told, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	if _, got := ask(t, at+"/acMetadata/v1/pod/manifest", nil); got != string(told) {
		t.Errorf("the pod's manifest is %q, not %q", got, told)
	}
	if _, got := ask(t, at+"/acMetadata/v1/apps/a/annotations", nil); got != "null" {
		t.Errorf("an app without annotations has %q", got)
	}
}

func TestMetadataServiceTellsTheSameLongAfterTheStart(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits until a supervisor has given back what its start needed")
	}
	t.Parallel()
	h := enginetest.NewHost(t)
	_, at := toldAt(t, h, enginetest.Pod(enginetest.Shell(t, tellURL)))
	questions := []string{"/acMetadata/v1/pod/manifest", "/acMetadata/v1/pod/annotations", "/acMetadata/v1/apps/a/image/id"}
	before := make(map[string]string)
	for _, question := range questions {
		_, before[question] = ask(t, at+question, nil)
	}
	time.Sleep(2 * time.Second) // it does so within a second, and tells nobody
	for _, question := range questions {
		if _, now := ask(t, at+question, nil); now != before[question] {
			t.Errorf("%s: %q, and later %q", question, before[question], now)
		}
	}
}

func TestNoPodReadsAnothersData(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	one, ones := toldAt(t, h, enginetest.Pod(enginetest.Shell(t, tellURL)))
	other, others := toldAt(t, h, enginetest.Pod(enginetest.Shell(t, tellURL)))
	parse := func(at string) *url.URL {
		u, err := url.Parse(at)
		if err != nil || len(u.Path) < 40 {
			t.Fatalf("%q, %v", at, err)
		}
		return u
	}
	one1, other1 := parse(ones), parse(others)
	if one1.Host == other1.Host || one1.Path == other1.Path {
		t.Fatalf("%s and %s", ones, others)
	}
	for _, path := range []string{"/pod/uuid", "/pod/manifest", "/pod/annotations", "/apps/busybox/image/id", "/apps/busybox/annotations"} {
		for _, wrong := range []string{"http://" + one1.Host + other1.Path, "http://" + other1.Host + one1.Path} {
			if status, body := ask(t, wrong+"/acMetadata/v1"+path, nil); status != 404 || strings.Contains(body, one.UUID) || strings.Contains(body, other.UUID) {
				t.Errorf("%s of one pod, asked of the other: %d, %q", path, status, body)
			}
		}
	}

	// What one has signed the other verifies, also when the one has gone.
	_, signature := ask(t, ones+"/acMetadata/v1/pod/hmac/sign", url.Values{"content": {"it was me"}})
	form := url.Values{"content": {"it was me"}, "uuid": {one.UUID}, "signature": {signature}}
	verify := others + "/acMetadata/v1/pod/hmac/verify"
	if status, body := ask(t, verify, form); status != 200 {
		t.Errorf("%d, %q", status, body)
	}
	one.Stop(true)
	one.Wait()
	if err := h.RemovePod(one.UUID); err != nil {
		t.Fatal(err)
	}
	if status, body := ask(t, verify, form); status != 200 {
		t.Errorf("after its end: %d, %q", status, body)
	}
	if got, err := http.Get(ones + "/acMetadata/v1/pod/uuid"); err == nil { // it may be another pod's by now
		got.Body.Close()
		if got.StatusCode == 200 {
			t.Error("a pod that has ended is told of")
		}
	}
	form.Set("uuid", other.UUID)
	if status, _ := ask(t, verify, form); status != 403 {
		t.Errorf("in another's name: %d", status)
	}
}

func TestWithoutRegistrationThereIsNoMetadataService(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	no := false
	pod := enginetest.Pod(enginetest.Shell(t, `env | grep -c AC_METADATA; netstat -ltn | grep -c ":$1 "`, "0"))
	pod.RegisterMDS = &no
	started := h.Run(pod)
	if !strings.HasPrefix(started.Stdout, "0\n") {
		t.Errorf("%q, %v", started.Stdout, started.Err)
	}
	if _, err := os.Stat(h.Dir + "/metadata.key"); err == nil {
		t.Error("a key was made for nobody")
	}
	pod = enginetest.Pod(enginetest.Shell(t, tellURL))
	pod.RegisterMDS = &no
	pod.Env = []spec.Var{{Name: "AC_METADATA_URL", Value: "http://192.0.2.1/own"}}
	if _, at := toldAt(t, h, pod); at != "http://192.0.2.1/own" {
		t.Errorf("the user's own is %q", at)
	}
}

func TestAPodRunsWithoutAMetadataServiceWhereThereCanBeNone(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	if err := os.Mkdir(h.Dir+"/metadata.key", 0o700); err != nil {
		t.Fatal(err)
	}
	result := h.Run(enginetest.Pod(enginetest.Shell(t, `echo "<${AC_METADATA_URL-none}>"`)))
	warned := slices.ContainsFunc(result.Events, func(e event.Event) bool {
		return e.Type == event.Warning && strings.Contains(e.Message, "metadata.key is damaged")
	})
	if result.Err != nil || result.Stdout != "<none>\n" || !warned {
		t.Errorf("%v, %q, warned: %v", result.Err, result.Stdout, warned)
	}
}

func TestOneMetadataServiceForAllPods(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	_, own := toldAt(t, h, enginetest.Pod(enginetest.Shell(t, tellURL))) // before there is one
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	ready := make(chan string, 1)
	go func() { ended <- h.Open().ServeMetadata(ctx, "127.0.0.1:0", func(url string) { ready <- url }) }()
	base := <-ready
	defer func() {
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if _, at := toldAt(t, h, enginetest.Pod(enginetest.Shell(t, tellURL))); strings.HasPrefix(at, base) || at == "" {
			t.Errorf("after its end a pod is told %q", at)
		}
	}()
	err := h.ServeMetadata(ctx, "127.0.0.1:0", func(string) { t.Error("a second one runs") })
	if err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(base, "http://")) {
		t.Errorf("a second one: %v", err)
	}
	started, at := toldAt(t, h, enginetest.Pod(enginetest.Shell(t, tellURL)))
	if !strings.HasPrefix(at, base+"/") {
		t.Errorf("%q is not at %s", at, base)
	}
	if _, uuid := ask(t, at+"/acMetadata/v1/pod/uuid", nil); uuid != started.UUID {
		t.Errorf("%q, not %q", uuid, started.UUID)
	}
	_, path, _ := strings.Cut(strings.TrimPrefix(own, "http://"), "/")
	_, uuid := ask(t, own+"/acMetadata/v1/pod/uuid", nil)
	if _, alike := ask(t, base+"/"+path+"/acMetadata/v1/pod/uuid", nil); alike != uuid || len(uuid) != 36 {
		t.Errorf("of a pod with its own: %q, not %q", alike, uuid)
	}
	started.Stop(true)
	started.Wait()
	if status, _ := ask(t, at+"/acMetadata/v1/pod/uuid", nil); status != 404 {
		t.Errorf("of a pod that has ended: %d", status)
	}
}
