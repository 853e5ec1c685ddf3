package registry

import (
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/engine/fetch/transfer"
)

func TestEachFormatOfImage(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{})
	for name, c := range map[string]struct {
		layout   string
		o        registrytest.PushOptions
		mimetype string
	}{
		"Docker's":      {registrytest.BusyboxLayout(t), registrytest.PushOptions{Format: "v2s2"}, "docker.distribution.manifest.v2"},
		"OCI":           {registrytest.BusyboxLayout(t), registrytest.PushOptions{Format: "oci"}, "oci.image.manifest.v1"},
		"zstd":          {registrytest.ZstdLayout(t), registrytest.PushOptions{}, "oci.image.manifest.v1"},
		"skopeo's zstd": {registrytest.BusyboxLayout(t), registrytest.PushOptions{Format: "oci", Compression: "zstd"}, "oci.image.manifest.v1"},
		"umoci's":       {registrytest.UmociLayout(t), registrytest.PushOptions{}, "oci.image.manifest.v1"},
		"an index":      {registrytest.IndexLayout(t), registrytest.PushOptions{All: true}, "oci.image.index.v1"},
		"Docker's list": {registrytest.IndexLayout(t), registrytest.PushOptions{All: true, Format: "v2s2"}, "docker.distribution.manifest.list.v2"},
	} {
		t.Run(name, func(t *testing.T) {
			repo := "formats/" + registrytest.Digest([]byte(name))[7:17]
			r.Push(t, "oci:"+c.layout+":latest", repo+":1", c.o)
			one := client(t, transfer.Options{}, nil)
			byTag := one.at(t, r.Host, repo+":1")
			if _, err := fetch(t, byTag); err != nil {
				t.Fatal(err)
			}
			top, etag, _, err := byTag.Top(t.Context(), "")
			if err != nil || !strings.Contains(top.MediaType, c.mimetype) || !strings.Contains(etag, string(top.Digest)) {
				t.Errorf("%v: %s with etag %s", err, top.MediaType, etag)
			}
			byDigest, _, _, err := one.at(t, r.Host, repo+"@"+string(top.Digest)).Top(t.Context(), "")
			if err != nil || string(byDigest.Raw) != string(top.Raw) || byDigest.Digest != top.Digest {
				t.Errorf("by digest: %v, %s", err, byDigest.Digest)
			}
		})
	}
}
