package batch

import (
	"cmp"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/podtui/podtui/engine/event"
)

// Options say how things are printed.
type Options struct {
	JSON bool

	// Warnings are said, once, where the contract has them: after the first image
	// that is fetched, before anything is run.
	Warnings []string

	// ServerWarnings are said after the first image that comes from a server.
	ServerWarnings []string

	// PodWarnings are said before a pod is run.
	PodWarnings []string

	Debug bool // every event, as text
}

// Output prints the events of the engine and the output of a pod, in the order
// in which they come, from any goroutine. Whoever prints waits for the reader;
// that is how a pod waits for a slow one.
type Output struct {
	mu      sync.Mutex
	printer printer
	told    bool // the engine has said why podtui ends

	// What has yet to be said.
	warnings, serverWarnings, podWarnings []string

	broken *ClosedError
	closed chan struct{} // closed with broken
}

// printer is one form of output. Its methods are called one at a time.
type printer interface {
	begin(pod Pod)
	event(e event.Event) error
	output(app int, stream string, p []byte) error
	fail(message string, status int) error
	detached(uuid string) error
	finish() error
}

// New returns an output to standard output and standard error.
func New(o Options) *Output {
	out := &Output{
		warnings: o.Warnings, serverWarnings: o.ServerWarnings, podWarnings: o.PodWarnings,
		closed: make(chan struct{}),
	}
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
		o.warn(e, &o.warnings)
	}
	if e.Type == event.PodPrepare {
		o.warn(e, &o.podWarnings)
	}
	o.keep(o.printer.event(e))
	if e.Type == event.ImageFetch {
		o.warn(e, &o.warnings)
		if fromServer(e) {
			o.warn(e, &o.serverWarnings)
		}
	}
}

// fromServer reports whether an image comes from a server that has to say who it
// is.
func fromServer(fetch event.Event) bool {
	scheme, _, isURL := strings.Cut(cmp.Or(fetch.Message, fetch.Image), "://")
	return isURL && scheme != "file" && scheme != "http"
}

// Due says what has yet to be said of laxness, at the end of something that met no
// step with which it would have been said.
func (o *Output) Due() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.warn(event.Event{Time: time.Now()}, &o.warnings)
}

// warn says what has yet to be said.
func (o *Output) warn(because event.Event, messages *[]string) {
	for _, message := range *messages {
		o.keep(o.printer.event(event.Event{Time: because.Time, Type: event.Warning, Pod: because.Pod, Message: message}))
	}
	*messages = nil
}

// Progress shows people on a terminal how far something has come, until it is
// Over. Programs are not told.
func (o *Output) Progress(verb, what string, bytes, total int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t, isText := o.printer.(*textPrinter); isText {
		t.meter.progress(verb, what, bytes, total, time.Now())
	}
}

// Over ends what Progress shows.
func (o *Output) Over(what string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t, isText := o.printer.(*textPrinter); isText {
		t.meter.over(what)
	}
}

// Say tells people something on standard error. Programs are not told.
func (o *Output) Say(message string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t, isText := o.printer.(*textPrinter); isText {
		t.say(message)
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

func (o *Output) begin(pod Pod) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.printer.begin(pod)
}

// detached says what pod is left running, and reports whether it could be said.
func (o *Output) detached(uuid string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keep(o.printer.detached(uuid))
	return o.broken == nil
}

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

func (silence) begin(Pod)                        {}
func (silence) event(event.Event) error          { return nil }
func (silence) output(int, string, []byte) error { return nil }
func (silence) fail(string, int) error           { return nil }
func (silence) detached(string) error            { return nil }
func (silence) finish() error                    { return nil }

// writeAll writes to a standard stream. Its error is a *ClosedError.
func writeAll(file *os.File, p []byte) error {
	if len(p) == 0 {
		return nil
	}
	_, err := file.Write(p)
	return closedBy(file, err)
}

func closedBy(file *os.File, err error) error {
	if err == nil {
		return nil
	}
	return &ClosedError{File: file, Err: err}
}
