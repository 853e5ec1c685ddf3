package cli

import (
	"bufio"
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
)

// imageTarget is where an image is written to: a file, or "-" for standard output.
type imageTarget struct {
	path      string
	overwrite bool
}

func addOverwrite(c *cobra.Command, overwrite *bool) {
	c.Flags().BoolVar(overwrite, "overwrite", false, "replace what is there")
}

// check refuses, before anything is done, what can't be written to.
func (t imageTarget) check(command string) error {
	switch {
	case t.path != "-":
		return checkFile(t.path, t.overwrite)
	case batch.IsTerminal(os.Stdout):
		return usage("%s: standard output is a terminal; write to a file or a pipe", command)
	}
	return nil
}

// write has pack write the image, and returns the ID that pack does.
func (t imageTarget) write(pack func(io.Writer) (id string, err error)) (id string, err error) {
	packed := func(w io.Writer) (err error) {
		buffered := bufio.NewWriterSize(w, 1<<20)
		if id, err = pack(buffered); err != nil {
			return err
		}
		return buffered.Flush()
	}
	if t.path != "-" {
		err = writeFile(t.path, t.overwrite, packed)
		return id, err
	}
	err = packed(os.Stdout)
	if errors.Is(err, syscall.EPIPE) { // the reader has gone, and knows it
		err = &statusError{status: 128 + int(syscall.SIGPIPE)}
	}
	return id, err
}

// tell says which ID an image has that was written: where standard output is the
// image, on standard error.
func (p *program) tell(t imageTarget, id string) error {
	if t.path == "-" {
		p.output().Say("the exported image has the ID " + id)
		return nil
	}
	return p.println(id)
}
