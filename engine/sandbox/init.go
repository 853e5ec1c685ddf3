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
// namespaces, and returns once it has left the host's file systems.
//
// PR_SET_PDEATHSIG follows the thread that forked, so the thread is locked and
// kept until the pod is closed.
func startInit(uuid, hostname string) (*podInit, error) {
	i := &podInit{release: make(chan struct{}), ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := i.start(uuid, hostname)
		started <- err
		if err == nil {
			<-i.release
		}
		close(i.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("pod init: %w", err)
	}
	return i, nil
}

func (i *podInit) start(uuid, hostname string) error {
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
		Args:       []string{"podtui", "pod-init", uuid, hostname},
		Env:        []string{},
		Dir:        "/",
		ExtraFiles: []*os.File{theirLifeline, theirReady},
		SysProcAttr: &syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS | syscall.CLONE_NEWNS,
			Pdeathsig:  syscall.SIGKILL,
		},
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

// wait waits until init, which was killed, is gone. It takes every other child
// of ours that has ended as well: what was half-way into the pod when init died
// is known to nobody, and the kernel keeps init until it has been reaped.
func (i *podInit) wait() {
	for {
		pid, err := unix.Wait4(-1, nil, 0, nil)
		if pid == i.pid() || err != nil && !errors.Is(err, unix.EINTR) {
			break
		}
	}
	close(i.release)
	<-i.ended
	i.lifeline.Close()
}
