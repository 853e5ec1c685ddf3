package poddir

import (
	"errors"
	"io/fs"
	"os"
)

// RenewApp makes the folders of what an app changes in its root empty, or makes
// them. The root must not be mounted. After a crash there may be one, or less of
// it, which the next who renews or removes takes for what it is: nothing that
// anybody was promised.
func (d *Dir) RenewApp(app string) error {
	for _, path := range []string{d.AppUpper(app), d.AppWork(app)} {
		err := os.Mkdir(path, 0o700)
		if errors.Is(err, fs.ErrExist) {
			if err = removeTree(path); err == nil {
				err = os.Mkdir(path, 0o700)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// BeginVolume names the place where a volume is made before it gets its name, and
// takes away what a process left there that was killed. No volume is called so.
func (d *Dir) BeginVolume(name string) (string, error) {
	path := d.Volume(name) + beginningSuffix
	if os.Remove(path) == nil { // of a volume that is a file
		return path, nil
	}
	return path, removeTree(path)
}
