package rootcopy

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// Not every disk tells where its holes are; proc does not either.
func TestSparseFilesOfADiskThatTellsNoHoles(t *testing.T) {
	t.Parallel()
	from, err := os.Open("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	if _, err := from.Seek(0, unix.SEEK_DATA); !errors.Is(err, unix.EINVAL) {
		t.Skip("NOT TESTED: proc tells holes here: ", err)
	}
	to, err := os.Create(filepath.Join(t.TempDir(), "copy"))
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	if err := copyData(to, from, 5); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(to.Name()); err != nil || string(got) != "Name:" {
		t.Errorf("got %q, %v", got, err)
	}
}
