package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/cyphar/filepath-securejoin/pathrs-lite"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/podroot/treecopy"
	"github.com/podtui/podtui/engine/spec"
)

// filling is what a volume starts with: what an app's image has at a path.
type filling struct {
	root   string   // of the app, mounted; nothing is mounted below it yet
	layers []string // that it is made of, uppermost first
	path   string   // of the volume, as the app will see it
}

// fillingOf finds out whether a volume was made for a VOLUME of a registry
// image. Then it belongs to one app alone.
func (s *supervisor) fillingOf(volume string) (f filling, found bool) {
	for i, app := range s.record.Resolved.Apps {
		for _, b := range app.Bindings {
			if b.Fill && b.Volume == volume {
				return filling{s.dir.AppRoot(app.Name.Value), s.record.Images[i].Layers, b.Path}, true
			}
		}
	}
	return filling{}, false
}

// makeVolume makes an empty volume, and fills it if it is to be filled. What the
// image doesn't have starts as an empty folder. A VOLUME that is a file in the
// image is one, and mounted as such: the app finds what it expects and can write
// to it, which an empty folder in its place would take away.
func (s *supervisor) makeVolume(volume spec.Volume, target string) error {
	f, fill := s.fillingOf(volume.Name)
	if !fill {
		return s.makeFolder(volume, target)
	}
	if err := f.into(target); err != nil {
		return fmt.Errorf("volume %q: %w", volume.Name, err)
	}
	return s.adopt(target)
}

// into copies the image's content to target, which must not exist.
func (f filling) into(target string) error {
	inside, err := resolveIn(f.root, f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return os.Mkdir(target, 0o755)
	}
	if err != nil {
		return fmt.Errorf("%s of the image: %w", f.path, plain(err))
	}
	from, err := openInside(f.root, inside)
	if err != nil {
		return err
	}
	defer unix.Close(from)
	if err := checkFilling(from, f.path); err != nil {
		return err
	}
	to, err := openInside(filepath.Dir(target), ".")
	if err != nil {
		return err
	}
	defer unix.Close(to)
	c, err := treecopy.New(treecopy.Options{
		Exact: true, Layers: f.layers, From: inside,
		Name: func(below string) string { return "/" + path.Join(inside, below) + " of the image" },
	})
	if err != nil {
		return err
	}
	defer c.Close()
	// Nobody gives up a start half-way: then the whole supervisor is killed.
	return c.Copy(context.Background(), from, treecopy.Place{Dir: to, Name: filepath.Base(target)})
}

// resolveIn is the path from root of what the app sees at a path, once all links
// are followed, as the app would: none leads out of root. It is the same that
// the volume will be mounted on.
func resolveIn(root, at string) (string, error) {
	handle, err := pathrs.OpenInRoot(root, at)
	if err != nil {
		return "", err
	}
	defer handle.Close()
	top, err := os.OpenFile(root, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return "", err
	}
	defer top.Close()
	// The kernel's own names for the two, so that links in the way to root make
	// no difference.
	whole, err := nameOf(handle)
	if err != nil {
		return "", err
	}
	above, err := nameOf(top)
	if err != nil {
		return "", err
	}
	inside, ok := strings.CutPrefix(whole, above)
	if !ok || inside != "" && inside[0] != '/' {
		return "", fmt.Errorf("%s leads to %s, out of the root filesystem", at, whole)
	}
	return strings.TrimPrefix(inside, "/"), nil
}

func nameOf(file *os.File) (string, error) {
	return os.Readlink(fmt.Sprintf("/proc/self/fd/%d", file.Fd()))
}

// openInside opens something below root. No name on the way may be a link.
func openInside(root, inside string) (int, error) {
	top, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: root, Err: err}
	}
	if inside == "" || inside == "." {
		return top, nil
	}
	defer unix.Close(top)
	fd, err := unix.Openat2(top, inside, &unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV,
	})
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: inside, Err: err}
	}
	return fd, nil
}

// checkFilling refuses what is no volume.
func checkFilling(from int, at string) error {
	var st unix.Stat_t
	if err := unix.Fstat(from, &st); err != nil {
		return err
	}
	if kind := st.Mode & unix.S_IFMT; kind != unix.S_IFDIR && kind != unix.S_IFREG {
		return fmt.Errorf("%s is neither a folder nor a file in the image", at)
	}
	return nil
}
