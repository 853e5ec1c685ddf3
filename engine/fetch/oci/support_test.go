package oci

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// shelf is a Source of documents that lie in memory.
type shelf map[Digest][]byte

func (s shelf) Document(_ context.Context, d Descriptor) (Document, error) {
	raw, ok := s[d.Digest]
	if !ok {
		return Document{}, fmt.Errorf("%s is missing", d.Digest)
	}
	return Document{MediaType: "text/plain", Digest: d.Digest, Raw: raw}, nil
}

// put makes a document of what a test wrote, with single quotes for double ones.
func (s shelf) put(mediaType, text string) Descriptor {
	raw := []byte(strings.ReplaceAll(text, "'", `"`))
	d := Descriptor{MediaType: mediaType, Digest: DigestOf(raw), Size: int64(len(raw))}
	s[d.Digest] = raw
	return d
}

func (s shelf) document(d Descriptor) Document {
	return Document{MediaType: d.MediaType, Digest: d.Digest, Raw: s[d.Digest]}
}

func text(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

var (
	diff1  = DigestOf([]byte("layer 1"))
	diff2  = DigestOf([]byte("layer 2"))
	layer1 = fmt.Sprintf(`{'mediaType':'application/vnd.oci.image.layer.v1.tar+gzip','size':10,'digest':'%s'}`, DigestOf([]byte("gzip 1")))
	layer2 = fmt.Sprintf(`{'mediaType':'application/vnd.docker.image.rootfs.diff.tar.gzip','size':20,'digest':'%s'}`, DigestOf([]byte("gzip 2")))
)

// configFor is a config for a platform, with those layers.
func configFor(platform string, diffIDs ...Digest) string {
	os, rest, _ := strings.Cut(platform, "/")
	arch, variant, _ := strings.Cut(rest, "/")
	list, _ := json.Marshal(diffIDs)
	return fmt.Sprintf(`{'os':'%s','architecture':'%s','variant':'%s','config':{'Cmd':['/%s']},'rootfs':{'type':'layers','diff_ids':%s}}`,
		os, arch, variant, arch, list)
}

// image puts an image of one layer for a platform, and returns its manifest.
func (s shelf) image(t testing.TB, platform string) Descriptor {
	t.Helper()
	return s.manifest(t, s.put(OCIConfig, configFor(platform, diff1)), layer1)
}

func (s shelf) manifest(t testing.TB, config Descriptor, layers ...string) Descriptor {
	t.Helper()
	return s.put(OCIManifest, fmt.Sprintf(`{'schemaVersion':2,'mediaType':'%s','config':%s,'layers':[%s]}`,
		OCIManifest, text(t, config), strings.Join(layers, ",")))
}

func (s shelf) index(t testing.TB, entries ...Descriptor) Descriptor {
	t.Helper()
	return s.put(OCIIndex, fmt.Sprintf(`{'schemaVersion':2,'mediaType':'%s','manifests':%s}`, OCIIndex, text(t, entries)))
}

// on gives an entry of an index its platform.
func (d Descriptor) on(platform string) Descriptor {
	p := platformFrom(platform)
	d.Platform = &p
	return d
}

func platformFrom(s string) Platform {
	os, rest, _ := strings.Cut(s, "/")
	arch, variant, _ := strings.Cut(rest, "/")
	return Platform{OS: os, Architecture: arch, Variant: variant}
}
