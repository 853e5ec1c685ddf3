package treecopy

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestLargeFileIsFoundInItsLayer(t *testing.T) {
	t.Parallel()
	lower, upper := t.TempDir(), t.TempDir()
	for _, dir := range []string{lower, upper} {
		os.WriteFile(filepath.Join(dir, "file"), make([]byte, small+1), 0o644)
	}
	stack, err := openLayers([]string{upper, lower})
	if err != nil {
		t.Fatal(err)
	}
	defer stack.close()
	for _, dir := range []string{lower, upper} {
		var seen, found unix.Stat_t
		unix.Stat(filepath.Join(dir, "file"), &seen)
		fd := stack.find("", "file", seen)
		if fd < 0 {
			t.Fatalf("that of %s was not found", dir)
		}
		unix.Fstat(fd, &found)
		unix.Close(fd)
		if found.Ino != seen.Ino {
			t.Error("another file")
		}
	}
	if fd := stack.find("", "file", unix.Stat_t{Size: small + 1, Mode: unix.S_IFREG | 0o644}); fd >= 0 {
		t.Error("found what is in no layer")
	}
}
