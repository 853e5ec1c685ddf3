package console

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/text"
)

// Terminal is where things are typed and drawn. It need not be a terminal.
type Terminal struct {
	In  *os.File
	Out *os.File
	Err *os.File // for the app's standard error, and for what podtui says; may be Out
}

// Attacher is what Attach needs of *engine.Engine.
type Attacher interface {
	Attach(ctx context.Context, word string, o engine.AttachOptions) (*engine.Attachment, error)
}

// SignalError says that a signal ended it. The app goes on.
type SignalError struct{ Signal unix.Signal }

func (e *SignalError) Error() string { return "detached by " + unix.SignalName(e.Signal) }
func (e *SignalError) Unwrap() error { return engine.ErrDetached }

// Attach shows what an app writes, and with o.Input gives it what is typed, until
// it has ended; then it returns its exit status. The detach keys end it earlier,
// and so does a signal, as which ctrl-c comes unless the app has a terminal and
// this one's input: the error is engine.ErrDetached, or a *SignalError. What
// o.Output would get, the terminal gets.
func (t Terminal) Attach(ctx context.Context, e Attacher, word string, o engine.AttachOptions) (int, error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	defer signal.Stop(signals)

	view := &view{Terminal: t, begun: make(chan struct{})}
	o.Output, o.Lost = view.output, view.lost
	if o.Input && Is(t.In, t.Out) {
		// One more each way than it is: an app draws anew when its size changes.
		o.Rows, o.Cols = Size(t.Out)
		o.Rows, o.Cols = o.Rows+1, o.Cols+1
	}
	held, err := e.Attach(ctx, word, o)
	if err != nil {
		return 0, err
	}
	defer held.Close()
	t.say("attached to app " + held.App + "; " + wayOut(o.Input && held.Terminal && Is(t.In, t.Out)))
	end, err := view.begin(held, o.Input)
	if err != nil {
		return 0, err
	}
	defer end()
	return wait(ctx, held, view, signals)
}

func wayOut(raw bool) string {
	if raw {
		return DetachKeys + " detaches"
	}
	return "ctrl-c detaches"
}

// say says something of podtui's.
func (t Terminal) say(message string) {
	_, _ = t.Err.WriteString("podtui: " + text.Escape(message) + "\n")
}

// wait waits for an end of any kind.
func wait(ctx context.Context, held *engine.Attachment, v *view, signals chan os.Signal) (int, error) {
	type ending struct {
		status int
		err    error
	}
	ended := make(chan ending, 1)
	go func() {
		status, err := held.Wait() // returns at the latest with Close
		ended <- ending{status, err}
	}()
	select {
	case e := <-ended:
		return e.status, e.err
	case sig := <-signals:
		signal.Stop(signals) // the next one kills, should the terminal take nothing any more
		return 0, &SignalError{sig.(unix.Signal)}
	case err := <-v.broken():
		return 0, err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// view is a terminal that shows an app.
type view struct {
	Terminal
	console *Console // nil: it is not ours to change
	traces  traces   // without a console
	begun   chan struct{}
	fails   chan error
}

func (v *view) broken() <-chan error { return v.fails }

// begin shows output and forwards input, until end, which leaves the terminal as
// it was.
func (v *view) begin(held *engine.Attachment, input bool) (end func(), err error) {
	v.fails = make(chan error, 2)
	if input && held.Terminal && Is(v.In, v.Out) {
		return v.beginRaw(held)
	}
	plain := !Is(v.Out, v.Out)
	if !plain {
		v.traces.begin(v.Out)
	}
	close(v.begun)
	stop := func() {}
	if input {
		reader, err := NewReader(v.In)
		if err != nil {
			return nil, err
		}
		go forward(held, reader, nil, v.fails)
		stop = reader.Close
	}
	return func() {
		held.Close()
		stop()
		if !plain {
			v.traces.remove(v.Out)
		}
	}, nil
}

func (v *view) beginRaw(held *engine.Attachment) (end func(), err error) {
	if v.console, err = Open(v.In, v.Out); err != nil {
		return nil, err
	}
	close(v.begun)
	go v.console.Resized(held.Resize)
	held.Resize(v.console.Size())
	go forward(held, v.console, &detacher{}, v.fails)
	return func() {
		held.Close() // nothing is drawn after it
		v.console.Close()
	}, nil
}

// forward gives the app what is typed, until the reader is closed or the app
// takes no more.
func forward(held *engine.Attachment, from io.Reader, keys *detacher, fails chan<- error) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		p, detach := buffer[:n], false
		if keys != nil {
			p, detach = keys.pass(p)
		}
		if len(p) > 0 {
			if _, err := held.Write(p); err != nil {
				return // Wait tells why
			}
		}
		if detach {
			fails <- engine.ErrDetached
			return
		}
		if err != nil {
			_ = held.CloseInput()
			return
		}
	}
}

// output draws a piece of output.
func (v *view) output(stream string, p []byte) {
	<-v.begun
	var err error
	switch {
	case v.console != nil:
		_, err = v.console.Write(p)
	case stream == "stderr":
		_, err = v.Err.Write(p)
	default:
		v.traces.see(p)
		_, err = v.Out.Write(p)
	}
	if err != nil {
		select {
		case v.fails <- fmt.Errorf("%s: %w", v.Out.Name(), err):
		default:
		}
	}
}

// lost says what was left out.
func (v *view) lost(bytes int64) {
	<-v.begun
	message := fmt.Sprintf("\npodtui: %s left out here: the terminal is slower than the app\n", text.Bytes(bytes))
	if v.console != nil {
		message = strings.ReplaceAll(message, "\n", "\r\n")
	}
	_, _ = v.Err.WriteString(message)
}
