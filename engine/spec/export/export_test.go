package export

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"

	"github.com/podtui/podtui/engine/spec"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(got) != string(want) {
		t.Errorf("%s: %v; got\n%s", name, err, got)
	}
}

// appcImage is one whose app object this is; a registry's has annotations that say so.
func appcImage(t testing.TB, name, app string) spec.Image {
	t.Helper()
	return makeImage(t, `"name":"`+name+`","labels":[{"name":"version","value":"1.4.0"}],"app":`+app)
}

func registryImage(t testing.TB, name, app string) spec.Image {
	t.Helper()
	return makeImage(t, `"name":"`+name+`","labels":[{"name":"version","value":"1"}],"app":`+app+`,
		"annotations":[{"name":"podtui.io/platform","value":"linux/amd64"},{"name":"podtui.io/volumes","value":"[\"/data\"]"},{"name":"podtui.io/reference","value":"docker://`+name+`:1"}]`)
}

func makeImage(t testing.TB, fields string) spec.Image {
	t.Helper()
	m := new(schema.ImageManifest)
	if err := json.Unmarshal([]byte(`{"acKind":"ImageManifest","acVersion":"0.8.11",`+fields+`}`), m); err != nil {
		t.Fatal(err)
	}
	id, err := types.NewHash("sha512-" + strings.Repeat("ab", 64))
	if err != nil {
		t.Fatal(err)
	}
	return spec.Image{ID: *id, Manifest: m}
}

const (
	workerApp = `{"exec":["/bin/worker","--once"],"user":"1000","group":"1000","supplementaryGIDs":[50],"workingDirectory":"/w",
		"environment":[{"name":"MODE","value":"image"},{"name":"COST","value":"$5 $(MODE)"}],
		"mountPoints":[{"name":"work","path":"/var/lib/work"},{"name":"cache","path":"/var/cache","readOnly":true}],
		"ports":[{"name":"http","protocol":"tcp","port":8080},{"name":"stats--and-more-of-it","protocol":"udp","port":7000,"count":3}],
		"isolators":[{"name":"resource/memory","value":{"limit":"1G","request":"512M"}},{"name":"os/linux/no-new-privileges","value":true}]}`
	webApp = `{"exec":["/entry","serve"],"user":"www","group":"www","supplementaryGIDs":[33],"environment":[{"name":"PATH","value":"/bin"}],
		"mountPoints":[{"name":"volume-data","path":"/data"}],"ports":[{"name":"80-tcp","protocol":"tcp","port":80}]}`
)

// read is the pod of a line, and what it is resolved to. Of an image that is not known
// there is none.
func read(t testing.TB, line string, images ...spec.Image) (spec.Pod, spec.Resolved) {
	t.Helper()
	said, err := spec.ReadLine(line)
	if err != nil {
		t.Fatal(err)
	}
	r, problems := said.Pod.Resolve(images, spec.Surroundings{})
	for i, image := range images {
		if image.Manifest != nil && len(problems) > 0 {
			t.Fatalf("app %d: %v", i, problems)
		}
	}
	return said.Pod, r
}
