// Package console gives the terminal of this process to somebody else for a
// while: to an app of a running pod (Terminal.Attach), to a program beside it
// (Terminal.Enter), or to the app that batch runs. Whatever they do to it, and
// however it ends, the terminal is afterwards as it was.
//
// What an app without a screen of podtui's around it writes goes out as it is: it
// may draw. So this package sets back what an app can have set (reset.go), and
// knows its keys in the forms that an app can ask a terminal for (keys.go).
package console

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// Console is a terminal in raw mode: every key is a byte for whoever has it, also
// those that are signals else.
type Console struct {
	in, out *os.File
	before  *term.State
	reader  *Reader
	traces  traces

	resized chan os.Signal
	done    chan struct{}
	close   sync.Once
}

// Open takes the terminal that is read from in and drawn on by out. Close gives it
// back, and has to be called.
func Open(in, out *os.File) (*Console, error) {
	reader, err := NewReader(in)
	if err != nil {
		return nil, err
	}
	before, err := term.MakeRaw(in.Fd())
	if err != nil {
		reader.Close()
		return nil, fmt.Errorf("terminal: %w", err)
	}
	c := &Console{in: in, out: out, before: before, reader: reader, resized: make(chan os.Signal, 1), done: make(chan struct{})}
	c.traces.begin(out)
	signal.Notify(c.resized, unix.SIGWINCH)
	return c, nil
}

// Is reports whether both are a terminal.
func Is(in, out *os.File) bool { return term.IsTerminal(in.Fd()) && term.IsTerminal(out.Fd()) }

// Size is the terminal's, or what one has that doesn't tell.
func Size(out *os.File) (rows, cols int) {
	cols, rows, err := term.GetSize(out.Fd())
	if err != nil || rows == 0 || cols == 0 {
		return 24, 80
	}
	return rows, cols
}

// Size is the terminal's size now.
func (c *Console) Size() (rows, cols int) { return Size(c.out) }

// Resized calls do with the terminal's size whenever it gets another, until Close.
func (c *Console) Resized(do func(rows, cols int)) {
	for {
		select {
		case <-c.resized:
			do(c.Size())
		case <-c.done:
			return
		}
	}
}

// Read reads what is typed. After Close it is io.EOF, and nothing that was typed
// later has been read.
func (c *Console) Read(p []byte) (int, error) { return c.reader.Read(p) }

// Write draws.
func (c *Console) Write(p []byte) (int, error) {
	c.traces.see(p)
	return c.out.Write(p)
}

// Close gives the terminal back as it was.
func (c *Console) Close() error {
	err := error(nil)
	c.close.Do(func() {
		signal.Stop(c.resized)
		close(c.done)
		c.reader.Close()
		c.traces.remove(c.out)
		err = term.Restore(c.in.Fd(), c.before)
	})
	return err
}

// Reader reads a file such that a read that waits can be ended, and what comes
// later is left to the next who reads.
type Reader struct {
	file *os.File
	wake *os.File // readable once the reader is closed
	end  *os.File

	mu     sync.Mutex
	closed bool
}

// NewReader reads a file, which stays open when the reader is closed.
func NewReader(file *os.File) (*Reader, error) {
	wake, end, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &Reader{file: file, wake: wake, end: end}, nil
}

// Read reads what there is, and waits for it; io.EOF after Close.
func (r *Reader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.closed {
		fds := []unix.PollFd{{Fd: int32(r.wake.Fd()), Events: unix.POLLIN}, {Fd: int32(r.file.Fd()), Events: unix.POLLIN}}
		_, err := unix.Poll(fds, -1)
		switch {
		case errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN):
			continue
		case err != nil:
			return 0, os.NewSyscallError("poll", err)
		case fds[0].Revents != 0:
			return 0, io.EOF
		}
		return r.file.Read(p)
	}
	return 0, io.EOF
}

// Close ends a read, and returns when nobody reads any more.
func (r *Reader) Close() {
	r.end.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.closed = true
		r.wake.Close()
	}
}
