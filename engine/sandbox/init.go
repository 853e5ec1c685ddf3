package sandbox

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

import "C" // podinit.c

// podInit is the running first process of a pod.
type podInit struct {
	cmd      *exec.Cmd
	lifeline *os.File // closed by the kernel when this process ends
	release  chan struct{}
	ended    chan struct{}
}

// startInit starts the pod's first process in new PID, IPC, UTS and mount
// namespaces, a user namespace if the pod has users of its own, and a network
// namespace, which is those users', if it has a network. It returns once the process
// has left the host's file systems. The IPC namespace it makes itself: the folder of
// message queues in it belongs to whoever makes it.
//
// PR_SET_PDEATHSIG follows the thread that forked, so the thread is locked and
// kept until the pod is closed.
func startInit(o Options) (*podInit, error) {
	i := &podInit{release: make(chan struct{}), ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := i.start(o)
		started <- err
		if err == nil {
			<-i.release
		}
		close(i.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("pod init: %w", o.refused(err))
	}
	return i, nil
}

func (i *podInit) start(o Options) error {
	theirLifeline, ourLifeline, err := os.Pipe()
	if err != nil {
		return err
	}
	defer theirLifeline.Close()
	ready, theirReady, err := os.Pipe()
	if err != nil {
		ourLifeline.Close()
		return err
	}
	defer ready.Close()
	i.lifeline = ourLifeline
	i.cmd = &exec.Cmd{
		Path:       "/proc/self/exe",
		Args:       []string{"podtui", "pod-init", o.UUID, o.Hostname},
		Env:        []string{},
		Dir:        "/",
		ExtraFiles: []*os.File{theirLifeline, theirReady},
		SysProcAttr: &syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWNS,
			Pdeathsig:  syscall.SIGKILL,
		},
	}
	o.Users.unshare(i.cmd.SysProcAttr)
	if o.Network {
		i.cmd.Args = append(i.cmd.Args, "network")
		i.cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWNET
	}
	err = i.cmd.Start()
	theirReady.Close()
	if err != nil {
		ourLifeline.Close()
		return err
	}
	if err := readReady(ready); err != nil {
		_ = i.cmd.Process.Kill()
		_ = i.cmd.Wait()
		ourLifeline.Close()
		return err
	}
	return nil
}

// readReady waits for init to close its end: without a word if it is ready,
// with "STEP: ERRNO" if it is not.
func readReady(ready io.Reader) error {
	said, err := io.ReadAll(io.LimitReader(ready, 256))
	if err != nil || len(said) == 0 {
		return err
	}
	step, number, _ := strings.Cut(string(said), ": ")
	errno, err := strconv.Atoi(number)
	if err != nil {
		return errors.New(step)
	}
	return fmt.Errorf("%s: %w", step, syscall.Errno(errno))
}

func (i *podInit) pid() int { return i.cmd.Process.Pid }

// kill ends init, and with it every process of the pod.
func (i *podInit) kill() { _ = i.cmd.Process.Kill() }

// goneTime is how long init may take to go after it was killed.
const goneTime = 2 * time.Second

// wait waits until init, which was killed, is gone. The kernel keeps it until all
// of its namespace have been reaped; of what has entered the pod that is done by
// the "podtui enter" outside, and it may be stopped for ever. So the wait ends: a
// dead init holds nothing, and whoever inherits it reaps it.
func (i *podInit) wait() error {
	gone := make(chan struct{})
	go func() {
		i.reap()
		close(gone)
	}()
	var err error
	select {
	case <-gone:
	case <-time.After(goneTime):
		err = fmt.Errorf("the pod's first process, %d, is dead and not gone yet: is a \"podtui enter\" of the pod stopped?", i.pid())
	}
	close(i.release)
	<-i.ended
	i.lifeline.Close()
	return err
}

// reap takes every other child of ours that has ended as well as init: what was
// half-way into the pod when init died is known to nobody.
func (i *podInit) reap() {
	for {
		pid, err := unix.Wait4(-1, nil, 0, nil)
		if pid == i.pid() || err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
	}
}
