package trust

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWalkEndsWhereTheFilesDont(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 6 {
		write(t, fmt.Sprintf("%s/keys/%d/%d", dir, i%2, i), nil)
	}
	deep := filepath.Join(dir, "keys", strings.Repeat("d/", 300))
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for most, c := range map[int]struct {
		files  int
		failed string
	}{1000: {6, ""}, 7: {3, "keys/1 keys/d"}, 2: {0, "keys"}} {
		var files int
		var failed []string
		w := tree{root: root, left: most, failed: func(name, why string) {
			failed = append(failed, name)
			if !strings.Contains(why, "no more are read") {
				t.Error(why)
			}
		}}
		w.file = func(string, fs.DirEntry) { files++ }
		w.folder = func(string, fs.DirEntry) bool { return true }
		w.walk("keys")
		if got := strings.Join(failed, " "); files != c.files || got != c.failed {
			t.Errorf("at most %d: %d files, failed %q", most, files, got)
		}
	}
}
