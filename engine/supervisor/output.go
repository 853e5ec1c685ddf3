package supervisor

import (
	"bytes"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// outputs are the pipes that take what one program writes.
type outputs struct {
	ours, theirs [2]*os.File // of stdout and stderr
}

func openOutputs() (*outputs, error) {
	o := new(outputs)
	for i := range o.ours {
		var err error
		if o.ours[i], o.theirs[i], err = os.Pipe(); err != nil {
			o.close()
			return nil, err
		}
		// A larger pipe saves turns; the limit for all users may refuse it.
		control(o.ours[i], func(fd int) { _, _ = unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, pipeSize) })
	}
	return o, nil
}

func (o *outputs) closeTheirs() {
	for _, file := range o.theirs {
		file.Close()
	}
}

func (o *outputs) close() {
	o.closeTheirs()
	for _, file := range o.ours {
		file.Close()
	}
}

// handlerOutput is what an event handler writes, which is its app's output.
type handlerOutput struct {
	io *stdio
	*outputs
	copying sync.WaitGroup
}

func (io *stdio) openHandler() (*handlerOutput, error) {
	o, err := openOutputs()
	return &handlerOutput{io: io, outputs: o}, err
}

// begin closes our copies of the handler's ends, and copies what it writes.
func (h *handlerOutput) begin() {
	h.closeTheirs()
	keep := h.io.keep
	if h.io.kind == TerminalInput {
		keep = func(stream int, p []byte) { h.io.keep(stream, bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n"))) } // as the app's terminal would
	}
	for stream, file := range h.ours {
		h.copying.Go(func() { copyStream(file, func(p []byte) { keep(stream, p) }) })
	}
}

// drain waits until all that the handler has written has been kept.
func (h *handlerOutput) drain() { h.copying.Wait() }
