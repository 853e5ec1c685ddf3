package sandbox

import (
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// LookFor finds out whether an app could begin in its working folder and execute what
// it is to execute, as a start does (become.c): with the app's own rights, in its
// root, which is mounted with all that is mounted in it. Nothing is executed. What
// lies in the kernel's file systems, which are not there yet, is left to the start.
func LookFor(app App) (*Found, error) {
	root, err := os.OpenFile(app.Root, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	found := &Found{app: app, root: root}
	if isKernels(app.Dir) {
		return found, nil
	}
	err = OnThread(func() (err error) {
		if err := become(root, app); err != nil {
			return err
		}
		if err := goTo(app.Dir); err != nil {
			return &FolderError{App: app.Name, Path: app.Dir, Err: err}
		}
		if found.program, err = find(app.Argv[0], app.Env); err != nil {
			return &ExecError{App: app.Name, Path: app.Argv[0], Err: err}
		}
		return nil
	})
	if err != nil {
		found.Close()
		return nil, err
	}
	return found, nil
}

// Found is what an app would execute.
type Found struct {
	app           App
	root, program *os.File // no program: that can't be said
}

// Check finds out what shows only when it is executed.
func (f *Found) Check() error {
	if f.program == nil {
		return nil
	}
	if err := checkFormat(f.root, f.program); err != nil {
		return &ExecError{App: f.app.Name, Path: f.app.Argv[0], Err: err, found: true}
	}
	return nil
}

// Close lets go of it.
func (f *Found) Close() {
	f.root.Close()
	f.program.Close()
}

func isKernels(name string) bool {
	return slices.ContainsFunc([]string{"/dev", "/proc", "/sys"}, func(folder string) bool { return within(path.Clean(name), folder) })
}

// become gives this thread an app's root and rights.
func become(root *os.File, app App) error {
	groups := make([]uint32, len(app.Groups)+1)
	for i, gid := range app.Groups {
		groups[i] = uint32(gid)
	}
	steps := []func() error{
		func() error { return unix.Unshare(unix.CLONE_FS) },
		func() error { return unix.Fchdir(int(root.Fd())) },
		func() error { return unix.Chroot(".") },
		// Of this thread: Go's own calls are made on all.
		func() error {
			return ofThread(unix.SYS_SETGROUPS, uintptr(len(app.Groups)), uintptr(unsafe.Pointer(&groups[0])), 0)
		},
		func() error {
			return ofThread(unix.SYS_SETRESGID, uintptr(app.GID), uintptr(app.GID), uintptr(app.GID))
		},
		func() error {
			return ofThread(unix.SYS_SETRESUID, uintptr(app.UID), uintptr(app.UID), uintptr(app.UID))
		},
		func() error { return limitCapabilities(app) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	runtime.KeepAlive(groups)
	return nil
}

func ofThread(call, a, b, c uintptr) error {
	if _, _, errno := unix.RawSyscall(call, a, b, c); errno != 0 {
		return errno
	}
	return nil
}

// limitCapabilities leaves root what the app has. A user has none anyway.
func limitCapabilities(app App) error {
	if app.UID != 0 {
		return nil
	}
	set, _ := capabilities(app.Isolation)
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	for bit, name := range spec.Capabilities() {
		if slices.Contains(set, name) {
			data[bit/32].Effective |= 1 << (bit % 32)
		}
	}
	for i := range data {
		data[i].Permitted = data[i].Effective
	}
	return unix.Capset(&header, &data[0])
}

func goTo(folder string) error {
	fd, err := unix.Openat2(unix.AT_FDCWD, folder, &unix.OpenHow{
		Flags: unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS,
	})
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Fchdir(fd)
}

// find is become.c's: as a shell looks for an executable. nil, and no error: that
// can't be said.
func find(name string, env []string) (*os.File, error) {
	if strings.Contains(name, "/") {
		return executable(name)
	}
	if name == "" {
		return nil, unix.ENOENT
	}
	best := error(unix.ENOENT)
	for folder := range strings.SplitSeq(pathOf(env), ":") {
		if len(folder)+1+len(name) >= unix.PathMax {
			continue
		}
		program, err := executable(path.Join(folder, name))
		if err == nil {
			return program, nil
		}
		if err == unix.EACCES {
			best = err
		}
	}
	return nil, best
}

// pathOf is the app's PATH, or what execvp takes for one.
func pathOf(env []string) string {
	found := ":/bin:/usr/bin"
	for _, v := range env {
		if value, is := strings.CutPrefix(v, "PATH="); is {
			found = value // of two the last counts
		}
	}
	return found
}

func executable(name string) (*os.File, error) {
	if isKernels(name) {
		return nil, nil
	}
	var st unix.Stat_t
	if err := unix.Stat(name, &st); err != nil {
		return nil, err
	}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		return nil, unix.EISDIR
	}
	if err := unix.Faccessat2(unix.AT_FDCWD, name, unix.X_OK, unix.AT_EACCESS); err != nil {
		return nil, err
	}
	fd, err := unix.Open(name, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}
