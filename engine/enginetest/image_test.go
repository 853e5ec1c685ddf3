package enginetest

import (
	"bytes"
	"testing"

	"github.com/appc/spec/schema"
)

// Each recipe must make an image that appc's own schema accepts, whatever a
// test then wants podtui to do with it.
func TestEachRecipeMakesAValidImage(t *testing.T) {
	names, err := Recipes()
	if err != nil || len(names) == 0 {
		t.Fatalf("recipes %v, %v", names, err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			BuildImage(t, name)
			r, err := Recipe(name)
			if err != nil {
				t.Fatal(err)
			}
			var manifest schema.ImageManifest
			if err := manifest.UnmarshalJSON(r.Manifest); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestSameRecipeSameBytes(t *testing.T) {
	BuildImage(t, "busybox") // or skip
	for _, compression := range []string{"gzip", "bzip2", "xz", "zstd", "none"} {
		t.Run(compression, func(t *testing.T) {
			r, err := Recipe("exit")
			if err != nil {
				t.Fatal(err)
			}
			r.Compression = compression
			var first, second bytes.Buffer
			id1, err1 := BuildACI(&first, r)
			id2, err2 := BuildACI(&second, r)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			if id1 != id2 || id1 != ImageID(t, "exit") {
				t.Errorf("IDs %.19s, %.19s and %.19s differ", id1, id2, ImageID(t, "exit"))
			}
			if !bytes.Equal(first.Bytes(), second.Bytes()) {
				t.Error("the archives differ")
			}
		})
	}
}

func TestImageIsBuiltOnce(t *testing.T) {
	if first, second := BuildImage(t, "exit"), BuildImage(t, "exit"); first != second {
		t.Errorf("%s and %s", first, second)
	}
}
