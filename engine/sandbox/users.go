package sandbox

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/opencontainers/runc/libcontainer/configs"
	"golang.org/x/sys/unix"
)

// Users are the users and groups that a pod has of its own: its user N is First+N
// on the host, where nobody else is. Its root can do in the pod what root can there,
// and is nobody outside. The zero Users is the host's own.
//
// What is made for a pod from outside, on a volume or in a root, is to be given to
// Host(N), or the pod sees there a file of nobody's.
type Users struct{ First, Count int }

// nobody is what the kernel shows in place of a user that a pod hasn't.
const nobody = 65534

// Private reports whether the pod has users of its own.
func (u Users) Private() bool { return u.Count > 0 }

// Host is the host's number of a user or group of the pod.
func (u Users) Host(id int) int { return u.First + id }

// Inside is the pod's number of a user or group of the host, and whether it has it:
// else it sees nobody there.
func (u Users) Inside(id int) (inside int, has bool) {
	switch {
	case !u.Private():
		return id, true
	case id >= u.First && id < u.First+u.Count:
		return id - u.First, true
	}
	return nobody, false
}

// unshare gives a process that is to be started the pod's user namespace, as its root.
func (u Users) unshare(attr *syscall.SysProcAttr) {
	if !u.Private() {
		return
	}
	mapping := []syscall.SysProcIDMap{{ContainerID: 0, HostID: u.First, Size: u.Count}}
	attr.Cloneflags |= syscall.CLONE_NEWUSER
	attr.UidMappings, attr.GidMappings, attr.GidMappingsEnableSetgroups = mapping, mapping, true
	attr.Credential = &syscall.Credential{}
}

// refused says what keeps a host from making a pod's first process.
func (u Users) refused(err error) error {
	switch {
	case !u.Private():
	case errors.Is(err, syscall.ENOSPC):
		return errors.New("this host allows no further user namespace (sysctl user.max_user_namespaces), so no pod with private users")
	case errors.Is(err, syscall.EINVAL):
		return errors.New("this host's kernel has no user namespaces, so no pod with private users")
	case errors.Is(err, syscall.EACCES): // to execute this very program, as the pod's root
		return errors.New("the executable of podtui must be readable and executable for everybody, or it runs no pod with private users")
	}
	return err
}

// join has an app join the user namespace of its pod.
func (p *Pod) join(config *configs.Config) {
	if !p.users.Private() {
		return
	}
	mapping := []configs.IDMap{{ContainerID: 0, HostID: int64(p.users.First), Size: int64(p.users.Count)}}
	config.Namespaces = append(config.Namespaces, configs.Namespace{Type: configs.NEWUSER, Path: p.UserNamespace()})
	config.UIDMappings, config.GIDMappings = mapping, mapping
	for i, mount := range config.Mounts {
		if mount.Device == "sysfs" {
			config.Mounts[i] = &configs.Mount{Device: "bind", Source: p.sysfs(), Destination: mount.Destination, Flags: unix.MS_BIND}
		}
	}
}

// UserNamespace is the path of the pod's user namespace; "" if it has none of its
// own.
func (p *Pod) UserNamespace() string {
	if !p.users.Private() {
		return ""
	}
	return p.namespace("user")
}

// making is what is mounted in this process's mount namespace while an app is made.
type making struct {
	sync.Mutex      // held meanwhile
	sysfs      bool // is mounted, for all apps
}

// hideable are folders of every host. One is hidden while an app is made: what may be
// in it, and is on a volume, was taken hold of before.
var hideable = [...]string{"/mnt", "/media", "/srv", "/opt", "/home", "/var/tmp", "/tmp"}

// reachable mounts an app's root, with all that is in it, once more, where the pod's
// own users get to it: libcontainer goes to a root by its path, and they can't pass
// through the pod's folder. done takes that away, when the app is made. The place is
// one that is there outside as well, for those who enter the app.
func (p *Pod) reachable(app App) (root string, done func(), err error) {
	if !p.users.Private() {
		return app.Root, func() {}, nil
	}
	if root, err = hidden(p.stateDir); err != nil {
		return "", nil, err
	}
	p.making.Lock()
	defer func() {
		if err != nil {
			p.making.Unlock()
		}
	}()
	if err := p.mountSysfs(); err != nil {
		return "", nil, err
	}
	clone, err := unix.OpenTree(unix.AT_FDCWD, app.Root, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
	if err != nil {
		return "", nil, &os.PathError{Op: "open_tree", Path: app.Root, Err: err}
	}
	defer unix.Close(clone)
	if err := unix.MoveMount(clone, "", unix.AT_FDCWD, root, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return "", nil, &os.PathError{Op: "mount", Path: root, Err: err}
	}
	return root, func() {
		_ = unix.Unmount(root, unix.MNT_DETACH)
		p.making.Unlock()
	}, nil
}

// hidden chooses a folder that may be hidden: not one that the pods are below.
func hidden(pods string) (string, error) {
	pods, err := filepath.EvalSymlinks(pods)
	if err != nil {
		return "", err
	}
	for _, dir := range hideable {
		info, err := os.Lstat(dir)
		if err == nil && info.IsDir() && pods != dir && !strings.HasPrefix(pods, dir+"/") {
			return dir, nil
		}
	}
	return "", fmt.Errorf("a pod with private users needs one of the folders %s on the host", strings.Join(hideable[:], ", "))
}

// sysfs is where the apps have their /sys from. They may not mount one themselves: it
// shows the devices of a network that is not their user namespace's; and where it is
// theirs, the kernel refuses it none the less if something hides parts of the host's.
func (p *Pod) sysfs() string { return filepath.Join(p.stateDir, "sys") }

func (p *Pod) mountSysfs() error {
	if p.making.sysfs {
		return nil
	}
	if err := os.Mkdir(p.sysfs(), 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	var mount *os.File
	err := p.InNetwork(func() (err error) {
		mount, err = newSysfs() // it shows the devices of the network that this thread is in
		return err
	})
	if err != nil {
		return err
	}
	defer mount.Close()
	if err := Place(mount, p.sysfs()); err != nil {
		return err
	}
	p.making.sysfs = true
	return nil
}

// Check refuses a user or group that the pod hasn't.
func (u Users) Check(ids ...int) error {
	for _, id := range ids {
		if u.Private() && id >= u.Count {
			return fmt.Errorf("a pod with private users has the users and groups 0 to %d, and no %d", u.Count-1, id)
		}
	}
	return nil
}

// admit refuses an app that is to run as somebody that the pod hasn't, and makes the
// app's streams its user's, as libcontainer does where it may: else the app could not
// open /dev/stdout.
func (u Users) admit(app App) error {
	if !u.Private() {
		return nil
	}
	if err := u.Check(append([]int{app.UID, app.GID}, app.Groups...)...); err != nil {
		return fmt.Errorf("app %q: %w", app.Name, err)
	}
	for _, file := range []*os.File{app.Stdin, app.Stdout, app.Stderr} {
		if file != nil {
			_ = file.Chown(u.Host(app.UID), -1)
		}
	}
	return nil
}

// explained says what only a pod with users of its own is refused. libcontainer's
// errors come as text.
func (u Users) explained(err error) error {
	if said := err.Error(); u.Private() && strings.Contains(said, `mounting "proc"`) && strings.Contains(said, unix.EPERM.Error()) {
		return errors.New("something is mounted over parts of this host's /proc, so the kernel gives none to a pod with private users")
	}
	return err
}

// mapped are folders as a pod with users of its own sees them: what is user N's on
// the disk is its user N's. Nothing on the disk changes. They are clones, mounted
// over one another on a folder, since kernels before 6.15 stack nothing that is
// mounted nowhere; done takes them away, once they are stacked.
func mapped(namespace, on string, layers folders) (clones folders, done func(), err error) {
	users, err := unix.Open(namespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, &os.PathError{Op: "open", Path: namespace, Err: err}
	}
	defer unix.Close(users)
	attached := false
	done = func() {
		if attached { // the first, and with it those that are mounted over it
			_ = unix.Unmount(clones[0].name(), unix.MNT_DETACH)
		}
		clones.close()
	}
	for _, layer := range layers {
		clone, err := layer.mapped(users)
		if errors.Is(err, errUnmappable) {
			err = fmt.Errorf("the file system of the images %w, which pods with private users stack them by; --no-overlay copies them", err)
		}
		if err != nil {
			done()
			return nil, nil, err
		}
		clones = append(clones, clone)
		if err := unix.MoveMount(int(clone), "", unix.AT_FDCWD, on, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
			done()
			return nil, nil, &os.PathError{Op: "mount a layer on", Path: on, Err: err}
		}
		attached = true
	}
	return clones, done, nil
}

// mapped clones a folder, detached, with the users of a namespace.
func (f folder) mapped(namespace int) (folder, error) {
	clone, err := unix.OpenTree(int(f), "", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_EMPTY_PATH)
	if err != nil {
		return -1, os.NewSyscallError("open_tree", err)
	}
	err = unix.MountSetattr(clone, "", unix.AT_EMPTY_PATH, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_IDMAP, Userns_fd: uint64(namespace)})
	if err == nil {
		return folder(clone), nil
	}
	unix.Close(clone)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EOPNOTSUPP) {
		err = errUnmappable
	}
	return -1, err
}

// errUnmappable says that a file system can't show its files as another's.
var errUnmappable = errors.New("has no idmapped mounts")

// unmapped is a folder whose files belong to the pod's users, as the pod sees it: the
// opposite of mapped, for those who look at what a pod has left.
func (u Users) unmapped(f folder) (folder, error) {
	namespace, err := u.reversed()
	if err != nil {
		return -1, err
	}
	defer namespace.Close()
	seen, err := f.mapped(int(namespace.Fd()))
	if errors.Is(err, errUnmappable) {
		err = fmt.Errorf("the file system of the pods %w, and without what a pod with private users has left can't be seen as it was", err)
	}
	return seen, err
}

// reversed opens a user namespace whose users are the host's, and have the numbers
// that the pod's have on the host. It takes a process to make one, which ends as soon
// as it is open, or we are gone (podinit.c).
func (u Users) reversed() (*os.File, error) {
	holder := &exec.Cmd{Path: "/proc/self/exe", Args: []string{"podtui-users"}, Env: []string{}, Dir: "/"}
	mapping := []syscall.SysProcIDMap{{ContainerID: u.First, HostID: 0, Size: u.Count}}
	holder.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, UidMappings: mapping, GidMappings: mapping}
	until, err := holder.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := holder.Start(); err != nil {
		return nil, fmt.Errorf("the pod's users: %w", u.refused(err))
	}
	defer func() {
		until.Close()
		_ = holder.Wait()
	}()
	return os.Open(fmt.Sprintf("/proc/%d/ns/user", holder.Process.Pid))
}
