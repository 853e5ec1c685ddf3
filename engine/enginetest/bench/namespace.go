package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// namespace is a mount namespace of its own, or a network's, which one thread of ours
// lives in. What is made there is seen nowhere else, and goes with this process, even
// if that is killed.
type namespace struct {
	thread int // its ID
	calls  chan func()
}

// newNamespace makes a namespace without some mounts of the host.
func newNamespace(without ...string) (*namespace, error) {
	return live(func() error { return unshareMounts(without) })
}

// live has a thread live where enter leads it.
func live(enter func() error) (*namespace, error) {
	n := &namespace{calls: make(chan func())}
	ready := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread is never given back
		n.thread = unix.Gettid()
		err := enter()
		ready <- err
		if err != nil {
			return
		}
		for call := range n.calls {
			call()
		}
	}()
	return n, <-ready
}

func unshareMounts(without []string) error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return os.NewSyscallError("unshare", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return os.NewSyscallError("mount", err)
	}
	for _, path := range without {
		if err := unix.Unmount(path, unix.MNT_DETACH); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("unmount %s: %w", path, err)
		}
	}
	return nil
}

// do calls a function on the thread in the namespace. A process that it starts
// lives there too.
func (n *namespace) do(f func()) {
	done := make(chan struct{})
	n.calls <- func() {
		defer close(done)
		f()
	}
	<-done
}
