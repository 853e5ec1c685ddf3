package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// NetworkNamespace is the path of the pod's network namespace; "" if it is the host's.
// It is there for as long as the pod's first process is, and nothing else holds it.
func (p *Pod) NetworkNamespace() string {
	if !p.network {
		return ""
	}
	return p.namespace("net")
}

// InNetwork does something in the pod's network namespace. What it opens there (a
// socket, a file of /proc/sys/net) stays the pod's; it must do it all on the goroutine
// on which it is called.
func (p *Pod) InNetwork(do func() error) error {
	if !p.network {
		return do()
	}
	done := make(chan error)
	go func() { done <- inNamespace(p.NetworkNamespace(), do) }()
	return <-done
}

// inNamespace does something on a thread that has joined a network namespace. One that
// can't come back ends with its goroutine.
func inNamespace(path string, do func() error) error {
	runtime.LockOSThread()
	own, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer own.Close()
	there, err := os.Open(path)
	if err != nil {
		return err
	}
	defer there.Close()
	if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
		return os.NewSyscallError("setns", err)
	}
	err = do()
	if unix.Setns(int(own.Fd()), unix.CLONE_NEWNET) == nil {
		runtime.UnlockOSThread()
	}
	return err
}

// TuneNetwork sets the sysctls of the pod's network, which Bound was told. It comes
// when the links are there that they may name, and before the first app.
func (p *Pod) TuneNetwork() error {
	if len(p.networkSysctls) == 0 {
		return nil
	}
	return p.InNetwork(func() error {
		for _, key := range slices.Sorted(maps.Keys(p.networkSysctls)) {
			if err := setSysctl(key, p.networkSysctls[key]); err != nil {
				return err
			}
		}
		return nil
	})
}

// setSysctl sets one of the namespaces of this thread.
func setSysctl(key, value string) error {
	file := filepath.Join("/proc/sys", strings.ReplaceAll(key, ".", "/"))
	err := os.WriteFile(file, []byte(value), 0)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("sysctl %s: a network of a pod's own has none of that name here", key)
	}
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		return fmt.Errorf("sysctl %s=%s: %w", key, value, errno)
	}
	return err
}

// refused says what keeps a host from making a pod's first process.
func (o Options) refused(err error) error {
	if !o.Network || !errors.Is(err, syscall.ENOSPC) {
		return o.Users.refused(err)
	}
	if o.Users.Private() {
		return errors.New("this host allows no further user namespace or network namespace (sysctls user.max_user_namespaces, user.max_net_namespaces), so no pod with private users and a private network")
	}
	return errors.New("this host allows no further network namespace (sysctl user.max_net_namespaces), so no pod with a private network")
}
