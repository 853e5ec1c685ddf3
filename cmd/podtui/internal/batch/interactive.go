package batch

import (
	"io"
	"os"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/console"
)

// input says what an interactive pod's app gets: a terminal, if podtui is at one
// with both ends, or what podtui is given. Who detaches gives it neither, and the
// app has a terminal for those that attach.
func (o *Output) input(pod Pod, options *engine.RunOptions) {
	switch {
	case !pod.Interactive || pod.Detach:
	case o.isText() && console.Is(os.Stdin, os.Stdout):
		options.Input = engine.TerminalInput
		options.Rows, options.Cols = console.Size(os.Stdout)
	default:
		options.Input = engine.PipeInput
	}
}

func (o *Output) isText() bool {
	_, is := o.printer.(*textPrinter)
	return is
}

// interact gives the app what is typed, or what podtui is given, until end. From
// now to end every key is the app's, if it has a terminal.
func (o *Output) interact(running *engine.Running, input engine.Input) (end func(), err error) {
	if input == engine.NoInput {
		return func() {}, nil
	}
	if input == engine.PipeInput {
		reader, err := console.NewReader(os.Stdin)
		if err != nil {
			return nil, err
		}
		go forward(running, reader)
		return reader.Close, nil
	}
	terminal, err := console.Open(os.Stdin, os.Stdout)
	if err != nil {
		return nil, err
	}
	o.drawOn(terminal)
	go terminal.Resized(running.Resize)
	running.Resize(terminal.Size()) // it may have changed since
	go forward(running, terminal)
	return func() {
		o.drawOn(nil) // of a pod that was lost; else the app's end has done it
	}, nil
}

// forward ends when there is no more to read or nobody to take it.
func forward(running *engine.Running, from io.Reader) {
	if _, err := io.CopyBuffer(running, struct{ io.Reader }{from}, make([]byte, 32<<10)); err == nil {
		_ = running.CloseInput()
	}
}

// drawOn has the app's output go to a terminal in raw mode; nil: gives it back.
func (o *Output) drawOn(c *console.Console) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t, isText := o.printer.(*textPrinter); isText {
		t.giveBack()
		t.console = c
	}
}
