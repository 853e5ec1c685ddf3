package oci

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

var amd64 = Platform{OS: "linux", Architecture: "amd64"}

func TestAnImageIsReadWithItsLayers(t *testing.T) {
	t.Parallel()
	for kind, types := range map[string][2]string{
		"Docker": {DockerManifest, DockerConfig},
		"OCI":    {OCIManifest, OCIConfig},
	} {
		s := shelf{}
		config := s.put(types[1], configFor("linux/amd64", diff1, diff2))
		top := s.put(types[0], fmt.Sprintf(`{'schemaVersion':2,'mediaType':'%s','config':%s,'layers':[%s,%s]}`,
			types[0], text(t, config), layer1, layer2))
		img, err := Read(t.Context(), s, s.document(top), amd64)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if len(img.Layers) != 2 || img.Layers[0].DiffID != diff1 || img.Layers[1].DiffID != diff2 ||
			img.Layers[0].Compression != "gzip" || img.Layers[1].Size != 20 || img.Index != nil || img.Platform != amd64 {
			t.Errorf("%s: %+v", kind, img)
		}
	}
}

// Each case is one index; the config that is found tells which entry was taken.
func TestThePlatformIsChosen(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		want    string
		entries []string // platforms
		found   string   // "": none
		have    string   // in the error
	}{
		"the host's among many":         {"linux/amd64", []string{"linux/arm64/v8", "linux/amd64", "windows/amd64"}, "amd64", ""},
		"other spellings":               {"linux/amd64", []string{"Linux/x86_64"}, "x86_64", ""},
		"v8 is what arm64 is":           {"linux/arm64", []string{"linux/amd64", "linux/arm64/v8"}, "arm64", ""},
		"exactly this ARM":              {"linux/arm/v6", []string{"linux/arm/v7", "linux/arm/v5", "linux/arm/v6"}, "arm-v6", ""},
		"an older ARM, the newest":      {"linux/arm/v7", []string{"linux/arm/v5", "linux/arm/v6"}, "arm-v6", ""},
		"no newer ARM":                  {"linux/arm/v6", []string{"linux/arm/v7"}, "", "only for linux/arm/v7"},
		"ARM without variant is v7":     {"linux/arm/v7", []string{"linux/arm"}, "arm", ""},
		"no amd64 of a later level":     {"linux/amd64", []string{"linux/amd64/v3"}, "", "only for linux/amd64/v3"},
		"what there is, sorted, once":   {"linux/amd64", []string{"linux/s390x", "linux/386", "linux/s390x"}, "", "for linux/amd64, only for linux/386, linux/s390x"},
		"nothing but an attestation":    {"linux/amd64", []string{"unknown/unknown"}, "", "none for any other platform"},
		"an attestation is passed over": {"linux/amd64", []string{"unknown/unknown", "linux/amd64"}, "amd64", ""},
		"escapes are shown":             {"linux/amd64", []string{"linux/\x1b[2J"}, "", `linux/\x1b[2J`},
	} {
		s := shelf{}
		var entries []Descriptor
		for _, p := range test.entries {
			d := s.manifest(t, s.put(OCIConfig, configFor(named(p), diff1)), layer1)
			entries = append(entries, d.on(p))
		}
		img, err := Read(t.Context(), s, s.document(s.index(t, entries...)), platformFrom(test.want))
		var none *PlatformError
		switch {
		case test.found != "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.found != "" && (img.Parsed.Run.Cmd[0] != "/"+strings.TrimSuffix(test.found, "-v6") || img.Index == nil):
			t.Errorf("%s: found %s", name, img.Parsed.Run.Cmd)
		case test.found == "" && (!errors.As(err, &none) || !strings.Contains(err.Error(), test.have)):
			t.Errorf("%s: %v", name, err)
		}
		if strings.HasSuffix(test.found, "-v6") && !strings.Contains(string(img.Config.Raw), `"variant":"v6"`) {
			t.Errorf("%s: found %s", name, img.Config.Raw)
		}
	}
}

// named is a platform that JSON can hold without escapes of the test's own.
func named(p string) string { return strings.ReplaceAll(p, "\x1b", "") }

func TestIndexesAreFollowedTwoDeep(t *testing.T) {
	t.Parallel()
	s := shelf{}
	fit, other := s.image(t, "linux/amd64"), s.image(t, "linux/s390x")
	attested := s.put(OCIManifest, `{'schemaVersion':2,'config':{},'layers':[]}`)
	attested.Annotations = map[string]string{"vnd.docker.reference.type": "attestation-manifest"}
	artifact := fit
	artifact.ArtifactType = "application/vnd.example.sbom"
	inner := s.index(t, other.on("linux/s390x"), fit.on("linux/amd64"))
	for name, test := range map[string]struct {
		top  Descriptor
		want string // "": found
	}{
		"one":                           {inner, ""},
		"in another":                    {s.index(t, inner), ""},
		"behind one that has it not":    {s.index(t, s.index(t, other.on("linux/s390x")), inner), ""},
		"not behind a wrong platform":   {s.index(t, inner.on("linux/s390x")), "no image for linux/amd64"},
		"three deep":                    {s.index(t, s.index(t, inner)), "more than 2 indexes deep"},
		"the only one, unsaid":          {s.index(t, attested, artifact, fit), ""},
		"the only one, unsaid, another": {s.index(t, other), "no image for linux/amd64, only for linux/s390x"},
		"two of which nothing is said":  {s.index(t, fit, other), "no image for linux/amd64"},
		"empty":                         {s.index(t), "is neither"},
		"empty, but there":              {s.put(OCIIndex, `{'schemaVersion':2,'manifests':[]}`), "no image for linux/amd64"},
		"an index that is a manifest":   {s.index(t, Descriptor{MediaType: OCIManifest, Digest: inner.Digest, Size: inner.Size}.on("linux/amd64")), "not what its media type"},
	} {
		img, err := Read(t.Context(), s, s.document(test.top), amd64)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.want == "" && (img.Manifest.Digest != fit.Digest || img.Index.Digest != test.top.Digest):
			t.Errorf("%s: found %s by %s", name, img.Manifest.Digest, img.Index.Digest)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The attack is in the name; what the error says of it is in want.
func TestHostileManifestsAreRefused(t *testing.T) {
	t.Parallel()
	s := shelf{}
	config := s.put(OCIConfig, configFor("linux/amd64", diff1))
	conf := text(t, config)
	with := func(layers string) string {
		return fmt.Sprintf(`{'schemaVersion':2,'config':%s,'layers':[%s]}`, conf, layers)
	}
	layer := func(mediaType, digest, size string) string {
		return with(fmt.Sprintf(`{'mediaType':'%s','digest':'%s','size':%s}`, mediaType, digest, size))
	}
	const gzip = "application/vnd.oci.image.layer.v1.tar+gzip"
	for name, test := range map[string]struct{ manifest, want string }{
		"a manifest and an index":     {fmt.Sprintf(`{'schemaVersion':2,'config':%s,'layers':[%s],'manifests':[]}`, conf, layer1), "at once"},
		"a key twice":                 {fmt.Sprintf(`{'schemaVersion':2,'config':%s,'layers':[],'layers':[%s]}`, conf, layer1), `"layers" is there twice`},
		"a key twice, deep":           {with(`{'size':1,'size':2}`), `"size" is there twice`},
		"something after the value":   {with(layer1) + "{}", "something follows"},
		"cut":                         {with(layer1)[:40], "ends too early"},
		"no JSON":                     {"\x1b[2J", "is not JSON"},
		"a list":                      {"[]", "wrong kind"},
		"a million brackets":          {strings.Repeat("[", 1_000_000), "deeper than 100"},
		"giant":                       {with(layer1) + strings.Repeat(" ", MaxDocument), "at most 4194304"},
		"of schema 1":                 {`{'schemaVersion':1,'fsLayers':[]}`, "schema 1"},
		"of schema 3":                 {`{'schemaVersion':3}`, "only 2 is known"},
		"neither":                     {`{'schemaVersion':2}`, "neither"},
		"says it is an index":         {fmt.Sprintf(`{'schemaVersion':2,'mediaType':'%s','config':%s,'layers':[%s]}`, OCIIndex, conf, layer1), "not what its media type"},
		"says it is Docker's":         {fmt.Sprintf(`{'schemaVersion':2,'mediaType':'%s','config':%s,'layers':[%s]}`, DockerManifest, conf, layer1), "is served as"},
		"says it is something else":   {fmt.Sprintf(`{'schemaVersion':2,'mediaType':'a/b','config':%s,'layers':[%s]}`, conf, layer1), `media type "a/b"`},
		"an artifact":                 {strings.Replace(with(layer1), OCIConfig, "application/vnd.oci.empty.v1+json", 1), "artifact of the type"},
		"an artifact by its type":     {strings.Replace(with(layer1), "{'schemaVersion'", "{'artifactType':'a/b','schemaVersion'", 1), "artifact of the type"},
		"no layers":                   {with(""), "no layers"},
		"501 layers":                  {with(strings.Repeat(layer1+",", 500) + layer1), "501 layers; at most 500"},
		"a layer more than diff IDs":  {with(layer1 + "," + layer2), "2 layers, its config has 1 diff IDs"},
		"a negative size":             {layer(gzip, string(diff1), "-1"), "has -1 bytes"},
		"an absurd size":              {layer(gzip, string(diff1), "9223372036854775807"), "at most 1099511627776"},
		"a size beyond numbers":       {layer(gzip, string(diff1), "92233720368547758070"), "wrong kind"},
		"a digest that is a path":     {layer(gzip, "sha256:../../../etc/passwd", "1"), "has the digest"},
		"a digest in capitals":        {layer(gzip, strings.ToUpper(string(diff1)), "1"), "has the digest"},
		"a short digest":              {layer(gzip, "sha256:abcd", "1"), "has the digest"},
		"md5":                         {layer(gzip, "md5:d41d8cd98f00b204e9800998ecf8427e", "1"), "known are sha256 and sha512"},
		"a foreign layer":             {layer("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", string(diff1), "1"), "foreign layer (\"application/vnd.docker.image.rootfs.foreign"},
		"a nondistributable layer":    {layer("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", string(diff1), "1"), "foreign layer"},
		"an encrypted layer":          {layer(gzip+"+encrypted", string(diff1), "1"), "no layer that podtui knows"},
		"a layer of no type":          {layer("", string(diff1), "1"), "no media type"},
		"escapes in the layer's type": {layer(`\u001b[2J`, string(diff1), "1"), `"\x1b[2j"`},
	} {
		_, err := Read(t.Context(), s, s.document(s.put(OCIManifest, test.manifest)), amd64)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHostileConfigsAreRefused(t *testing.T) {
	t.Parallel()
	good := configFor("linux/amd64", diff1)
	run := func(s string) string { return strings.Replace(good, "'Cmd':['/amd64']", s, 1) }
	var many []string
	for i := range 1001 {
		many = append(many, fmt.Sprintf("'/v%d':{}", i))
	}
	for name, test := range map[string]struct{ config, want string }{
		"another platform":       {configFor("linux/arm64", diff1), "no image for linux/amd64, only for linux/arm64"},
		"another system":         {configFor("windows/amd64", diff1), "only for windows/amd64"},
		"no diff IDs":            {configFor("linux/amd64"), "1 layers, its config has 0"},
		"a diff ID that is none": {configFor("linux/amd64", "sha256:../x"), "is not sha256"},
		"a diff ID of sha512":    {configFor("linux/amd64", Digest("sha512:"+strings.Repeat("ab", 64))), "is not sha256"},
		"no layers at all":       {strings.Replace(good, "'layers'", "'blocks'", 1), `of the type "blocks"`},
		"a key twice":            {run("'Cmd':[],'Cmd':['/bin/evil']"), "twice"},
		"a NUL in the command":   {run(`'Cmd':['/bin/a\u0000b']`), "NUL byte"},
		"a NUL in a volume":      {run(`'Volumes':{'/a\u0000b':{}}`), "NUL byte"},
		"a thousand volumes":     {run("'Volumes':{" + strings.Join(many, ",") + "}"), "at most 1000"},
		"a command of numbers":   {run("'Cmd':[1]"), "wrong kind"},
	} {
		s := shelf{}
		top := s.manifest(t, s.put(OCIConfig, test.config), layer1)
		_, err := Read(t.Context(), s, s.document(top), amd64)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.ContainsAny(err.Error(), "\n\x00") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestALayerHasOneDiffID(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		diffIDs []Digest
		want    string
	}{
		"a layer twice":     {[]Digest{diff1, diff1}, ""},
		"one layer for two": {[]Digest{diff1, diff2}, "has two diff IDs"},
	} {
		s := shelf{}
		top := s.manifest(t, s.put(OCIConfig, configFor("linux/amd64", test.diffIDs...)), layer1, layer1)
		_, err := Read(t.Context(), s, s.document(top), amd64)
		if (test.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestALyingSourceIsFoundOut(t *testing.T) {
	t.Parallel()
	s := shelf{}
	top := s.document(s.image(t, "linux/amd64"))
	config := s.put(OCIConfig, configFor("linux/amd64", diff1))
	for name, test := range map[string]struct {
		raw  string
		want any
	}{
		"other bytes": {strings.Replace(string(s[config.Digest]), "amd64", "adm64", 1), new(*DigestError)},
		"more bytes":  {string(s[config.Digest]) + " ", new(*SizeError)},
		"none":        {"", new(*SizeError)},
	} {
		lying := shelf{config.Digest: []byte(test.raw)}
		if _, err := Read(t.Context(), lying, top, amd64); !errors.As(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	top.Raw = append(top.Raw, ' ')
	var wrong *DigestError
	if _, err := Read(t.Context(), s, top, amd64); !errors.As(err, &wrong) {
		t.Errorf("a top that is another: %v", err)
	}
}

func TestOldConfigsWithoutPlatformFit(t *testing.T) {
	t.Parallel()
	s := shelf{}
	top := s.manifest(t, s.put(OCIConfig, configFor("/", diff1)), layer1)
	img, err := Read(t.Context(), s, s.document(top), amd64)
	if err != nil || img.Platform != amd64 {
		t.Errorf("%+v %v", img, err)
	}
}

// One index of 100,000 manifests is longer than a document may be; one of many
// short entries is not.
func TestIndexesAreBounded(t *testing.T) {
	t.Parallel()
	s := shelf{}
	entry := fmt.Sprintf(`{'digest':'%s','size':1}`, diff1)
	for count, want := range map[int]string{100_000: "at most 4194304", 20_000: "at most 10000 are taken"} {
		list := strings.TrimSuffix(strings.Repeat(entry+",", count), ",")
		_, err := Manifests(s.document(s.put(OCIIndex, `{'schemaVersion':2,'manifests':[`+list+`]}`)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d: %.200v", count, err)
		}
	}
}

func TestPlatformsOfAppcAndGoAreOneAnother(t *testing.T) {
	t.Parallel()
	for arch, want := range map[string]Platform{
		"amd64": amd64, "i386": {"linux", "386", ""}, "aarch64": {"linux", "arm64", ""},
		"armv7l": {"linux", "arm", "v7"}, "armv6l": {"linux", "arm", "v6"}, "ppc64le": {"linux", "ppc64le", ""},
		"ppc64": {"linux", "ppc64", ""}, "s390x": {"linux", "s390x", ""},
	} {
		got, ok := FromAppc("linux", arch)
		if !ok || got != want {
			t.Errorf("%s: %v", arch, got)
		}
		if os, back, ok := AppcPlatform(want); !ok || os != "linux" || back != arch {
			t.Errorf("%v: %s/%s", want, os, back)
		}
	}
	if os, arch, ok := AppcPlatform(Platform{"linux", "arm64", "v8"}); !ok || os+arch != "linuxaarch64" {
		t.Errorf("arm64/v8: %s %s", os, arch)
	}
	for _, none := range []Platform{{"linux", "riscv64", ""}, {"linux", "arm", "v5"}, {"plan9", "amd64", ""}} {
		if os, arch, ok := AppcPlatform(none); ok {
			t.Errorf("%v: %s/%s", none, os, arch)
		}
	}
}

func TestComposedDocumentsAreReadAgain(t *testing.T) {
	t.Parallel()
	s := shelf{}
	config := s.put(DockerConfig, configFor("linux/amd64", diff1))
	doc := NewManifest(config, []Descriptor{{MediaType: DockerLayer, Digest: diff1, Size: 3}})
	d := Descriptor{MediaType: doc.MediaType, Digest: doc.Digest, Size: int64(len(doc.Raw))}
	s[doc.Digest] = doc.Raw
	img, err := Read(t.Context(), s, NewIndex([]Descriptor{d.on("linux/amd64")}), amd64)
	if err != nil || !reflect.DeepEqual(img.Manifest.Raw, doc.Raw) || img.Layers[0].Compression != "" {
		t.Errorf("%+v %v", img, err)
	}
}

func TestHostIsAPlatformThatAppcKnows(t *testing.T) {
	t.Parallel()
	if _, _, ok := AppcPlatform(Host()); !ok {
		t.Errorf("%v", Host())
	}
}
