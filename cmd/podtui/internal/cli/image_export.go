package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
)

func (p *program) imageExportCommand() *cobra.Command {
	var target imageTarget
	c := &cobra.Command{
		Use: "export IMAGE FILE|-", Short: "write an image to a file, as an ACI",
		Long: "Write an image to a file, as an uncompressed ACI, or to standard output. What came as\n" +
			"an ACI is the identical archive, and has the same ID. An image of a registry, or one with\n" +
			"dependencies, becomes an archive of its own; then the ID that it has is printed.",
		Args: exactly(2), ValidArgsFunction: p.completeImageAndPath,
		RunE: func(c *cobra.Command, args []string) error {
			target.path = args[1]
			return p.export(c.Context(), args[0], target)
		},
	}
	addOverwrite(c, &target.overwrite)
	return c
}

func (p *program) export(ctx context.Context, reference string, target imageTarget) error {
	if err := target.check("image export"); err != nil {
		return err
	}
	return p.withImage(ctx, reference, func(ctx context.Context, e *engine.Engine, id string) error {
		exported, err := target.write(func(w io.Writer) (string, error) { return e.ExportImage(ctx, id, w) })
		if err != nil || exported == id {
			return err
		}
		return p.tell(target, exported)
	})
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

// completeImageAndPath completes an image, and then a path.
func (p *program) completeImageAndPath(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return p.completeImages(c, args, word)
}
