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
)

func (p *program) imageExportCommand() *cobra.Command {
	var overwrite bool
	c := &cobra.Command{
		Use: "export IMAGE FILE|-", Short: "write an image to a file, as an ACI",
		Long: "Write an image to a file, as an uncompressed ACI, or to standard output. What came as\n" +
			"an ACI is the identical archive, and has the same ID. An image of a registry, or one with\n" +
			"dependencies, becomes an archive of its own; then the ID that it has is printed.",
		Args: exactly(2), ValidArgsFunction: p.completeImageAndPath,
		RunE: func(c *cobra.Command, args []string) error {
			return p.export(c.Context(), args[0], args[1], overwrite)
		},
	}
	addOverwrite(c, &overwrite)
	return c
}

func (p *program) export(ctx context.Context, reference, target string, overwrite bool) error {
	if target == "-" && batch.IsTerminal(os.Stdout) {
		return usage("image export: standard output is a terminal; write to a file or a pipe")
	}
	if target != "-" {
		if err := checkFile(target, overwrite); err != nil {
			return err
		}
	}
	return p.withImage(ctx, reference, func(ctx context.Context, e *engine.Engine, id string) error {
		if target == "-" {
			exported, err := exportTo(ctx, e, id, os.Stdout)
			if errors.Is(err, syscall.EPIPE) { // the reader has gone, and knows it
				return &statusError{status: 128 + int(syscall.SIGPIPE)}
			}
			if err == nil && exported != id {
				p.output().Say("the exported image has the ID " + exported)
			}
			return err
		}
		exported := id
		err := writeFile(target, overwrite, func(w io.Writer) (err error) {
			exported, err = exportTo(ctx, e, id, w)
			return err
		})
		if err != nil || exported == id {
			return err
		}
		return p.println(exported)
	})
}

// exportTo returns the ID that the image has as it was written.
func exportTo(ctx context.Context, e *engine.Engine, id string, w io.Writer) (string, error) {
	buffered := bufio.NewWriterSize(w, 1<<20)
	exported, err := e.ExportImage(ctx, id, buffered)
	if err != nil {
		return "", err
	}
	return exported, buffered.Flush()
}

// withImage does something to a stored image, until a signal comes.
func (p *program) withImage(ctx context.Context, reference string, do func(context.Context, *engine.Engine, string) error) error {
	e, err := p.look(&engine.NoImageError{Image: reference})
	if err != nil {
		return err
	}
	defer e.Close()
	id, err := findImage(e, reference)
	if err != nil {
		return err
	}
	return batch.Interruptible(ctx, func(ctx context.Context) error { return do(ctx, e, id) })
}

func addOverwrite(c *cobra.Command, overwrite *bool) {
	c.Flags().BoolVar(overwrite, "overwrite", false, "replace what is there")
}

// completeImageAndPath completes an image, and then a path.
func (p *program) completeImageAndPath(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return p.completeImages(c, args, word)
}
