package sandbox

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// OnThread runs something that changes what a thread has for its own: its mounts, its
// root, its rights. The thread ends with it. It is never the process's first, of which
// /proc tells when it is asked for the process.
func OnThread(do func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: Go ends a thread that is still locked
		if unix.Gettid() == unix.Getpid() {
			done <- OnThread(do) // on another, since this one is taken
			runtime.UnlockOSThread()
			return
		}
		done <- do()
	}()
	return <-done
}

// Scratch gives this thread mounts of its own, and in them a file system in memory,
// over a folder that may be hidden for that: not one that beside is below.
func Scratch(beside string) (folder string, err error) {
	if folder, err = hidden(beside); err != nil {
		return "", err
	}
	if err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_FS); err != nil {
		return "", err
	}
	if err := PrivateMounts(); err != nil {
		return "", err
	}
	tmpfs, err := Memory{Mode: 0o755}.Make()
	if err != nil {
		return "", err
	}
	defer tmpfs.Close()
	return folder, Place(tmpfs, folder)
}
