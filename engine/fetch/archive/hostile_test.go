package archive

import (
	"archive/tar"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/fetch/oci"
)

// The attack is in the name; what the error says of it is in want.
func TestHostileDockerArchives(t *testing.T) {
	t.Parallel()
	one := layer(t, "a")
	base := savedBy(t, nil, one)
	from := func(change func(*saved), more ...piece) []byte {
		return pack(t, append(savedBy(t, change, one), more...)...)
	}
	at := func(path string) func(*saved) { return func(s *saved) { s.Layers[0] = path } }
	link := func(target string) []byte {
		return from(at("l"), piece{name: "l", link: target, kind: tar.TypeSymlink})
	}
	var chain []piece
	for i := range 20 {
		chain = append(chain, piece{name: fmt.Sprint("c", i), link: fmt.Sprint("c", i+1), kind: tar.TypeSymlink})
	}
	sound := pack(t, base...)
	for name, test := range map[string]struct {
		tar  []byte
		want string
	}{
		"a layer above":               {from(at("../../../etc/passwd")), "lies outside"},
		"an absolute layer":           {from(at("/etc/passwd")), "lies outside"},
		"a config above":              {from(func(s *saved) { s.Config = "x/../../y" }), "lies outside"},
		"a config that isn't there":   {from(func(s *saved) { s.Config = "none.json" }), `"none.json" is missing`},
		"a link above":                {link("../../etc/passwd"), "leads out"},
		"an absolute link":            {link("/etc/passwd"), "leads out"},
		"a link to nothing":           {link("nothing"), `links to "nothing", which is missing`},
		"a link to itself":            {link("l"), "more than 10 others"},
		"a chain of links":            {from(at("c0"), chain...), "more than 10 others"},
		"a giant link":                {link(strings.Repeat("x/", 5000)), "too long"},
		"a layer that is a device":    {from(at("d"), piece{name: "d", kind: tar.TypeChar}), "not a regular file"},
		"a layer that is a folder":    {from(at("d"), piece{name: "d/", kind: tar.TypeDir}), "missing"},
		"a sparse layer":              {sparse(t, one), "sparse"},
		"a layer twice":               {pack(t, append(base, base[1])...), "is there twice"},
		"manifest.json twice":         {pack(t, append(base, base[2])...), "is there twice"},
		"a manifest of 100 MB":        {pack(t, piece{name: dockerFile, content: strings.Repeat(" ", 100<<20)}), "at most 4194304"},
		"a config of 5 MB":            {from(func(s *saved) { s.Config = "c" }, piece{name: "c", content: strings.Repeat(" ", 5<<20)}), "at most 4194304"},
		"a manifest that is a folder": {pack(t, piece{name: dockerFile + "/", kind: tar.TypeDir}), "neither"},
		"a manifest that is text":     {pack(t, piece{name: dockerFile, content: "\x1b[2J"}), "not what docker save writes"},
		"a manifest for no image":     {pack(t, piece{name: dockerFile, content: "[]"}), "no image is in it"},
		"a manifest for 20,000":       {pack(t, piece{name: dockerFile, content: "[" + strings.Repeat("{},", 19_999) + "{}]"}), "at most 10000"},
		"layers without diff IDs":     {from(func(s *saved) { s.Layers = append(s.Layers, s.Layers[0]) }), "2 layers, the config has 1 diff IDs"},
		"a config of another name":    {from(func(s *saved) { s.Config = strings.Repeat("0", 64) + ".json" }, piece{name: strings.Repeat("0", 64) + ".json", content: configOf(one)}), "the content is another"},
		"another layer":               {from(at("o"), piece{name: "o", content: layer(t, "b")}), "the diff ID"},
		"escapes in a layer's name":   {from(at("\x1b[2J")), `"\x1b[2J" is missing`},
		"cut in a layer":              {sound[:len(sound)-3000], "truncated"},
		"a size beyond every file":    {huge(t, base), "after"},
		"a header overwritten":        {append(append([]byte{}, sound[:1024]...), []byte(strings.Repeat("x", 4096))...), "not a sound tar"},
	} {
		_, _, err := readAll(t, write(t, test.tar), "")
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		oneLine(t, name, err)
	}
}

// sparse makes the layer a sparse file of GNU tar's, which is another content
// than its bytes.
func sparse(t *testing.T, content string) []byte {
	t.Helper()
	pieces := savedBy(t, nil, content)
	raw := pack(t, pieces...)
	at := strings.Index(string(raw), "0/layer.tar")
	header := raw[at : at+512]
	header[156] = tar.TypeGNUSparse
	copy(header[257:265], "ustar  \x00")
	clear(header[345:512])
	copy(header[386:], "00000000000\x0000000004000\x00") // one piece, at its start
	copy(header[483:], "00000004000\x00")
	checksum(header)
	return raw
}

// huge makes an entry say that it has almost 2^63 bytes.
func huge(t *testing.T, pieces []piece) []byte {
	t.Helper()
	raw := pack(t, pieces...)
	header := raw[1024:1536] // of the second entry: the first has one block
	copy(header[124:136], "\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xf0")
	checksum(header)
	return raw
}

func checksum(header []byte) {
	copy(header[148:156], "        ")
	sum := 0
	for _, c := range header {
		sum += int(c)
	}
	copy(header[148:156], fmt.Sprintf("%06o\x00 ", sum))
}

func TestHostileLayouts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*layoutBuilder)
		want   string
	}{
		"an index of 100,000 manifests": {func(b *layoutBuilder) { b.manifests = make([]oci.Descriptor, 100_000) }, "100000 manifests; at most 10000"},
		"a digest that climbs":          {func(b *layoutBuilder) { b.manifests[0].Digest = "sha256:../../../etc/passwd" }, "has the digest"},
		"a size that lies":              {func(b *layoutBuilder) { b.manifests[0].Size++ }, "its descriptor says"},
		"a giant size":                  {func(b *layoutBuilder) { b.manifests[0].Size = 1 << 60 }, "at most 4194304"},
		"another manifest": {func(b *layoutBuilder) {
			p := blobPath(b.manifests[0].Digest)
			b.blobs[p] = strings.Replace(b.blobs[p], "2", "3", 1)
		}, "the content is another"},
		"a blob that is missing":  {func(b *layoutBuilder) { delete(b.blobs, blobPath(b.manifests[0].Digest)) }, "is missing"},
		"another version":         {func(b *layoutBuilder) { b.blobs[layoutFile] = `{"imageLayoutVersion":"2.0"}` }, "not of version 1"},
		"a layout that is text":   {func(b *layoutBuilder) { b.blobs[layoutFile] = "\x1b[2J" }, "not of version 1"},
		"no images but artifacts": {func(b *layoutBuilder) { b.manifests[0].ArtifactType = "a/b" }, "no image is in it"},
		"an index that is its own": {func(b *layoutBuilder) {
			d := b.manifests[0]
			b.manifests[0] = b.blob(oci.OCIIndex, fmt.Sprintf(`{"schemaVersion":2,"manifests":[{"mediaType":%q,"digest":%q,"size":%d}]}`, oci.OCIIndex, d.Digest, d.Size))
		}, "is not what its media type"},
	} {
		var b layoutBuilder
		b.image(t, "v1", layer(t, "a"))
		test.change(&b)
		for kind, path := range map[string]string{"folder": b.folder(t), "tar": write(t, pack(t, b.pieces(t)...))} {
			_, _, err := readAll(t, path, "")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %s: %.300v", kind, name, err)
				continue
			}
			oneLine(t, name, err)
		}
	}
}

// A layer's bytes are another's, of the same length: that shows at its end.
func TestALayerIsCheckedAtItsEnd(t *testing.T) {
	t.Parallel()
	var b layoutBuilder
	b.image(t, "v1", layer(t, "a"))
	for path, content := range b.blobs {
		if strings.HasPrefix(content, "\x1f\x8b") {
			b.blobs[path] = content[:len(content)-1] + "\xff"
		}
	}
	var wrong *oci.DigestError
	if _, _, err := readAll(t, b.folder(t), ""); !errors.As(err, &wrong) {
		t.Error(err)
	}
}

func TestLinksOutOfALayoutLeadNowhere(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(blob, outside string) error{
		"a link out":       func(blob, outside string) error { return os.Symlink(outside, blob) },
		"a relative one":   func(blob, outside string) error { return os.Symlink("../../../"+filepath.Base(outside), blob) },
		"a pipe":           func(blob, _ string) error { return unix.Mkfifo(blob, 0o600) },
		"a folder":         func(blob, _ string) error { return os.Mkdir(blob, 0o700) },
		"a link to itself": func(blob, _ string) error { return os.Symlink(filepath.Base(blob), blob) },
	} {
		var b layoutBuilder
		d := b.image(t, "v1", layer(t, "a"))
		dir := b.folder(t)
		blob := filepath.Join(dir, blobPath(d.Digest))
		outside := filepath.Join(filepath.Dir(dir), filepath.Base(dir)+"-outside")
		if err := os.Rename(blob, outside); err != nil {
			t.Fatal(err)
		}
		if err := replace(blob, outside); err != nil {
			t.Fatal(err)
		}
		if _, _, err := readAll(t, dir, ""); err == nil {
			t.Errorf("%s: it was followed", name)
		} else if oneLine(t, name, err); strings.Contains(err.Error(), outside) {
			t.Errorf("%s: %v", name, err)
		}
		os.Remove(outside)
	}
	// Within the layout a link is a way to say the same.
	var b layoutBuilder
	d := b.image(t, "v1", layer(t, "a"))
	dir := b.folder(t)
	os.Rename(filepath.Join(dir, blobPath(d.Digest)), filepath.Join(dir, "moved"))
	os.Symlink("../../moved", filepath.Join(dir, blobPath(d.Digest)))
	if _, _, err := readAll(t, dir, ""); err != nil {
		t.Error(err)
	}
}

func TestEntriesAreCounted(t *testing.T) {
	t.Parallel()
	header := pack(t, piece{name: "x"})[:512]
	many := []byte(strings.Repeat(string(header), 50_001))
	for name, content := range map[string][]byte{"plain": many, "compressed": gzipped(t, many)} {
		_, err := Open(t.Context(), write(t, content), Options{Temp: t.TempDir()})
		if err == nil || !strings.Contains(err.Error(), "more than 50000 entries") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABombIsNotWrittenOut(t *testing.T) {
	t.Parallel()
	bomb := gzipped(t, pack(t, piece{name: "blob", content: strings.Repeat("\x00", 16<<20)}))
	_, err := open(t, write(t, bomb)) // 8 MiB are taken
	var invalid *InvalidError
	if !errors.As(err, &invalid) || !strings.Contains(err.Error(), "more than 8388608 bytes") {
		t.Error(err)
	}
}
