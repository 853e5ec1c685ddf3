package oci

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"
)

// clean fails on an error that would do something to a terminal.
func clean(t *testing.T, err error) {
	t.Helper()
	if strings.ContainsFunc(err.Error(), func(c rune) bool { return c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 }) {
		t.Fatalf("the error is not one clean line: %q", err)
	}
}

// FuzzManifest: whatever a manifest says, its layers are as many as diff IDs,
// of known digests and sane sizes, or it is refused.
func FuzzManifest(f *testing.F) {
	s := shelf{}
	config := s.put(OCIConfig, configFor("linux/amd64", diff1))
	for _, d := range []Descriptor{s.manifest(f, config, layer1), s.manifest(f, config, layer1, layer2), s.image(f, "linux/arm64")} {
		f.Add(s[d.Digest], DockerManifest)
		f.Add(s[d.Digest], OCIManifest)
	}
	f.Fuzz(func(t *testing.T, raw []byte, mediaType string) {
		img, err := Read(t.Context(), s, Document{MediaType: mediaType, Digest: DigestOf(raw), Raw: raw}, amd64)
		if err != nil {
			clean(t, err)
			return
		}
		if len(img.Layers) != len(img.Parsed.RootFS.DiffIDs) || len(img.Layers) == 0 {
			t.Fatalf("%d layers", len(img.Layers))
		}
		for _, l := range img.Layers {
			if !l.Digest.Valid() || l.Size <= 0 || l.Size > maxLayerSize {
				t.Fatalf("%+v", l)
			}
		}
	})
}

// FuzzIndex: whatever an index says, what is read is for the platform that is
// wanted.
func FuzzIndex(f *testing.F) {
	s := shelf{}
	one, two := s.image(f, "linux/amd64"), s.image(f, "linux/s390x")
	inner := s.index(f, two.on("linux/s390x"), one.on("linux/amd64"))
	for _, d := range []Descriptor{inner, s.index(f, one), s.index(f, inner), s.index(f, one.on("unknown/unknown"), two)} {
		f.Add(s[d.Digest])
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		img, err := Read(t.Context(), s, Document{Digest: DigestOf(raw), Raw: raw}, amd64)
		if err != nil {
			clean(t, err)
			return
		}
		if img.Platform != amd64 || img.Manifest.Digest != one.Digest {
			t.Fatalf("%+v", img)
		}
	})
}

// FuzzConvert: whatever a config says, it is refused or becomes a manifest that
// appc takes, the same one each time.
func FuzzConvert(f *testing.F) {
	f.Add([]byte(strings.ReplaceAll(configFor("linux/arm/v7", diff1), "'", `"`)), "example.com/a", "v1", "docker://a/b@"+string(diff1))
	for _, run := range []string{
		`{"User":"app:x","Env":["A=1","A"],"Volumes":{"/a":{},"//a":{},"../ü":{}}}`,
		`{"ExposedPorts":{"1-65535":{},"80/udp":{}},"Labels":{"OS":"","os":"\u0000","":"x"}}`,
		`{"Healthcheck":{"Test":["NONE"]},"Shell":["\ud800"],"StopSignal":"9"}`,
	} {
		f.Add([]byte(`{"os":"linux","created":"2020-01-01T00:00:00Z","config":`+run+`}`), "a", "", "")
	}
	f.Fuzz(func(t *testing.T, raw []byte, name, version, reference string) {
		c, err := ParseConfig(raw)
		if err != nil {
			clean(t, err)
			return
		}
		img := &Image{Parsed: c, Platform: c.normal()}
		manifest, err := img.Convert(Names{Name: name, Version: version, Reference: reference}, some)
		if err != nil {
			clean(t, err)
			return
		}
		var m schema.ImageManifest
		if err := json.Unmarshal(manifest, &m); err != nil {
			t.Fatalf("appc doesn't take it: %v\n%s", err, manifest)
		}
		again, _ := img.Convert(Names{Name: name, Version: version, Reference: reference}, some)
		if !bytes.Equal(again, manifest) {
			t.Fatal("another time it is another one")
		}
		points := map[types.ACName]bool{}
		for _, p := range m.App.MountPoints {
			if points[p.Name] || !strings.HasPrefix(p.Path, "/") || strings.Contains(p.Path, "/../") {
				t.Fatalf("%+v", m.App.MountPoints)
			}
			points[p.Name] = true
		}
	})
}

// FuzzEscapeLabel: different names stay different, and all of them are valid.
func FuzzEscapeLabel(f *testing.F) {
	f.Add("version", "image~label/version")
	f.Add("A", "~41")
	f.Add("a.b", "a..b")
	f.Fuzz(func(t *testing.T, a, b string) {
		one, other := EscapeLabel(a), EscapeLabel(b)
		if !types.ValidACIdentifier.MatchString(one) || (a == b) != (one == other) {
			t.Fatalf("%q %q: %q %q", a, b, one, other)
		}
	})
}
