package supervisor

import (
	"errors"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/poddir"
)

// Input is where an app's standard input comes from.
type Input string

// The kinds of input.
const (
	NoInput       Input = ""         // it is at its end from the beginning
	PipeInput     Input = "pipe"     // a pipe that whoever is attached writes into
	TerminalInput Input = "terminal" // a terminal, which is the app's output too
)

// stdio is an app's standard streams, over all its restarts: what it writes is
// kept in its log, then goes to the front end, for which the app waits, and to
// those that are attached, for whom it doesn't.
//
// For each start: open, then begin, whether the app could be made or not, then
// drain. At the end of all, close.
type stdio struct {
	index int
	app   string
	log   *poddir.LogWriter
	front *sender // nil: the front end doesn't want the output
	kind  Input
	input *input // nil: NoInput

	outputs *outputs // between open and begin; nil with a terminal
	stdin   *os.File // likewise: the app's end
	copying sync.WaitGroup

	mu       sync.Mutex
	console  *os.File // while the app has a terminal
	left     bool     // its process has ended: whoever closes the terminal now is the last
	rows     int      // what it is to be, also after a restart
	cols     int
	attached map[*attached]struct{}
	ended    bool
	status   int
}

// streams are what an app gets. Without a terminal, all but stdin are there; nil
// is /dev/null.
type streams struct {
	stdin, stdout, stderr *os.File

	terminal   bool
	rows, cols int
}

// newStdio opens an app's log.
func (s *supervisor) newStdio(index int, app string) (*stdio, error) {
	log, err := s.dir.CreateLog(app)
	if err != nil {
		return nil, err
	}
	io := &stdio{
		index: index, app: app, log: log,
		kind: s.options.Input, rows: s.options.Rows, cols: s.options.Cols, attached: make(map[*attached]struct{}),
	}
	if s.options.Output {
		io.front = s.front
	}
	if io.kind != NoInput {
		io.input = newInput()
	}
	s.stdio.add(io, len(s.record.Resolved.Apps))
	return io, nil
}

// pipeSize is how much an app can write ahead of us.
const pipeSize = 256 << 10

// open makes what the app gets at its next start.
func (io *stdio) open() (streams, error) {
	if io.kind == TerminalInput {
		io.mu.Lock()
		defer io.mu.Unlock()
		return streams{terminal: true, rows: io.rows, cols: io.cols}, nil
	}
	outputs, err := openOutputs()
	if err != nil {
		return streams{}, err
	}
	given := streams{stdout: outputs.theirs[0], stderr: outputs.theirs[1]}
	if io.kind == PipeInput {
		theirs, ours, err := os.Pipe()
		if err != nil {
			outputs.close()
			return streams{}, err
		}
		given.stdin = theirs
		io.input.give(ours)
	}
	io.outputs, io.stdin = outputs, given.stdin
	return given, nil
}

// control does something with a file's descriptor. File.Fd would take the file
// from the runtime's poller, and each read a thread.
func control(file *os.File, do func(fd int)) {
	if raw, err := file.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { do(int(fd)) })
	}
}

// begin closes our copies of the app's ends and copies what it writes. console
// is the master of its terminal, if it was to have one and could be made; it is
// closed.
func (io *stdio) begin(console *os.File) {
	if io.kind == TerminalInput {
		if console != nil {
			io.useConsole(console)
		}
		return
	}
	io.stdin.Close()
	io.outputs.closeTheirs()
	for stream, file := range io.outputs.ours {
		io.copying.Go(func() { copyStream(file, func(p []byte) { io.keep(stream, p) }) })
	}
	io.outputs, io.stdin = nil, nil
}

// useConsole is begin with a terminal. The master is read and written by
// descriptors of their own: to close one must not wait for the other.
func (io *stdio) useConsole(console *os.File) {
	defer console.Close()
	master, err := pollable(console)
	if err != nil {
		return
	}
	io.mu.Lock()
	io.console, io.left = master, false
	setSize(master, io.rows, io.cols)
	io.mu.Unlock()
	if writing, err := pollable(console); err == nil {
		io.input.give(writing)
	}
	io.copying.Go(func() {
		io.copyConsole(master)
		io.mu.Lock()
		defer io.mu.Unlock()
		io.console = nil
	})
}

// pollable is a file once more, by a descriptor of its own that the runtime waits
// for without a thread.
func pollable(file *os.File) (*os.File, error) {
	fd, err := -1, error(nil)
	control(file, func(old int) { fd, err = unix.FcntlInt(uintptr(old), unix.F_DUPFD_CLOEXEC, 0) })
	if err != nil || fd < 0 {
		return nil, errors.Join(err, os.ErrInvalid)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), file.Name()), nil
}

func setSize(console *os.File, rows, cols int) {
	if rows <= 0 || cols <= 0 || rows > 0xffff || cols > 0xffff {
		return
	}
	size := unix.Winsize{Row: uint16(rows), Col: uint16(cols)}
	control(console, func(fd int) { _ = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &size) })
}

// resize gives the app's terminal a size, now and after each restart.
func (io *stdio) resize(rows, cols int) {
	io.mu.Lock()
	defer io.mu.Unlock()
	io.rows, io.cols = rows, cols
	if io.console != nil {
		setSize(io.console, rows, cols)
	}
}

// drain is for when the app's process has ended. It waits until the app's output
// has ended, which it does with its last process, and until all of it has been
// kept.
func (io *stdio) drain() {
	io.mu.Lock()
	if io.left = true; io.console != nil {
		_ = io.console.SetReadDeadline(time.Unix(1, 0)) // who waits looks again
	}
	io.mu.Unlock()
	io.copying.Wait()
	if io.input != nil {
		io.input.take()
	}
}

// copyBuffers are lent to a stream while it has something to say, and not while
// it waits: an idle pod has none.
var copyBuffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// copyStream moves output to where it is wanted, until the last process that has
// it has closed it.
func copyStream(from *os.File, keep func(p []byte)) {
	defer from.Close()
	if raw, err := from.SyscallConn(); err == nil {
		_ = raw.Read(func(fd uintptr) bool { return !errors.Is(copyReady(int(fd), keep), unix.EAGAIN) })
	}
}

// copyConsole is copyStream for the master of a terminal. That it can't be read
// (EIO) only means that nobody has the terminal open now. While the app's process
// lives, it may open it again: then the poller wakes us, as for all that is new.
func (io *stdio) copyConsole(master *os.File) {
	defer master.Close()
	raw, err := master.SyscallConn()
	for err == nil {
		ended := false
		err = raw.Read(func(fd uintptr) bool {
			err := copyReady(int(fd), func(p []byte) { io.keep(0, p) })
			ended = !errors.Is(err, unix.EAGAIN) && (!errors.Is(err, unix.EIO) || io.hasLeft())
			return ended
		})
		if ended {
			return
		}
		if errors.Is(err, os.ErrDeadlineExceeded) { // once, by drain
			err = master.SetReadDeadline(time.Time{})
		}
	}
}

func (io *stdio) hasLeft() bool {
	io.mu.Lock()
	defer io.mu.Unlock()
	return io.left
}

// copyReady moves what can be read now, and returns why there is no more: EAGAIN
// if there may be later.
func copyReady(fd int, keep func(p []byte)) error {
	buffer := copyBuffers.Get().(*[64 << 10]byte)
	defer copyBuffers.Put(buffer)
	for {
		n, err := unix.Read(fd, buffer[:])
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return err
		case n == 0:
			return unix.EPIPE // the last writer is gone
		}
		keep(buffer[:n])
	}
}

// keep hands a piece of output to everybody. A log that can't be written (a full
// disk) is no reason to stop the app. Nobody sees what the log has not got.
func (io *stdio) keep(stream int, p []byte) {
	_ = io.log.Write(time.Now(), streamNames[stream], p)
	if io.front != nil {
		io.front.output(io.index, stream, p)
	}
	io.mu.Lock()
	defer io.mu.Unlock()
	for a := range io.attached {
		a.output(stream, p)
	}
}

// close says that the app has ended for good, with a status.
func (io *stdio) close(status int) {
	io.log.Close()
	if io.input != nil {
		io.input.close()
	}
	io.mu.Lock()
	defer io.mu.Unlock()
	io.ended, io.status = true, status
	for a := range io.attached {
		a.exit(status)
	}
	clear(io.attached)
}

// allStdio are the streams of a pod's apps, once all are there.
type allStdio struct {
	mu    sync.Mutex
	all   []*stdio
	ready chan struct{} // closed then
}

func newAllStdio() *allStdio { return &allStdio{ready: make(chan struct{})} }

// add adds one of so many.
func (l *allStdio) add(io *stdio, of int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, io)
	if len(l.all) == of {
		close(l.ready)
	}
}

// find waits until the pod's apps are there, and finds one by its name, or the
// only one.
func (l *allStdio) find(app string) (*stdio, error) {
	<-l.ready
	names := make([]string, len(l.all))
	for i, io := range l.all {
		names[i] = io.app
	}
	i, err := poddir.ChooseApp(names, app)
	if err != nil {
		return nil, err
	}
	return l.all[i], nil
}
