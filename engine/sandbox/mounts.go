package sandbox

import (
	"fmt"
	"os"

	"github.com/opencontainers/runc/libcontainer/configs"
	"golang.org/x/sys/unix"
)

// Mount is a folder or file that an app sees at a path of its root.
type Mount struct {
	Source    string // where this process has it; no link
	Target    string
	ReadOnly  bool // all the way down
	Recursive bool // with what is mounted below Source

	Volume string // that it is; "": a file of the pod's
	Name   string // of Source, as messages call it; "": Source
	Hosts  bool   // it is the host's: nothing is made in it to mount on
}

// Hides is what a mount hides of an app's image.
type Hides int

// What can be hidden.
const (
	HidesNothing Hides = iota
	HidesFolder        // what is in a folder
	HidesFile          // a file, in whose place there is a folder now
)

// Tree is an app's root file system while things are mounted in it. What is
// mounted later is mounted in what was before, if that is where its path leads.
//
// Everything is done by descriptors, and a mount is read-only before it is
// anywhere: an app that runs already and has one of the volumes may move and
// exchange in it what it likes, and a mount is where it was looked up, or nowhere.
type Tree struct {
	top   int
	own   uint64 // the mount that the root itself is
	users Users  // whose root what is made in it belongs to
	done  []placed
	late  []string // where later mounts will be
}

type placed struct {
	Mount
	held *os.File // so that nothing else gets its ID, should somebody take it away
	id   uint64
}

// OpenTree opens a root that is mounted there, and that no app has yet.
func OpenTree(root string, users Users) (*Tree, error) {
	top, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: root, Err: err}
	}
	own, err := mountOf(top)
	if err != nil {
		unix.Close(top)
		return nil, &os.PathError{Op: "statx", Path: root, Err: err}
	}
	return &Tree{top: top, own: own, users: users}, nil
}

// Close lets go of the root. What is mounted stays.
func (t *Tree) Close() {
	unix.Close(t.top)
	for _, placed := range t.done {
		placed.held.Close()
	}
}

// Mount mounts something. What leads to the places where an app gets file systems
// of the kernel can only be mounted when those are: it comes back as late, for
// App.Mounts.
func (t *Tree) Mount(m Mount) (hides Hides, late []Mount, err error) {
	var source unix.Stat_t
	if err := unix.Lstat(m.Source, &source); err != nil {
		return 0, nil, &os.PathError{Op: "stat", Path: m.Source, Err: err}
	}
	at, err := t.find(m, source.Mode&unix.S_IFMT == unix.S_IFDIR)
	if err != nil {
		return 0, nil, err
	}
	defer at.close()
	if at.late {
		m.Target = at.path()
		t.late = append(t.late, m.Target)
		return 0, []Mount{m}, nil
	}
	if hides, err = at.prepare(); err != nil {
		return 0, nil, err
	}
	if err := t.place(m, at); err != nil {
		return 0, nil, err
	}
	return hides, nil, nil
}

func (t *Tree) place(m Mount, at *mountPoint) error {
	mount, err := m.clone()
	if err != nil {
		return err
	}
	id, err := mountOf(int(mount.Fd()))
	if err == nil {
		err = unix.MoveMount(int(mount.Fd()), "", at.fd(), "", unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH)
	}
	if err != nil {
		mount.Close()
		return fmt.Errorf("mount at %s: %w", at.path(), err)
	}
	t.done = append(t.done, placed{m, mount, id})
	return nil
}

// clone makes the mount, with all that it is to be. What the host mounts below it
// later comes to a writable one, as it does to the host: to a read-only one it
// would come writable.
func (m Mount) clone() (*os.File, error) {
	fd, err := unix.Open(m.Source, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: m.Source, Err: err}
	}
	source := os.NewFile(uintptr(fd), m.Source)
	defer source.Close()
	mount, err := Clone(source, m.Recursive)
	if err != nil {
		return nil, err
	}
	var a unix.MountAttr
	if m.ReadOnly {
		a.Attr_set, a.Propagation = unix.MOUNT_ATTR_RDONLY, unix.MS_PRIVATE
	}
	if cgroupsAreHidden() { // and nothing keeps devices from being used
		a.Attr_set |= unix.MOUNT_ATTR_NODEV
	}
	if a.Attr_set != 0 {
		err = setAttributes(mount, a)
	}
	if err != nil {
		mount.Close()
		return nil, err
	}
	return mount, nil
}

// mountOf tells mounts apart.
func mountOf(fd int) (uint64, error) {
	var st unix.Statx_t
	err := unix.Statx(fd, "", unix.AT_EMPTY_PATH, unix.STATX_MNT_ID, &st)
	if err == nil && st.Mask&unix.STATX_MNT_ID == 0 {
		err = unix.ENOSYS // before Linux 5.8
	}
	return st.Mnt_id, err
}

// bindMounts are those that only libcontainer can make, since they are in what it
// mounts itself, where nobody else is yet.
func bindMounts(mounts []Mount) []*configs.Mount {
	binds := make([]*configs.Mount, len(mounts))
	for i, m := range mounts {
		binds[i] = bindMount(m)
	}
	return binds
}

// bindMount makes a read-only mount read-only all the way down: MS_RDONLY alone
// leaves what is mounted below the source writable.
func bindMount(m Mount) *configs.Mount {
	bind := &configs.Mount{Device: "bind", Source: m.Source, Destination: m.Target, Flags: unix.MS_BIND}
	if m.Recursive {
		bind.Flags |= unix.MS_REC
	}
	if m.ReadOnly {
		bind.Flags |= unix.MS_RDONLY
		bind.RecAttr = &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	}
	return bind
}
