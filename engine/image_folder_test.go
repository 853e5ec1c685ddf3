package engine_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/recipe"
)

func TestFoldersOfAnImageAreFoundAsItsAppWouldFindThem(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	file, err := os.Create(filepath.Join(t.TempDir(), "image.aci"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	_, err = enginetest.BuildACI(file, recipe.Recipe{
		Manifest: json.RawMessage(`{"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "example.com/folders"}`),
		Files: []recipe.File{
			{Kind: recipe.Directory, Path: "/a/b", Mode: 0o755},
			{Kind: recipe.Regular, Path: "/file", Mode: 0o644},
			{Kind: recipe.Symlink, Path: "/link", Target: "a"},
			{Kind: recipe.Symlink, Path: "/gone", Target: "/no"},
			{Kind: recipe.Symlink, Path: "/circle", Target: "circle"},
			{Kind: recipe.Symlink, Path: "/out", Target: "../../../../usr"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	image := h.Fetched(file.Name())
	for path, want := range map[string]bool{
		"/": true, "/a": true, "/a/b/": true, "/link/b": true, "/link/../a": true,
		"/file": false, "/file/b": false, "/no": false, "/gone": false, "/circle": false, "/circle/a": false, "/out": false, "/etc": false,
		"/" + strings.Repeat("x", 300): false,
	} {
		if got, err := h.HasFolder(image.ID, path); got != want || err != nil {
			t.Errorf("%.40s: %v, %v", path, got, err)
		}
	}
	if _, err := h.HasFolder("sha512-"+strings.Repeat("0", 128), "/"); err == nil {
		t.Error("an image that is not here has a folder")
	}
}
