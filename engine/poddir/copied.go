package poddir

import (
	"errors"
	"io/fs"
	"os"

	"github.com/podtui/podtui/engine/crash"
)

// copiedFile says that an app's upper folder is all of its root, and not what it
// has changed in it.
const copiedFile = "copied"

// MarkCopied writes down that an app's upper folder is its whole root.
func (d *Dir) MarkCopied(app string) error {
	return os.WriteFile(d.file(appsDir, app, copiedFile), nil, 0o600)
}

// DropCopy takes away a root that was copied, and its mark. The root goes first, in
// one step: without the mark it would be taken for what the app has changed, and with
// it what is left half removed for all that there was.
func (d *Dir) DropCopy(app string) error {
	upper := d.AppUpper(app)
	old := upper + clearedSuffix
	if err := removeTree(old); err != nil {
		return err
	}
	if err := ignoreGone(os.Rename(upper, old)); err != nil {
		return err
	}
	crash.Here("copy put aside") // the app has no root: what was put aside goes with the pod, or before its next start
	if err := ignoreGone(os.Remove(d.file(appsDir, app, copiedFile))); err != nil {
		return err
	}
	return removeTree(old)
}

// IsCopied reports whether an app's upper folder is its whole root.
func (d *Dir) IsCopied(app string) (bool, error) {
	_, err := os.Lstat(d.file(appsDir, app, copiedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
