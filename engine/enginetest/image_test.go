package enginetest

import (
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

func TestImageIsBuiltOnce(t *testing.T) {
	if first, second := BuildImage(t, "exit"), BuildImage(t, "exit"); first != second {
		t.Errorf("%s and %s", first, second)
	}
}
