package batch

import (
	"os"
	"sync"

	"github.com/podtui/podtui/engine/event"
)

// Options say how things are printed.
type Options struct {
	JSON bool

	// SkipVerify is said, once, where the contract has it: after the first image
	// that is fetched, before anything is run.
	SkipVerify bool

	Debug bool // every event, as text
}

// Output prints the events of the engine and the output of a pod, in the order
// in which they come, from any goroutine. Whoever prints waits for the reader;
// that is how a pod waits for a slow one.
type Output struct {
	mu      sync.Mutex
	printer printer
	warn    bool // SkipVerify has yet to be said
	told    bool // the engine has said why podtui ends

	broken *ClosedError
	closed chan struct{} // closed with broken
}

// printer is one form of output. Its methods are called one at a time.
type printer interface {
	begin(apps int)
	event(e event.Event) error
	output(app int, stream string, p []byte) error
	fail(message string, status int) error
	finish() error
}

// New returns an output to standard output and standard error.
func New(o Options) *Output {
	out := &Output{warn: o.SkipVerify, closed: make(chan struct{})}
	if o.JSON {
		out.printer = newJSON(os.Stdout)
	} else {
		out.printer = newText(os.Stdout, os.Stderr, o.Debug)
	}
	return out
}

// Event prints an event, or what people need to know of it. It is a Sink.
func (o *Output) Event(e event.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told = o.told || e.Type == event.Error
	late := e.Type == event.PodPrepare || e.Type == event.Error
	if late {
		o.warnOnce(e)
	}
	o.keep(o.printer.event(e))
	if e.Type == event.ImageFetch {
		o.warnOnce(e)
	}
}

func (o *Output) warnOnce(e event.Event) {
	if o.warn {
		o.warn = false
		o.keep(o.printer.event(event.Event{
			Time: e.Time, Type: event.Warning, Pod: e.Pod,
			Message: "signature verification has been disabled",
		}))
	}
}

// Fail says why podtui ends with a status, unless the engine has said it to a
// program already.
func (o *Output) Fail(message string, status int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, isJSON := o.printer.(*jsonPrinter); isJSON && o.told {
		return
	}
	if o.broken != nil {
		complain(os.Stderr, message)
		return
	}
	o.keep(o.printer.fail(message, status))
}

func (o *Output) begin(apps int) { o.printer.begin(apps) }

// stopping says that podtui orders the pod's end.
func (o *Output) stopping() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t, isText := o.printer.(*textPrinter); isText {
		t.asked = true
	}
}

// write takes a piece of an app's output.
func (o *Output) write(app int, stream string, p []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keep(o.printer.output(app, stream, p))
}

// finish prints what is left, and tells whether everything could be printed.
func (o *Output) finish() *ClosedError {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keep(o.printer.finish())
	return o.broken
}

// keep remembers the first failure; after it nothing is printed.
func (o *Output) keep(err error) {
	if err == nil || o.broken != nil {
		return
	}
	o.broken = err.(*ClosedError)
	o.printer = silence{}
	close(o.closed)
}

// silence is what is printed to nobody.
type silence struct{}

func (silence) begin(int)                        {}
func (silence) event(event.Event) error          { return nil }
func (silence) output(int, string, []byte) error { return nil }
func (silence) fail(string, int) error           { return nil }
func (silence) finish() error                    { return nil }

// writeAll writes to a standard stream. Its error is a *ClosedError.
func writeAll(file *os.File, p []byte) error {
	if len(p) == 0 {
		return nil
	}
	if _, err := file.Write(p); err != nil {
		return &ClosedError{File: file, Err: err}
	}
	return nil
}
