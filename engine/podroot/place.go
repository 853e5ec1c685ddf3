package podroot

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/podroot/treecopy"
)

// tree is where a path of the user's is looked up: the host, or a root that no
// path leads out of.
type tree struct {
	top     int
	resolve uint64
	app     string // whose root it is; "": the host
}

// host is the tree that the user is in.
var host = tree{top: unix.AT_FDCWD}

func (r *Root) tree() tree {
	return tree{int(r.top.Fd()), unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS, r.app}
}

// maxLinks is how many links may lead to one another.
const maxLinks = 40

func (t tree) open(p string, flags uint64) (fd int, err error) {
	how := unix.OpenHow{Flags: flags | unix.O_PATH | unix.O_CLOEXEC, Resolve: t.resolve}
	for range 1000 {
		fd, err = unix.Openat2(t.top, p, &how)
		if err != unix.EINTR && err != unix.EAGAIN { // the latter: something was renamed meanwhile
			break
		}
	}
	if err != nil {
		return -1, fmt.Errorf("%s: %w", t.called(p), err)
	}
	return fd, nil
}

// called is a path as messages call it.
func (t tree) called(p string) string {
	if t.app == "" {
		return treecopy.Quoted(p)
	}
	return fmt.Sprintf("%s of app %q", treecopy.Quoted(path.Join("/", p)), t.app)
}

// source is what a user wants to have copied.
type source struct {
	fd       int
	base     string // its name; "" if it is called "/", "." or ".."
	isFolder bool
}

// source opens what a path means as cp's first argument: a link at its end is
// meant itself, unless a slash follows.
func (t tree) source(p string) (s source, err error) {
	_, base := cut(p)
	switch {
	case base == "":
		s.fd, err = t.open(p, unix.O_DIRECTORY)
	case strings.HasSuffix(p, "/"):
		s.base = base
		s.fd, err = t.open(p, 0)
	default:
		s.base = base
		s.fd, err = t.open(p, unix.O_NOFOLLOW)
	}
	if err != nil {
		return s, err
	}
	kind, err := kindOf(s.fd)
	if err != nil {
		unix.Close(s.fd)
		return s, err
	}
	s.isFolder = kind == unix.S_IFDIR
	return s, nil
}

// target is where something is to be copied to.
type target struct {
	treecopy.Place
	isFolder bool // Dir is what the path led to; there is no Name
}

// target finds what a path means as cp's last argument: links are followed, and
// the last name need not be there.
func (t tree) target(p string, folder bool) (target, error) {
	asked := p
	for range maxLinks {
		fd, err := t.open(p, 0)
		if err == nil {
			kind, err := kindOf(fd)
			if err == nil && kind == unix.S_IFDIR {
				return target{treecopy.Place{Dir: fd}, true}, nil
			}
			unix.Close(fd)
			if err != nil {
				return target{}, err
			}
		} else if !errors.Is(err, unix.ENOENT) {
			return target{}, err
		}
		dir, base := cut(p)
		if base == "" {
			return target{}, err
		}
		if err != nil && strings.HasSuffix(p, "/") && !folder {
			return target{}, fmt.Errorf("%s is called like a folder, and is not there", treecopy.Quoted(asked))
		}
		above, err := t.open(dir, unix.O_DIRECTORY)
		if err != nil {
			return target{}, err
		}
		link := make([]byte, unix.PathMax)
		n, err := unix.Readlinkat(above, base, link)
		if err != nil {
			return target{Place: treecopy.Place{Dir: above, Name: base}}, nil //nolint:nilerr // it is no link, or is not there
		}
		unix.Close(above)
		p = string(link[:n])
		if !strings.HasPrefix(p, "/") {
			p = dir + p
		}
	}
	return target{}, fmt.Errorf("%s: %w", t.called(asked), unix.ELOOP)
}

// cut cuts the last name off a path. dir ends with a slash. A path that ends with
// no name of its own has none.
func cut(p string) (dir, base string) {
	dir, base = path.Split(strings.TrimRight(p, "/"))
	if base == "." || base == ".." {
		return "", ""
	}
	if dir == "" {
		dir = "./"
	}
	return dir, base
}

func kindOf(fd int) (uint32, error) {
	var st unix.Stat_t
	err := unix.Fstat(fd, &st)
	return st.Mode & unix.S_IFMT, err
}
