package unpack

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"
)

// walker finds folders by their paths, from the root down, and keeps the way to
// the last one open: as many descriptors as a path has names, maxDepth at most.
type walker struct {
	root int
	way  []step // the folders that lead to the last one, outermost first
}

type step struct {
	path string
	fd   int
}

const openFolder = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC

// Trouble on the way, which callers put into words.
var (
	errLeaves  = errors.New("a symlink on the way leads out of the root")
	errNowhere = errors.New("a symlink on the way leads nowhere")
	errNoDir   = errors.New("something on the way is not a folder")
	errSymlink = errors.New("a symlink is on the way")
)

// manner says how to walk.
type manner struct {
	follow bool                                // symlinks that stay inside
	create func(parent int, path string) error // makes a missing folder; nil: none is made
}

// to returns the descriptor of a folder, which is the walker's and valid until
// the next call.
func (w *walker) to(path string, m manner) (int, error) {
	w.backTo(path)
	for {
		at, here := w.here()
		if here == path {
			return at, nil
		}
		next := path
		rest := path[len(here):]
		rest = strings.TrimPrefix(rest, "/")
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			next = path[:len(path)-len(rest)+i]
			rest = rest[:i]
		}
		fd, err := w.step(at, rest, next, m)
		if err != nil {
			return -1, err
		}
		w.way = append(w.way, step{next, fd})
	}
}

// here is the innermost open folder.
func (w *walker) here() (fd int, path string) {
	if len(w.way) == 0 {
		return w.root, ""
	}
	last := w.way[len(w.way)-1]
	return last.fd, last.path
}

// backTo closes what does not lead to path.
func (w *walker) backTo(path string) {
	for len(w.way) > 0 {
		_, here := w.here()
		if path == here || strings.HasPrefix(path, here) && path[len(here)] == '/' {
			return
		}
		w.pop()
	}
}

func (w *walker) pop() {
	unix.Close(w.way[len(w.way)-1].fd)
	w.way = w.way[:len(w.way)-1]
}

func (w *walker) reset() {
	for len(w.way) > 0 {
		w.pop()
	}
}

// step opens one folder in an open one. Path is the whole path of it.
func (w *walker) step(at int, name, path string, m manner) (int, error) {
	fd, err := openat(at, name, openFolder)
	if err == unix.ENOENT && m.create != nil {
		if err := m.create(at, path); err != nil {
			return -1, err
		}
		fd, err = openat(at, name, openFolder)
	}
	// A symlink is not a folder for the kernel either.
	if err == unix.ENOTDIR || err == unix.ELOOP {
		return w.throughSymlink(path, m)
	}
	return fd, err
}

// throughSymlink opens a folder whose last name may be a symlink, and lets the
// kernel see to it that the way stays below the root: from the root, not from
// the symlink's folder, because "../x" within is fine.
func (w *walker) throughSymlink(path string, m manner) (int, error) {
	how := unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV,
	}
	if !m.follow {
		how.Resolve |= unix.RESOLVE_NO_SYMLINKS
	}
	fd, err := openat2(w.root, path, &how)
	switch {
	case err == unix.EXDEV:
		return -1, errLeaves
	case err == unix.ENOENT:
		return -1, errNowhere
	case err == unix.ELOOP && !m.follow:
		return -1, errSymlink
	case err == unix.ELOOP:
		return -1, errNowhere
	case err == unix.ENOTDIR:
		return -1, errNoDir
	}
	return fd, err
}

func openat(at int, name string, flags int) (int, error) {
	for {
		fd, err := unix.Openat(at, name, flags, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

func openat2(at int, path string, how *unix.OpenHow) (int, error) {
	for {
		fd, err := unix.Openat2(at, path, how)
		// EAGAIN: something was renamed somewhere while ".." was walked, and
		// the kernel can't tell whether it matters.
		if err != unix.EINTR && err != unix.EAGAIN {
			return fd, err
		}
	}
}
