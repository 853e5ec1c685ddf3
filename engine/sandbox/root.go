package sandbox

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Root is an app's root file system: read-only layers of its image with a
// private folder on top that takes what the app writes.
type Root struct {
	Layers []string // uppermost first, absolute
	Upper  string   // takes the app's changes; empty at the start
	Work   string   // overlayfs's own, on the file system of Upper
	Target string   // where the root is mounted
}

// Mount stacks the layers. Nothing is copied. The mount is volatile: the upper
// folder is not synced when it goes, since a pod's changes are not promised to
// survive a power cut, and a sync can take seconds on a busy disk.
func (r Root) Mount() error {
	if err := r.mount(); err != nil {
		return fmt.Errorf("overlay on %s: %w", r.Target, err)
	}
	return nil
}

func (r Root) mount() error {
	fs, err := unix.Fsopen("overlay", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(fs)
	if err := r.configure(fs); err != nil {
		return explain(fs, err)
	}
	mount, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, 0)
	if err != nil {
		return explain(fs, err)
	}
	defer unix.Close(mount)
	return unix.MoveMount(mount, "", unix.AT_FDCWD, r.Target, unix.MOVE_MOUNT_F_EMPTY_PATH)
}

func (r Root) configure(fs int) error {
	if err := r.configureLayers(fs); err != nil {
		return err
	}
	if err := unix.FsconfigSetString(fs, "upperdir", r.Upper); err != nil {
		return err
	}
	if err := unix.FsconfigSetString(fs, "workdir", r.Work); err != nil {
		return err
	}
	if err := unix.FsconfigSetFlag(fs, "volatile"); err != nil {
		return err
	}
	return unix.FsconfigCreate(fs)
}

// configureLayers names one layer at a time, which has no limit but overlayfs's
// own 500; kernels before 6.5 take them only as one string.
func (r Root) configureLayers(fs int) error {
	for n, layer := range r.Layers {
		err := unix.FsconfigSetString(fs, "lowerdir+", layer)
		if errors.Is(err, unix.EINVAL) && n == 0 {
			return unix.FsconfigSetString(fs, "lowerdir", joinLayers(r.Layers))
		}
		if err != nil {
			return fmt.Errorf("layer %s: %w", layer, err)
		}
	}
	return nil
}

func joinLayers(layers []string) string {
	escape := strings.NewReplacer(`\`, `\\`, `:`, `\:`)
	escaped := make([]string, len(layers))
	for i, layer := range layers {
		escaped[i] = escape.Replace(layer)
	}
	return strings.Join(escaped, ":")
}

// explain adds what the kernel wrote about the file system to an error that is
// otherwise only a number.
func explain(fs int, err error) error {
	message := make([]byte, 512)
	n, readErr := unix.Read(fs, message)
	if readErr != nil || n < 3 {
		return err
	}
	return fmt.Errorf("%w (%s)", err, strings.TrimSpace(string(message[2:n])))
}

// Unmount takes the root file system away. What still uses it goes on.
func (r Root) Unmount() error {
	return os.NewSyscallError("unmount", unix.Unmount(r.Target, unix.MNT_DETACH))
}
