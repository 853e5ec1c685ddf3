package mds

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/appc/spec/schema/types"
	"github.com/google/uuid"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/store/imagemanifest"
)

// Manifests of images, as strangers write them.
const (
	plainManifest = `{"acKind":"ImageManifest", "acVersion":"0.8.11",  "name":"example.com/plain",
 "app":{"exec":["/bin/plain"],"user":"0","group":"0"}, "of-others":{"z":1,"a":[ ]}}
`
	emptyManifest = `{"acKind":"ImageManifest","acVersion":"0.8.11","name":"example.com/empty",` +
		`"app":{"exec":["/bin/empty"],"user":"0","group":"0"},"annotations":[]}`
	annotatedManifest = `{"acKind":"ImageManifest","acVersion":"0.8.11","name":"example.com/annotated",` +
		`"app":{"exec":["/bin/annotated"],"user":"0","group":"0"},` +
		`"annotations":[{"name":"authors","value":"A <a@example.com>"},{"name":"example.com/role","value":"of the image"}]}`
)

// podOf is a pod that runs, of these images.
type podOf struct {
	uuid      string
	record    poddir.Record
	manifests map[string][]byte // by image ID
}

func newPod(tb testing.TB, change func(*spec.Pod), manifests ...string) *podOf {
	tb.Helper()
	p := &podOf{uuid: uuid.NewString(), manifests: make(map[string][]byte)}
	var pod spec.Pod
	var images []spec.Image
	var inRecord []poddir.Image
	for i, manifest := range manifests {
		parsed, err := imagemanifest.Decode([]byte(manifest))
		if err != nil {
			tb.Fatal(err)
		}
		id := types.NewHashSHA512([]byte{byte(i)})
		p.manifests[id.String()] = []byte(manifest)
		pod.Apps = append(pod.Apps, spec.App{Image: "./image.aci"})
		images = append(images, spec.Image{ID: *id, Manifest: parsed})
		inRecord = append(inRecord, poddir.Image{ID: id.String()})
	}
	if change != nil {
		change(&pod)
	}
	resolved, problems := pod.Resolve(images, spec.Surroundings{})
	if len(problems) > 0 {
		tb.Fatal(problems)
	}
	p.record = poddir.NewRecord(pod, resolved, inRecord, spec.Surroundings{})
	return p
}

func (p *podOf) source(key *Key) Source {
	return Source{
		Key: key,
		Record: func(uuid string) (poddir.Record, error) {
			if uuid != p.uuid {
				return poddir.Record{}, errors.New("another pod")
			}
			return p.record, nil
		},
		ImageManifest: func(id string) ([]byte, error) {
			if manifest, ok := p.manifests[id]; ok {
				return manifest, nil
			}
			return nil, errors.New("/secret/path: there is no such image")
		},
	}
}

func newKey(tb testing.TB) *Key {
	tb.Helper()
	key, err := OpenKey(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// serve serves a pod for as long as the test, and returns where.
func serve(tb testing.TB, s Source) (address string) {
	tb.Helper()
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		tb.Fatal(err)
	}
	server := Serve(listener, s)
	tb.Cleanup(server.Close)
	return listener.Addr().String()
}

// client leaves no connection behind.
func client(tb testing.TB) *http.Client {
	tb.Helper()
	transport := &http.Transport{}
	tb.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

type response struct {
	status      int
	contentType string
	body        string
}

func do(tb testing.TB, c *http.Client, request *http.Request) response {
	tb.Helper()
	got, err := c.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return response{got.StatusCode, got.Header.Get("Content-Type"), string(body)}
}

func newRequest(tb testing.TB, method, url string, body io.Reader) *http.Request {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), method, url, body)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func get(tb testing.TB, c *http.Client, url string) response {
	tb.Helper()
	return do(tb, c, newRequest(tb, http.MethodGet, url, nil))
}

func post(tb testing.TB, c *http.Client, at string, form url.Values) response {
	tb.Helper()
	r := newRequest(tb, http.MethodPost, at, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(tb, c, r)
}
