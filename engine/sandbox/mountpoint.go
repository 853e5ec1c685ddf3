package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// mountPoint is a place in an app's root, on the way there or found.
//
// The way goes from open folder to name, one at a time, as the app would go: a
// link is read, and what it says is walked from the root that the app sees. So no
// way leads out, not even one that somebody changes under our feet, and not
// through "..", which is a step back on the way that we came.
//
// Links are followed in the image alone. In a volume another app may have put one
// there, and would choose what of this app is hidden.
type mountPoint struct {
	tree   *Tree
	mount  Mount
	folder bool // the mount is one

	open  []int    // below the top
	names []string // likewise
	rest  []string // to go
	links int
	late  bool // it is where the kernel's file systems will be
}

// maxLinks is how many links may lead to one another.
const maxLinks = 40

// find goes to where something is to be mounted, and makes what isn't there.
func (t *Tree) find(m Mount, folder bool) (*mountPoint, error) {
	p := &mountPoint{tree: t, mount: m, folder: folder, rest: names(path.Clean("/" + m.Target))}
	for len(p.rest) > 0 && !p.late {
		if err := p.step(); err != nil {
			p.close()
			return nil, err
		}
	}
	if !p.late && len(p.names) == 0 {
		p.close()
		return nil, fmt.Errorf("%s leads to the app's whole root", m.Target)
	}
	return p, nil
}

func names(path string) []string {
	var list []string
	for name := range strings.SplitSeq(path, "/") {
		if name != "" && name != "." {
			list = append(list, name)
		}
	}
	return list
}

func (p *mountPoint) step() error {
	name := p.rest[0]
	switch {
	case name == "..":
		p.back()
		p.rest = p.rest[1:]
		return nil
	case len(p.names) == 0 && (name == "dev" || name == "proc" || name == "sys"):
		return p.kernels(name)
	}
	p.rest = p.rest[1:]
	fd, err := p.enter(name)
	if err != nil {
		return err
	}
	kind, err := kindOf(fd)
	switch {
	case err != nil:
	case kind == unix.S_IFLNK:
		err = p.follow(name, fd)
		unix.Close(fd)
		return err
	case kind != unix.S_IFDIR && len(p.rest) > 0:
		err = fmt.Errorf("%s: %s is a file", p.mount.Target, p.below(name))
	}
	if err != nil {
		unix.Close(fd)
		return err
	}
	p.open, p.names = append(p.open, fd), append(p.names, name)
	return nil
}

// kernels ends the way where the app will have a file system of the kernel. What
// the image has there is hidden, so that only the words of the path count.
func (p *mountPoint) kernels(first string) error {
	way := names(path.Clean("/" + strings.Join(p.rest, "/")))
	if len(way) == 0 || way[0] != first {
		p.rest = way
		return nil
	}
	p.names, p.rest, p.late = way, nil, true
	return p.checkLate()
}

func (p *mountPoint) back() {
	if n := len(p.open); n > 0 {
		unix.Close(p.open[n-1])
		p.open, p.names = p.open[:n-1], p.names[:n-1]
	}
}

// fd is how far we are.
func (p *mountPoint) fd() int {
	if n := len(p.open); n > 0 {
		return p.open[n-1]
	}
	return p.tree.top
}

func (p *mountPoint) path() string { return "/" + strings.Join(p.names, "/") }

func (p *mountPoint) below(name string) string { return path.Join(p.path(), name) }

func (p *mountPoint) close() {
	for _, fd := range p.open {
		unix.Close(fd)
	}
	p.open = nil
}

// follow goes on where a link says.
func (p *mountPoint) follow(name string, link int) error {
	if where, ours := p.where(); !ours {
		return fmt.Errorf("%s: %s is a symbolic link in %s, and is not followed", p.mount.Target, p.below(name), where)
	}
	if p.links++; p.links > maxLinks {
		return fmt.Errorf("%s: %w", p.mount.Target, unix.ELOOP)
	}
	target := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(link, "", target)
	if err != nil {
		return fmt.Errorf("%s: %w", p.below(name), err)
	}
	if n > 0 && target[0] == '/' {
		p.close()
		p.names = nil
	}
	p.rest = append(names(string(target[:n])), p.rest...)
	return nil
}

// enter opens what has a name where we are, and makes it if it isn't there.
func (p *mountPoint) enter(name string) (fd int, err error) {
	for range 10 { // as often as an app takes away what was just made
		fd, err = openName(p.fd(), name)
		if err != unix.ENOENT {
			break
		}
		if err := p.make(name); err != nil {
			return -1, err
		}
	}
	if err != nil {
		return -1, fmt.Errorf("%s: %w", p.below(name), err)
	}
	return fd, nil
}

func openName(folder int, name string) (int, error) {
	return unix.Openat(folder, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
}

// make makes what a mount needs to be mounted on: 0755 and root's, as ace.md has
// it ("Volume Setup"), and never in what is the host's.
func (p *mountPoint) make(name string) error {
	where, ours := p.where()
	if !ours && p.hosts() {
		return fmt.Errorf("%s does not exist in %s, and nothing is made on the host", p.below(name), where)
	}
	var err error
	if p.folder || len(p.rest) > 0 {
		err = unix.Mkdirat(p.fd(), name, 0o755)
	} else {
		err = unix.Mknodat(p.fd(), name, unix.S_IFREG|0o644, 0)
	}
	switch {
	case errors.Is(err, unix.EEXIST): // whoever was faster
		return nil
	case err != nil:
		return fmt.Errorf("%s can't be made in %s: %w", p.below(name), where, err)
	}
	return p.adopt(name, ours)
}

// adopt gives what was made the owner and mode that it is to have, whatever its
// folder would hand down. In a volume somebody may have put something in its place:
// what is the host's root's in a pod with users of its own was made by nobody in it,
// and in another pod nothing is left to do. But what is mounted there was not made
// here, and may be the host's: who has the volume may move a mount point of ours in it,
// which is none to him, and the mount goes along.
func (p *mountPoint) adopt(name string, ours bool) error {
	if !ours && !p.tree.users.Private() {
		return nil
	}
	fd, err := openName(p.fd(), name)
	if err != nil {
		return fmt.Errorf("%s: %w", p.below(name), err)
	}
	defer unix.Close(fd)
	if err := onMountOf(p.fd(), fd); err != nil {
		return fmt.Errorf("%s: %w", p.below(name), err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || !ours && st.Uid != 0 {
		return err
	}
	root := p.tree.users.Host(0)
	if err := unix.Fchownat(fd, "", root, root, unix.AT_EMPTY_PATH); err != nil {
		return fmt.Errorf("%s: %w", p.below(name), err)
	}
	if !ours {
		return nil
	}
	mode := uint32(0o644)
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		mode = 0o755
	}
	return unix.Chmod("/proc/self/fd/"+strconv.Itoa(fd), mode)
}

// onMountOf refuses what isn't on the mount that a folder is on.
func onMountOf(folder, fd int) error {
	want, err := mountOf(folder)
	if err != nil {
		return err
	}
	if got, err := mountOf(fd); err != nil || got != want {
		return cmp.Or(err, errors.New("something that is mounted was moved there meanwhile"))
	}
	return nil
}

// prepare makes what was found fit for the mount.
func (p *mountPoint) prepare() (Hides, error) {
	kind, err := kindOf(p.fd())
	if err != nil {
		return 0, err
	}
	where, ours := p.where()
	switch isFolder := kind == unix.S_IFDIR; {
	case isFolder && !p.folder:
		return 0, fmt.Errorf("%s is a file, and %s is a folder in %s", p.source(), p.path(), where)
	case !isFolder && p.folder && !ours:
		return 0, fmt.Errorf("%s is a folder, and %s is a file in %s", p.source(), p.path(), where)
	case !isFolder && p.folder:
		return HidesFile, p.replace()
	case isFolder && ours && !isEmpty(p.fd()):
		return HidesFolder, nil
	}
	return HidesNothing, nil
}

func (p *mountPoint) source() string {
	if p.mount.Name != "" {
		return p.mount.Name
	}
	return p.mount.Source
}

// replace puts a folder in the place of a file of the image. It is the app's
// clean root: the image keeps it.
func (p *mountPoint) replace() error {
	name := p.names[len(p.names)-1]
	p.back()
	if err := unix.Unlinkat(p.fd(), name, 0); err != nil {
		return fmt.Errorf("%s: %w", p.below(name), err)
	}
	fd, err := p.enter(name)
	if err != nil {
		return err
	}
	p.open, p.names = append(p.open, fd), append(p.names, name)
	return nil
}

// where tells in what we are, in words, and whether that is the root itself,
// where nobody is but us.
func (p *mountPoint) where() (in string, ours bool) {
	switch in, ours := p.tree.in(p.fd()); {
	case ours:
		return "the image", true
	case in.Volume != "":
		return fmt.Sprintf("volume %q", in.Volume), false
	}
	return "what is mounted there", false
}

// hosts tells whether we are in what is the host's.
func (p *mountPoint) hosts() bool {
	in, ours := p.tree.in(p.fd())
	return !ours && in.Hosts
}

// in is the mount that something open is in, and whether that is the root itself. The
// path to it says nothing: somebody may have moved a mount point meanwhile. What isn't
// of ours came with a mount of the host's, below it.
func (t *Tree) in(fd int) (m Mount, ours bool) {
	mount, err := mountOf(fd)
	if err == nil && mount == t.own {
		return Mount{}, true
	}
	for _, placed := range t.done {
		if err == nil && mount == placed.id {
			return placed.Mount, false
		}
	}
	return Mount{Hosts: true}, false
}

func kindOf(fd int) (uint32, error) {
	var st unix.Stat_t
	err := unix.Fstat(fd, &st)
	return st.Mode & unix.S_IFMT, err
}

func isEmpty(folder int) bool {
	fd, err := unix.Openat(folder, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	file := os.NewFile(uintptr(fd), "folder")
	defer file.Close()
	_, err = file.Readdirnames(1)
	return err == io.EOF
}
