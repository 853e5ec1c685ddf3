package engine

import (
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// driven is a program's terminal that is joined to its caller's files.
type driven struct {
	console *os.File
	ended   atomic.Bool
	over    chan struct{} // closed when the program has ended,
	wake    *os.File      // and this is, for who waits for files
}

// drive joins a program's terminal to the caller's files until the function that
// it returns is called, when the program has ended. That waits for what the
// program drew last; nothing that is typed later is taken.
func drive(console *os.File, o EnterOptions) (end func()) {
	asleep, wake, err := os.Pipe()
	if err != nil {
		console.Close()
		return func() {}
	}
	d := &driven{console: console, over: make(chan struct{}), wake: asleep}
	var drawing, others sync.WaitGroup
	drawing.Go(func() { d.draw(o.screen()) })
	others.Go(func() { d.takeInput(o.Stdin) })
	others.Go(func() { d.resize(o.Resized) })
	return func() {
		d.ended.Store(true)
		_ = console.SetReadDeadline(time.Now().Add(lastWords))
		drawing.Wait()
		console.Close()
		close(d.over)
		wake.Close()
		others.Wait()
		asleep.Close()
	}
}

// What a program drew last is waited for as long as it takes, if nobody else has
// its terminal. Else it is so many pieces at most, and no pause longer than this.
const (
	lastWords  = 100 * time.Millisecond
	lastPieces = 64
)

// screen is where the program draws.
func (o EnterOptions) screen() io.Writer {
	switch {
	case o.Screen != nil:
		return o.Screen
	case o.Stdout != nil:
		return o.Stdout
	}
	return io.Discard // the program goes on without a screen
}

func (d *driven) draw(screen io.Writer) {
	buffer := make([]byte, 32<<10)
	for left := lastPieces; left > 0; {
		n, err := d.console.Read(buffer)
		if n > 0 {
			_, _ = screen.Write(buffer[:n]) // the program goes on though nobody sees it
		}
		if err != nil {
			return
		}
		if d.ended.Load() {
			left--
			_ = d.console.SetReadDeadline(time.Now().Add(lastWords))
		}
	}
}

// takeInput reads keys only while the program runs: the next one is the caller's.
func (d *driven) takeInput(keys *os.File) {
	if keys == nil {
		return
	}
	buffer := make([]byte, 4<<10)
	for d.awaitInput(keys) {
		n, err := keys.Read(buffer)
		switch {
		case n > 0:
			if _, err := d.console.Write(buffer[:n]); err != nil {
				return
			}
		case errors.Is(err, io.EOF):
			_, _ = d.console.Write([]byte{endOfInput})
			return
		default: // the terminal that they came from is gone
			d.console.Close()
			return
		}
	}
}

// endOfInput is ctrl-d.
const endOfInput = 4

func (d *driven) awaitInput(keys *os.File) bool {
	for {
		fds := []unix.PollFd{{Fd: int32(keys.Fd()), Events: unix.POLLIN}, {Fd: int32(d.wake.Fd()), Events: unix.POLLIN}}
		_, err := unix.Poll(fds, -1)
		if !errors.Is(err, unix.EINTR) {
			return err == nil && fds[1].Revents == 0
		}
	}
}

func (d *driven) resize(sizes <-chan [2]int) {
	for {
		select {
		case size, ok := <-sizes:
			if !ok {
				return
			}
			d.setSize(size[0], size[1])
		case <-d.over:
			return
		}
	}
}

func (d *driven) setSize(rows, cols int) {
	control, err := d.console.SyscallConn()
	if err != nil {
		return
	}
	_ = control.Control(func(fd uintptr) {
		_ = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: uint16(rows), Col: uint16(cols)})
	})
}
