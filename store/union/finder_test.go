package union

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A folder on the way is looked at once for all that is in it: what comes to be
// after that look is not seen.
func TestFinderKeepsItsWay(t *testing.T) {
	t.Parallel()
	layers := makeLayers(t, [][]string{{"file x|a/b/c/1"}, {"file x|other"}})
	v, err := Open(layers)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	f, err := v.Finder()
	if err != nil {
		t.Fatal(err)
	}
	if e, err := f.Lookup("a/b/c/1"); err != nil || e.Path != "a/b/c/1" {
		t.Fatalf("%q, %v", e.Path, err)
	}
	late := filepath.Join(layers[1], "a/b/c")
	if err := errors.Join(os.MkdirAll(late, 0o755), os.WriteFile(filepath.Join(late, "2"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Lookup("a/b/c/2"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the way to its folder began anew: %v", err)
	}
	if e, err := f.Lookup("a"); err != nil || e.Path != "a" || !e.IsDir() {
		t.Errorf("further up is %q, %v", e.Path, err)
	}
	if e, err := f.Lookup("other"); err != nil || e.Layer != 1 {
		t.Errorf("beside is layer %d, %v", e.Layer, err)
	}
}
