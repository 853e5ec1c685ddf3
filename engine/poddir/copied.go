package poddir

import (
	"errors"
	"io/fs"
	"os"
)

// copiedFile says that an app's upper folder is all of its root, and not what it
// has changed in it.
const copiedFile = "copied"

// MarkCopied writes down that an app's upper folder is its whole root.
func (d *Dir) MarkCopied(app string) error {
	return os.WriteFile(d.file(appsDir, app, copiedFile), nil, 0o600)
}

// UnmarkCopied is to come before such a root is taken away.
func (d *Dir) UnmarkCopied(app string) error {
	return ignoreGone(os.Remove(d.file(appsDir, app, copiedFile)))
}

// IsCopied reports whether an app's upper folder is its whole root.
func (d *Dir) IsCopied(app string) (bool, error) {
	_, err := os.Lstat(d.file(appsDir, app, copiedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
