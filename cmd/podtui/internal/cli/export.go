package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
)

func (p *program) exportCommand() *cobra.Command {
	var app string
	var overwrite bool
	c := &cobra.Command{
		Use: "export [--app=APP] POD FILE|-", Short: "write what an app made of its root to a file, as an image",
		Long: "Write the root of an app of a pod that has ended, with what it changed there, to a file or\n" +
			"to standard output, as a gzipped ACI that needs no other image. The manifest is that of the\n" +
			"app's image. What is on volumes is not in it. The ID that the image has is printed.",
		Args: exactly(2),
		ValidArgsFunction: func(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return p.completePodsIn(1, poddir.Exited, poddir.Failed)(c, args, word)
		},
		RunE: func(c *cobra.Command, args []string) error {
			return p.exportPod(c.Context(), args[0], app, args[1], overwrite)
		},
	}
	c.Flags().StringVar(&app, "app", "", "the app, in a pod of several")
	addOverwrite(c, &overwrite)
	return c
}

func (p *program) exportPod(ctx context.Context, pod, app, target string, overwrite bool) error {
	if target == "-" && batch.IsTerminal(os.Stdout) {
		return usage("export: standard output is a terminal; write to a file or a pipe")
	}
	if target != "-" {
		if err := checkFile(target, overwrite); err != nil {
			return err
		}
	}
	e, err := p.lookAt(pod)
	if err != nil {
		return err
	}
	defer e.Close()
	left := &leftOut{program: p}
	defer left.close()
	return batch.Interruptible(ctx, func(ctx context.Context) error {
		id := ""
		write := func(w io.Writer) (err error) {
			id, err = packPod(ctx, e, pod, app, w, left)
			return err
		}
		if target != "-" {
			if err := writeFile(target, overwrite, write); err != nil {
				return err
			}
			return p.println(id)
		}
		err := write(os.Stdout)
		if errors.Is(err, syscall.EPIPE) { // the reader has gone, and knows it
			return &statusError{status: 128 + int(syscall.SIGPIPE)}
		}
		if err == nil {
			p.output().Say("the exported image has the ID " + id)
		}
		return err
	})
}

// packPod returns the ID of the image that it writes.
func packPod(ctx context.Context, e *engine.Engine, pod, app string, w io.Writer, left *leftOut) (string, error) {
	buffered := bufio.NewWriterSize(w, 1<<20)
	id, err := e.ExportPod(ctx, pod, app, buffered, func(path string) {
		left.tell(path, "it is a socket, which no image has")
	})
	if err != nil {
		return "", err
	}
	return id, buffered.Flush()
}
