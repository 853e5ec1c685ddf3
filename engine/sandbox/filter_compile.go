package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"

	"github.com/opencontainers/runc/libcontainer/configs"
	"github.com/opencontainers/runc/libcontainer/seccomp"
	libseccomp "github.com/seccomp/libseccomp-golang"
	"golang.org/x/sys/unix"
)

const compileRole = "compile-filter"

// compileFilter has a child install the profile on itself, by the same code of
// libcontainer that would run in an app's start, and reads the program back
// from the kernel. So the filter is libcontainer's, instruction for
// instruction, with its answers to system calls that are newer than the
// profile. It is an error where the kernel can't give it back
// (CONFIG_CHECKPOINT_RESTORE), or where we are under a filter ourselves.
func compileFilter(profile *configs.Seccomp) ([]byte, error) {
	child := &exec.Cmd{
		Path:        "/proc/self/exe",
		Args:        []string{"podtui", compileRole},
		Env:         []string{},
		SysProcAttr: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL},
	}
	input, err := child.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	runtime.LockOSThread() // the thread that starts, traces and ends the child
	defer runtime.UnlockOSThread()
	if err := child.Start(); err != nil {
		return nil, err
	}
	defer func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	}()
	if err := json.NewEncoder(input).Encode(profile); err != nil {
		return nil, err
	}
	thread, err := filteredThread(output)
	if err != nil {
		return nil, err
	}
	return readFilter(thread)
}

// filteredThread is told by the child when the filter is on one of its threads.
func filteredThread(output io.Reader) (int, error) {
	said, err := io.ReadAll(io.LimitReader(output, 16))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(said))
}

func readFilter(thread int) ([]byte, error) {
	if err := unix.PtraceAttach(thread); err != nil {
		return nil, os.NewSyscallError("ptrace", err)
	}
	if _, err := unix.Wait4(thread, nil, unix.WALL, nil); err != nil {
		return nil, os.NewSyscallError("wait", err)
	}
	count, err := getFilter(thread, nil)
	if err != nil || count == 0 {
		return nil, err
	}
	program := make([]byte, count*unix.SizeofSockFilter)
	_, err = getFilter(thread, &program[0])
	return program, err
}

// getFilter reads the newest filter of a traced thread, or without a buffer
// only its length in instructions.
func getFilter(thread int, buffer *byte) (int, error) {
	count, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_SECCOMP_GET_FILTER,
		uintptr(thread), 0, uintptr(unsafe.Pointer(buffer)), 0, 0)
	if errno != 0 {
		return 0, os.NewSyscallError("ptrace", errno)
	}
	return int(count), nil
}

// compileInChild is the child's side. It is killed by its parent.
func compileInChild() {
	runtime.LockOSThread()
	var profile configs.Seccomp
	err := json.NewDecoder(os.Stdin).Decode(&profile)
	if err == nil {
		_, err = seccomp.InitSeccomp(&profile)
	}
	if err != nil {
		os.Exit(1)
	}
	fmt.Print(unix.Gettid())
	os.Stdout.Close()
	for {
		_ = unix.Pause()
	}
}

func libseccompVersion() string {
	major, minor, micro := libseccomp.GetLibraryVersion()
	return fmt.Sprintf("%d.%d.%d", major, minor, micro)
}
