package archive

import (
	"archive/tar"
	"bytes"
	"io"
	"testing"

	"github.com/podtui/podtui/engine/fetch/oci"
)

// FuzzTar: whatever a tar says, what is read of it lies within it.
func FuzzTar(f *testing.F) {
	var b layoutBuilder
	b.image(f, "v1", layer(f, "a"))
	f.Add(pack(f, b.pieces(f)...))
	f.Add(pack(f, savedBy(f, nil, layer(f, "a"), layer(f, "b"))...))
	f.Add(pack(f, piece{name: "l", link: "../l", kind: tar.TypeSymlink}, piece{name: dockerFile, link: "l", kind: tar.TypeLink}))
	f.Add(pack(f, piece{name: "manifest"}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		whole := io.NewSectionReader(bytes.NewReader(raw), 0, int64(len(raw)))
		opened, err := openTar(nothing{}, whole)
		if err != nil {
			oneLine(t, "open", err)
			return
		}
		for name := range opened.entries {
			file, err := opened.open(name)
			if err != nil {
				oneLine(t, name, err)
				continue
			}
			content, err := io.ReadAll(file)
			if err != nil || int64(len(content)) != file.Size() || !bytes.Contains(raw, content) {
				t.Fatalf("%q: %d bytes of %d: %v", name, len(content), file.Size(), err)
			}
		}
		a := &Archive{tree: opened, known: make(map[oci.Digest]known)}
		if err := a.detect(false); err != nil {
			oneLine(t, "detect", err)
			return
		}
		top, names, err := a.Top(t.Context(), "")
		if err != nil {
			oneLine(t, "top", err)
			return
		}
		for _, n := range names {
			if !validName(n) {
				t.Fatalf("the name %q", n)
			}
		}
		if err := top.Digest.Verify(top.Raw); err != nil {
			t.Fatal(err)
		}
	})
}
