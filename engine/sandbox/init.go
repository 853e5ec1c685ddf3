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

// podInit is the first process of a pod, which runs once it has started.
type podInit struct {
	started chan struct{} // closed when it has left the host's file systems, or failed
	failure error         // why it never will

	cmd      *exec.Cmd
	lifeline *os.File // closed by the kernel when this process ends
	shared   *shared  // nil: of a pod with users of its own
	release  chan struct{}
	ended    chan struct{}
}

// startInit starts the pod's first process in new PID, IPC, UTS and mount
// namespaces, a user namespace if the pod has users of its own, and a network
// namespace, which is those users', if it has a network. It does not wait until they are
// there. The IPC namespace it makes itself: the folder of message queues in it belongs to
// whoever makes it.
//
// PR_SET_PDEATHSIG follows the thread that forked, so the thread is locked and
// kept until the pod is closed.
func startInit(o Options) *podInit {
	i := &podInit{started: make(chan struct{}), release: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(i.ended)
		runtime.LockOSThread()
		if err := i.start(o); err != nil {
			i.failure = fmt.Errorf("pod init: %w", o.refused(err))
		}
		close(i.started)
		if i.failure == nil {
			<-i.release
		}
	}()
	return i
}

// await waits until init has started.
func (i *podInit) await() error {
	<-i.started
	return i.failure
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
	err = i.run(o, ready, theirReady)
	if err != nil {
		ourLifeline.Close()
	}
	return err
}

// run starts the process and waits until it is init, with what it hands over.
func (i *podInit) run(o Options, ready, theirReady *os.File) error {
	ours, theirs, err := handOverSockets("file system")
	if err != nil {
		theirReady.Close()
		return err
	}
	defer ours.Close()
	if !o.Users.Private() {
		i.cmd.Args, i.cmd.ExtraFiles = append(i.cmd.Args, "hand-over"), append(i.cmd.ExtraFiles, theirs)
	}
	err = i.cmd.Start()
	theirReady.Close()
	theirs.Close()
	if err != nil {
		return err
	}
	err = readReady(ready)
	if err == nil && !o.Users.Private() {
		i.shared, err = takeShared(ours, o.StateDir)
	}
	if err != nil {
		_ = i.cmd.Process.Kill()
		_ = i.cmd.Wait()
	}
	return err
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

// pid is 0 of an init that could not be started.
func (i *podInit) pid() int {
	if i.await() != nil {
		return 0
	}
	return i.cmd.Process.Pid
}

// kill ends init, and with it every process of the pod.
func (i *podInit) kill() {
	if i.await() == nil {
		_ = i.cmd.Process.Kill()
	}
}

// goneTime is how long init may take to go after it was killed.
const goneTime = 2 * time.Second

// wait waits until init, which was killed, is gone. The kernel keeps it until all
// of its namespace have been reaped; of what has entered the pod that is done by
// the "podtui enter" outside, and it may be stopped for ever. So the wait ends: a
// dead init holds nothing, and whoever inherits it reaps it.
func (i *podInit) wait() error {
	if i.pid() == 0 {
		return nil // it could not be started
	}
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
	i.shared.close()
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
