package union

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Entry is what the merged root has at one path.
type Entry struct {
	Path   string      // from the root, "" is the root itself
	Layer  int         // which of the layers it is from; of a merged folder the uppermost
	Layers []int       // of a folder: all that make it, uppermost first
	Stat   unix.Stat_t // of a symlink its own

	view *View
}

// IsDir reports whether it is a folder.
func (e Entry) IsDir() bool { return e.is(unix.S_IFDIR) }

// IsRegular reports whether it is a file with content.
func (e Entry) IsRegular() bool { return e.is(unix.S_IFREG) }

// IsSymlink reports whether it is a symlink.
func (e Entry) IsSymlink() bool { return e.is(unix.S_IFLNK) }

func (e Entry) is(kind uint32) bool { return e.Stat.Mode&unix.S_IFMT == kind }

// Open opens a regular file or a folder of the entry's own layer, for reading.
func (e Entry) Open() (*os.File, error) {
	if !e.IsRegular() && !e.IsDir() {
		return nil, e.trouble("open", unix.EINVAL)
	}
	return e.open(unix.O_RDONLY)
}

func (e Entry) open(flags uint64) (*os.File, error) {
	fd, err := openBeneath(e.view.roots[e.Layer], e.Path, flags)
	if err != nil {
		return nil, e.trouble("open", err)
	}
	return os.NewFile(uintptr(fd), quoted("/"+e.Path)), nil
}

// Link links the entry, anything but a folder, to a name in an open folder.
func (e Entry) Link(into int, name string) error {
	f, err := e.open(unix.O_PATH)
	if err != nil {
		return err
	}
	defer f.Close()
	// The empty path would take CAP_DAC_READ_SEARCH. Through proc it takes
	// nothing, and lands on a symlink itself.
	if err := unix.Linkat(unix.AT_FDCWD, procPath(f), into, name, unix.AT_SYMLINK_FOLLOW); err != nil {
		return e.trouble("link", err)
	}
	return nil
}

// Target is where a symlink points to.
func (e Entry) Target() (string, error) {
	f, err := e.open(unix.O_PATH)
	if err != nil {
		return "", err
	}
	defer f.Close()
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(int(f.Fd()), "", buf)
	if err != nil {
		return "", e.trouble("readlink", err)
	}
	return string(buf[:n]), nil
}

// Attribute is one extended attribute.
type Attribute struct {
	Name  string
	Value []byte
}

// Attributes are the extended attributes, sorted by name: all but those that
// overlayfs keeps for itself and those by which this host's security modules
// label every file.
func (e Entry) Attributes() ([]Attribute, error) {
	f, err := e.open(unix.O_PATH)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := Attributes(f)
	if err != nil {
		return nil, e.trouble("extended attributes", err)
	}
	return slices.DeleteFunc(all, func(a Attribute) bool { return strings.HasPrefix(a.Name, "trusted.overlay.") }), nil
}

// Attributes are the extended attributes of a file that is open in any way,
// sorted by name: all but those by which the host labels every file.
func Attributes(f *os.File) ([]Attribute, error) {
	// A descriptor of O_PATH can't be asked, its path in proc can: it leads to
	// the file itself, be it a symlink.
	path := procPath(f)
	names, err := sized(func(buf []byte) (int, error) { return unix.Listxattr(path, buf) })
	if err == unix.EOPNOTSUPP {
		return nil, nil
	}
	if err != nil || len(names) == 0 {
		return nil, err
	}
	var all []Attribute
	for name := range bytes.SplitSeq(bytes.TrimSuffix(names, []byte{0}), []byte{0}) {
		a := Attribute{Name: string(name)}
		if ofHost(a.Name) {
			continue
		}
		a.Value, err = sized(func(buf []byte) (int, error) { return unix.Getxattr(path, a.Name, buf) })
		if err != nil {
			return nil, fmt.Errorf("%.200q: %w", a.Name, err)
		}
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func ofHost(name string) bool {
	switch name {
	case "security.selinux", "security.ima", "security.evm":
		return true
	}
	return strings.HasPrefix(name, "security.SMACK64")
}

// sized asks for the size first, as most files have no attribute at all.
func sized(get func([]byte) (int, error)) ([]byte, error) {
	for {
		n, err := get(nil)
		if err != nil || n == 0 {
			return nil, err
		}
		buf := make([]byte, n)
		if n, err = get(buf); err != unix.ERANGE { // it grew
			return buf[:max(n, 0)], err
		}
	}
}

func procPath(f *os.File) string { return "/proc/self/fd/" + strconv.Itoa(int(f.Fd())) }

func (e Entry) trouble(op string, err error) error { return trouble(op, "/"+e.Path, err) }

func trouble(op, path string, err error) error {
	return &fs.PathError{Op: op, Path: quoted(path), Err: err}
}

// quoted makes a path fit to be shown: strangers made it, and a terminal must not
// obey what is in it.
func quoted(path string) string { return fmt.Sprintf("%.200q", path) }

// openBeneath opens a path of a layer. No symlink is followed, no fifo waited
// for.
func openBeneath(root *os.File, path string, flags uint64) (int, error) {
	if path == "" {
		path = "."
	}
	how := unix.OpenHow{
		Flags:   flags | unix.O_CLOEXEC | unix.O_NOFOLLOW | unix.O_NONBLOCK,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV,
	}
	if flags&unix.O_PATH != 0 {
		// Else even a symlink as the last name would be refused.
		how.Flags &^= unix.O_NONBLOCK
	}
	for {
		fd, err := unix.Openat2(int(root.Fd()), path, &how)
		if err != unix.EINTR && err != unix.EAGAIN {
			return fd, err
		}
	}
}

// In is the same path as one of the entry's layers has it.
func (e Entry) In(layer int) (Entry, error) {
	e.Layer, e.Layers = layer, []int{layer}
	f, err := e.open(unix.O_PATH)
	if err != nil {
		return Entry{}, err
	}
	defer f.Close()
	if err := unix.Fstat(int(f.Fd()), &e.Stat); err != nil {
		return Entry{}, e.trouble("stat", err)
	}
	return e, nil
}
