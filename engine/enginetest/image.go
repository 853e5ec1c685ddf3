package enginetest

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/podtui/podtui/engine/enginetest/recipe"
)

// BuildImage returns the path of an ACI that is made from the recipe
// testdata/images/NAME.txtar. It is built on first use and kept below .cache,
// where later test runs and other test processes find it; its name has part of
// its ID, so a changed recipe or a newer busybox never meets an old file.
//
// Where a program that the recipe takes from the host is missing the test is
// skipped, loudly; "make test" installs them all, and in CI it is a failure.
func BuildImage(tb testing.TB, name string) string {
	tb.Helper()
	path, err := imagePath(name)
	if os.IsNotExist(err) && os.Getenv("CI") == "" {
		tb.Skipf("image %s can't be built here (make test would install what is missing): %v", name, err)
	}
	if err != nil {
		tb.Fatalf("image %s: %v", name, err)
	}
	return path
}

// ImageID returns the ID that the image of a recipe has.
func ImageID(tb testing.TB, name string) string {
	tb.Helper()
	BuildImage(tb, name)
	built.Lock()
	defer built.Unlock()
	return built.images[name].id
}

// BuildACI writes an image that a test or a benchmark made up to w, and returns
// its ID.
func BuildACI(w io.Writer, r recipe.Recipe) (id string, err error) { return r.Write(w) }

// Recipe reads the recipe testdata/images/NAME.txtar, for tests that want an
// image almost like it.
func Recipe(name string) (recipe.Recipe, error) {
	dir, err := moduleDir()
	if err != nil {
		return recipe.Recipe{}, err
	}
	return recipe.Read(filepath.Join(dir, "testdata", "images", name+".txtar"))
}

// Recipes lists the recipes by name.
func Recipes() ([]string, error) {
	dir, err := moduleDir()
	if err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(dir, "testdata", "images", "*.txtar"))
	for i, path := range paths {
		paths[i] = strings.TrimSuffix(filepath.Base(path), ".txtar")
	}
	return slices.Sorted(slices.Values(paths)), err
}

type builtImage struct{ path, id string }

// built has the images that this process knows to be built.
var built = struct {
	sync.Mutex
	images map[string]builtImage
}{images: make(map[string]builtImage)}

func imagePath(name string) (string, error) {
	built.Lock()
	defer built.Unlock()
	if image, ok := built.images[name]; ok {
		return image.path, nil
	}
	image, err := buildImage(name)
	if err != nil {
		return "", err
	}
	built.images[name] = image
	return image.path, nil
}

func buildImage(name string) (builtImage, error) {
	r, err := Recipe(name)
	if err != nil {
		return builtImage{}, err
	}
	plain := r
	plain.Compression = "none"
	id, err := plain.Write(io.Discard)
	if err != nil {
		return builtImage{}, err
	}
	dir, err := imageDir()
	if err != nil {
		return builtImage{}, err
	}
	path := filepath.Join(dir, fmt.Sprintf("%s-%.19s%s.aci", name, id, r.Compression))
	if _, err := os.Stat(path); err == nil {
		return builtImage{path, id}, nil
	}
	// Other test processes may be at the same image. Each writes a file of its
	// own, and the rename that comes last changes nothing: the bytes are the same.
	part, err := os.CreateTemp(dir, name+".part-")
	if err != nil {
		return builtImage{}, err
	}
	defer os.Remove(part.Name())
	_, err = r.Write(part)
	if err := closeWith(part, err); err != nil {
		return builtImage{}, err
	}
	if err := os.Chmod(part.Name(), 0o644); err != nil {
		return builtImage{}, err
	}
	return builtImage{path, id}, os.Rename(part.Name(), path)
}

func closeWith(c io.Closer, err error) error {
	if closeErr := c.Close(); err == nil {
		return closeErr
	}
	return err
}

// imageDir is where built images are kept: in the tree, so that "make clean"
// takes them along, or wherever temporary files go if the tree can't be written.
func imageDir() (string, error) {
	module, err := moduleDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(module, ".cache", "images")
	if err := os.MkdirAll(dir, 0o755); err == nil {
		return dir, nil
	}
	dir = filepath.Join(os.TempDir(), fmt.Sprintf("podtui-images-%d", os.Getuid()))
	return dir, os.MkdirAll(dir, 0o700)
}

// moduleDir finds the top of the source tree: tests run in their package's folder.
func moduleDir() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is in no Go module on %s", start, runtime.GOOS)
		}
	}
}
