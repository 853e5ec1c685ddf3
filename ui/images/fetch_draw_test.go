package images

import (
	"errors"
	"testing"

	"github.com/podtui/podtui/engine"
)

func TestShortNamesKeepTheTag(t *testing.T) {
	for _, c := range []struct {
		reference string
		width     int
		want      string
	}{
		{"docker://quay.io/coreos/etcd:v3.5.0", 40, "docker://quay.io/coreos/etcd:v3.5.0"},
		{"docker://quay.io/coreos/etcd:v3.5.0", 32, "quay.io/coreos/etcd:v3.5.0"},
		{"docker://registry.test/team/etcd:v3", 16, "regis…am/etcd:v3"},
		{"docker://registry.test/app:1.24.3-alpine", 16, "r…:1.24.3-alpine"},
		{"https://example.com/files/a/b/etcd.aci", 16, "examp…b/etcd.aci"},
		{"/srv/images/team/etcd-v3.aci", 20, "…es/team/etcd-v3.aci"},
	} {
		if got := shortName(c.reference, c.width); got != c.want {
			t.Errorf("%s in %d: %q, want %q", c.reference, c.width, got, c.want)
		}
	}
}

// A row says what it is of; its cause does not say it again.
func TestARowLeavesOutOfItsCauseWhatItSays(t *testing.T) {
	for _, c := range []struct{ reference, err, want string }{
		{"https://example.com/a.aci", "https://example.com/a.aci: 404 Not Found", "404 Not Found"},
		{"https://example.com/a.aci?sig=1", "https://example.com/a.aci: 404 Not Found", "404 Not Found"},
		{"https://example.com/a.aci", "https://other.test/a.aci: 404 Not Found", "https://other.test/a.aci: 404 Not Found"},
		{"docker://quay.io/a/b:1", "https://quay.io/v2/a/b/blobs/sha256:ab: no byte for 30s", "no byte for 30s"},
		{"docker://quay.io/a/b:1", "401 Unauthorized: credentials are missing", "401 Unauthorized: credentials are missing"},
		{"./a.aci", "./a.aci: no such file or directory", "no such file or directory"},
	} {
		f := fetching{reference: c.reference, err: &engine.ImageError{Image: c.reference, Err: errors.New(c.err)}}
		if got := f.because(); got != c.want {
			t.Errorf("%s, %s: %q, want %q", c.reference, c.err, got, c.want)
		}
	}
}
