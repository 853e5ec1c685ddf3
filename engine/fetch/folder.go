package fetch

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/union"
)

// HasFolder reports whether the image of these layers, the uppermost first, has a
// folder at a path, behind whatever links are on the way.
func HasFolder(layers []string, path string) (bool, error) {
	root, err := union.Open(layers)
	if err != nil {
		return false, err
	}
	defer root.Close()
	at, err := root.Resolve(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ELOOP), errors.Is(err, unix.ENAMETOOLONG):
		return false, nil
	case err != nil:
		return false, err
	}
	return at.IsDir(), nil
}
