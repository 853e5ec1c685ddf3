package sandbox

import (
	"fmt"
	"os"

	"github.com/opencontainers/runc/libcontainer"
	"golang.org/x/sys/unix"
)

// newProcess is what libcontainer is told of a process. It would look in the app's
// files for what it is not told; of an executable it wants to see that there is
// one, and its own is there.
func newProcess(uid, gid int, groups []int) *libcontainer.Process {
	return &libcontainer.Process{
		Args: []string{"/proc/self/exe"}, Env: []string{"HOME=/"}, Cwd: "/",
		UID: uid, GID: gid, AdditionalGroups: groups,
	}
}

// giveFiles leaves out what is nil, which libcontainer takes for /dev/null.
func giveFiles(process *libcontainer.Process, stdin, stdout, stderr *os.File) {
	if stdin != nil {
		process.Stdin = stdin
	}
	if stdout != nil {
		process.Stdout = stdout
	}
	if stderr != nil {
		process.Stderr = stderr
	}
}

// begun is what there is of a process that libcontainer has started.
type begun struct {
	status  *os.File // our end of execStatus
	words   *os.File // what it says as it dies; nil once it can't any more
	console *os.File // the master of its terminal, if it was to have one
}

// startProcess starts a process of libcontainer's. before, if there is one, is told of
// the other end of execStatus.
func startProcess(app string, container *libcontainer.Container, process *libcontainer.Process, terminal bool, before func(theirs *os.File)) (b begun, err error) {
	status, theirs, err := statusSockets()
	if err != nil {
		return begun{}, err
	}
	defer theirs.Close()                    // so that the app's start, if it dies, is the end of the stream
	process.ExtraFiles = []*os.File{theirs} // execStatus
	words, done, err := hearOut(process)
	if err != nil {
		status.Close()
		return begun{}, err
	}
	defer done()
	if before != nil {
		before(theirs)
	}
	b = begun{status: status, words: words}
	if terminal {
		b.console, err = startWithConsole(container, process)
	} else {
		err = container.Start(process)
	}
	if err != nil {
		status.Close()
		return begun{}, b.began(app, fmt.Errorf("app %q: %w", app, err))
	}
	return b, nil
}

// began is for a start that is over, in one way or the other.
func (b *begun) began(app string, err error) error {
	defer b.words.Close()
	return died(app, b.words, err)
}

func startWithConsole(container *libcontainer.Container, process *libcontainer.Process) (*os.File, error) {
	ours, theirs, err := consoleSockets()
	if err != nil {
		return nil, err
	}
	defer ours.Close()
	process.ConsoleSocket = theirs
	err = container.Start(process)
	theirs.Close()
	if err != nil {
		return nil, err
	}
	console, err := receiveConsole(ours)
	if err != nil {
		_ = process.Signal(unix.SIGKILL)
		_, _ = process.Wait()
	}
	return console, err
}
