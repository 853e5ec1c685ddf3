package sandbox

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// startProcesses are the processes of a start that have become no program yet.
// libcontainer makes three, one from the other, all of them our children, and tells
// of none before the last is there. Of a start that fails halfway it leaves two that
// nobody waits for, and the kernel would keep the pod's init for them.
type startProcesses struct {
	socket atomic.Pointer[string] // /proc's name for their end of execStatus
	killed []int                  // pidfds
}

// note remembers what the processes have that are about to be made.
func (p *startProcesses) note(status *os.File) {
	if socket, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", status.Fd())); err == nil {
		p.socket.Store(&socket)
	}
}

// kill kills those that are there now.
func (p *startProcesses) kill() {
	socket := p.socket.Load()
	if socket == nil {
		return
	}
	for _, pid := range numbered("/proc") {
		process, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			continue
		}
		if isStart(pid, *socket) && unix.PidfdSendSignal(process, unix.SIGKILL, nil, 0) == nil {
			p.killed = append(p.killed, process)
		} else {
			unix.Close(process)
		}
	}
}

// end ends what a start that has failed has left, and takes what has ended.
func (p *startProcesses) end() {
	p.kill()
	for _, process := range p.killed {
		_ = unix.Waitid(unix.P_PIDFD, process, nil, unix.WEXITED, nil)
		unix.Close(process)
	}
	p.killed = nil
	for _, pid := range numbered("/proc") {
		if isDeadStart(pid) {
			_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil)
		}
	}
}

func isStart(pid int, socket string) bool {
	folder := "/proc/" + strconv.Itoa(pid)
	has, err := os.Readlink(folder + "/fd/" + strconv.Itoa(execStatus))
	if err != nil || has != socket {
		return false
	}
	line, err := os.ReadFile(folder + "/cmdline") // as Role knows it
	arguments := strings.Split(string(line), "\x00")
	return err == nil && len(arguments) > 1 && arguments[1] == "init"
}

// isDeadStart knows a dead child of ours by the names that libcontainer gives: a
// program that was executed has its own.
func isDeadStart(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.HasPrefix(string(stat), fmt.Sprintf("%d (runc:[", pid)) &&
		strings.Contains(string(stat), fmt.Sprintf("]) Z %d ", os.Getpid()))
}

// numbered are the entries of a folder whose names are numbers.
func numbered(folder string) []int {
	entries, _ := os.ReadDir(folder)
	var numbers []int
	for _, entry := range entries {
		if n, err := strconv.Atoi(entry.Name()); err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers
}
