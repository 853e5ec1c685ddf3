package unpack

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// walker finds folders by their paths, from the root down, and keeps the way to
// the last one open: as many descriptors as a path has names, maxDepth at most.
type walker struct {
	root   int
	inRoot bool   // absolute symlinks are the root's, and none leads out of it
	way    []step // the folders that lead to the last one, outermost first
}

type step struct {
	path string
	real string // the same without symlinks
	fd   int
}

const openFolder = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC

// Trouble on the way, which callers put into words.
var (
	errLeaves  = errors.New("a symlink on the way leads out of the root")
	errNowhere = errors.New("a symlink on the way leads nowhere")
	errNoDir   = errors.New("something on the way is not a folder")
	errSymlink = errors.New("a symlink is on the way")
	errDeep    = errors.New("symlinks on the way lead too deep")
)

// manner says how to walk.
type manner struct {
	follow bool // symlinks that stay inside

	// create makes a folder where there is none; missing says that there is
	// nothing at all. Made is false where it can't. nil: none is made.
	create func(parent int, name, real string, missing bool) (made bool, err error)
}

// to returns the descriptor of a folder, which is the walker's and valid until
// the next call.
func (w *walker) to(path string, m manner) (int, error) {
	w.backTo(path)
	for {
		at, here, real := w.here()
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
		if real == here {
			real = next
		} else {
			real = join(real, rest)
		}
		if err := bounded(real, next); err != nil {
			return -1, err
		}
		s, err := w.step(at, rest, step{path: next, real: real}, m)
		if err != nil {
			return -1, err
		}
		if err := bounded(s.real, next); err != nil {
			unix.Close(s.fd)
			return -1, err
		}
		w.way = append(w.way, s)
	}
}

// bounded refuses what symlinks make of a path if Clean would have. Else the tree
// would have paths that nobody can look up.
func bounded(real, path string) error {
	if real != path && (len(real) > maxPath || strings.Count(real, "/") >= maxDepth) {
		return errDeep
	}
	return nil
}

// here is the innermost open folder.
func (w *walker) here() (fd int, path, real string) {
	if len(w.way) == 0 {
		return w.root, "", ""
	}
	last := w.way[len(w.way)-1]
	return last.fd, last.path, last.real
}

// backTo closes what does not lead to path.
func (w *walker) backTo(path string) {
	for len(w.way) > 0 {
		_, here, _ := w.here()
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

// step opens one folder in an open one.
func (w *walker) step(at int, name string, s step, m manner) (step, error) {
	var err error
	s.fd, err = openat(at, name, openFolder)
	if m.create != nil && (err == unix.ENOENT || err == unix.ENOTDIR) {
		made, trouble := m.create(at, name, s.real, err == unix.ENOENT)
		if trouble != nil {
			return s, trouble
		}
		if made {
			s.fd, err = openat(at, name, openFolder)
		}
	}
	// A symlink is not a folder for the kernel either.
	if err == unix.ENOTDIR || err == unix.ELOOP {
		return w.throughSymlink(s, m)
	}
	return s, err
}

// throughSymlink opens a folder whose last name may be a symlink, and lets the
// kernel see to it that the way stays below the root: from the root, not from
// the symlink's folder, because "../x" within is fine.
func (w *walker) throughSymlink(s step, m manner) (step, error) {
	how := unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV,
	}
	if w.inRoot {
		how.Resolve ^= unix.RESOLVE_BENEATH | unix.RESOLVE_IN_ROOT
	}
	if !m.follow {
		how.Resolve |= unix.RESOLVE_NO_SYMLINKS
	}
	var err error
	s.fd, err = openat2(w.root, s.path, &how)
	switch {
	case err == nil:
		s.real, err = w.realPath(s.fd)
		if err != nil {
			unix.Close(s.fd)
		}
		if errors.Is(err, unix.ENAMETOOLONG) { // with the root's own path before it
			err = errDeep
		}
	case err == unix.EXDEV:
		return s, errLeaves
	case err == unix.ENOENT:
		return s, errNowhere
	case err == unix.ELOOP && !m.follow:
		return s, errSymlink
	case err == unix.ELOOP:
		return s, errNowhere
	case err == unix.ENOTDIR:
		return s, errNoDir
	}
	return s, err
}

// realPath is the path of an open folder from the root.
func (w *walker) realPath(fd int) (string, error) {
	root, err := os.Readlink(procPath(w.root))
	if err != nil {
		return "", err
	}
	path, err := os.Readlink(procPath(fd))
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(strings.TrimPrefix(path, root), "/"), nil
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
