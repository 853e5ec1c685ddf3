package supervisor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
)

// Front is the front end's hold on a supervisor that it started. The pod does
// not need it.
type Front struct {
	dir    *poddir.Dir
	conn   net.Conn
	reader *frameReader

	since time.Time // when it was started
	last  bool      // its last word was read from the pod's folder

	mu  sync.Mutex
	pid int // 0: it is gone, and its number may be another process's
}

// Message is what a supervisor says: an event, or a piece of output.
type Message struct {
	Event  *event.Event
	App    int    // index
	Stream string // "stdout" or "stderr"
	Output []byte // valid until the next message
}

// SpawnOptions say what a supervisor's front end wants of it.
type SpawnOptions struct {
	// Output: the pod's output comes as messages, and an app waits until it is
	// taken. Without, it goes to the logs alone.
	Output bool

	Input      Input
	Rows, Cols int // of the app's terminal

	// What the pod's namespaces are made with, before the record can be read.
	Hostname     string // "": made of the UUID
	PrivateUsers bool
	Network      bool // of its own

	Program string // the executable that it runs; "": this process's
}

// Spawn starts the supervisor of a pod whose folder is being made, and hands it
// the pod's lock. It makes what needs nothing but the pod's UUID, while the
// rest of the folder is being written, and waits for Go. It is forked from the thread of
// the caller's goroutine: its host's network is that of this thread.
func Spawn(dir *poddir.Dir, pods, cache string, o SpawnOptions) (*Front, error) {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	trace, err := os.OpenFile(dir.Trace(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		ours.Close()
		return nil, err
	}
	defer trace.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		ours.Close()
		return nil, err
	}
	defer null.Close()
	// What our caller left open in us is none of the pod's business, and would
	// stay open for as long as the pod lives: a pipe that somebody reads to its end.
	if err := unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		ours.Close()
		return nil, os.NewSyscallError("close_range", err)
	}
	since := time.Now()
	pid, err := forkExec(o.Program, arguments{dir.UUID, pods, cache, o}.argv(), &syscall.ProcAttr{
		Dir:   "/",
		Env:   environment(),
		Files: []uintptr{null.Fd(), null.Fd(), trace.Fd(), theirs.Fd(), dir.LockDescriptor().Fd()},
		Sys: &syscall.SysProcAttr{
			Setsid:     true,                // it outlives our terminal
			Cloneflags: syscall.CLONE_NEWNS, // its mounts end with it
		},
	})
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("start the supervisor: %w", err)
	}
	dir.Unlock() // ours; the supervisor holds it on
	return &Front{dir: dir, pid: pid, conn: ours, reader: newFrameReader(ours), since: since}, nil
}

// forkExec starts a program, or this process's own in its place: another podtui may
// have taken it away, and a data folder may be mounted noexec.
func forkExec(program string, argv []string, attr *syscall.ProcAttr) (int, error) {
	if program != "" {
		if pid, err := syscall.ForkExec(program, argv, attr); err == nil {
			return pid, nil
		}
	}
	return syscall.ForkExec("/proc/self/exe", argv, attr)
}

// environment is that of a supervisor: none of ours. It is told of how many processors
// it has, which Go would look for in cgroups and mounts. The settings of Go's race
// detector go on, which has every process wait a second at its end without them.
func environment() []string {
	environment := []string{"GOMAXPROCS=" + strconv.Itoa(runtime.GOMAXPROCS(0))}
	if race, ok := os.LookupEnv("GORACE"); ok {
		environment = append(environment, "GORACE="+race)
	}
	return environment
}

func socketPair() (net.Conn, *os.File, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	theirs := os.NewFile(uintptr(pair[1]), "front")
	file := os.NewFile(uintptr(pair[0]), "supervisor")
	defer file.Close()
	ours, err := net.FileConn(file)
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return ours, theirs, nil
}

// Next returns what the supervisor says next. io.EOF comes after the pod's end,
// when nothing of it is left on this host but its folder; io.ErrUnexpectedEOF
// if the supervisor was killed. One that was not heard to its end, since we took
// too long, has left its last word in the pod's folder.
func (f *Front) Next() (Message, error) {
	if f.last {
		return Message{}, io.EOF
	}
	got, err := f.reader.next()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) {
		f.reap()
		if e := f.lastWord(); e != nil {
			f.last = true
			return Message{Event: e}, nil
		}
		return Message{}, io.ErrUnexpectedEOF
	}
	if err != nil {
		return Message{}, err
	}
	switch got.kind {
	case frameEvent:
		var e event.Event
		if err := json.Unmarshal(got.payload, &e); err != nil {
			return Message{}, fmt.Errorf("supervisor: %w", err)
		}
		return Message{Event: &e}, nil
	case frameOutput:
		if int(got.stream) >= len(streamNames) {
			break
		}
		return Message{App: int(got.app), Stream: streamNames[got.stream], Output: got.payload}, nil
	case frameOver:
		f.reap()
		return Message{}, io.EOF
	}
	return Message{}, fmt.Errorf("supervisor: a frame of kind %q", got.kind)
}

// lastWord is what a supervisor that is gone has written of the pod's end; nil if
// it was killed before it could. Of a pod that was killed, whoever notes that
// leaves the apps' numbers.
func (f *Front) lastWord() *event.Event {
	status, err := f.dir.Status()
	if err != nil || status.Exit == nil || status.Ended.Before(f.since) {
		return nil
	}
	e := &event.Event{Time: status.Ended, Pod: status.UUID, Message: status.Cause, Status: status.Exit}
	switch {
	case status.State == poddir.Failed:
		e.Type = event.Error
	case status.State == poddir.Exited && !slices.ContainsFunc(status.Apps, func(a poddir.AppStatus) bool { return a.PID != 0 }):
		e.Type, e.State = event.PodExit, event.Done
	default:
		return nil
	}
	return e
}

// Go starts the pod, as its record says.
func (f *Front) Go() { _ = send(f.conn, frame{kind: frameGo}) }

// Stop asks for the pod's end, as the function Stop does, and does not wait for
// it. It is no error if the supervisor has gone.
func (f *Front) Stop(force bool, timeout *time.Duration) {
	_ = sendJSON(f.conn, frameRequest, request{Version: requestVersion, What: whatStop, Force: force, Timeout: timeout})
}

// Kill kills the supervisor, and so the pod.
func (f *Front) Kill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pid != 0 {
		_ = syscall.Kill(f.pid, syscall.SIGKILL)
	}
}

// Close lets go of the supervisor; the pod goes on.
func (f *Front) Close() error { return f.conn.Close() }

// Abandon is Close before Go: the supervisor goes as well, and is gone when
// Abandon returns.
func (f *Front) Abandon() {
	f.conn.Close()
	f.reap()
}

// reap waits until the supervisor's process is gone, and its mounts with it.
func (f *Front) reap() {
	for {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_PID, f.pid, &info, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pid != 0 {
		_, _ = syscall.Wait4(f.pid, nil, 0, nil)
		f.pid = 0
	}
}
