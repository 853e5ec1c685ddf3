package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
)

func (p *program) imageExtractCommand() *cobra.Command {
	var o engine.ExtractOptions
	c := &cobra.Command{
		Use: "extract IMAGE DIR", Short: "write what is in an image's archive to a folder",
		Long: "Write what is in an image's archive to a folder: its manifest, and its rootfs. \"image\n" +
			"render\" writes the file system that an app gets.",
		Args: exactly(2), ValidArgsFunction: p.completeImageAndPath,
		RunE: func(c *cobra.Command, args []string) error {
			return p.extract(c.Context(), args[0], args[1], o)
		},
	}
	addOverwrite(c, &o.Overwrite)
	c.Flags().BoolVar(&o.Rootfs, "rootfs-only", false, "the files of the rootfs alone, without the manifest")
	return c
}

func (p *program) imageRenderCommand() *cobra.Command {
	o := engine.ExtractOptions{Render: true}
	c := &cobra.Command{
		Use: "render IMAGE DIR", Short: "write the file system that an app gets to a folder",
		Long: "Write the file system that an app of the image gets to a folder: with the files of the\n" +
			"images that it depends on, and only those that its pathWhitelist lists.",
		Args: exactly(2), ValidArgsFunction: p.completeImageAndPath,
		RunE: func(c *cobra.Command, args []string) error {
			return p.extract(c.Context(), args[0], args[1], o)
		},
	}
	addOverwrite(c, &o.Overwrite)
	return c
}

func (p *program) extract(ctx context.Context, reference, target string, o engine.ExtractOptions) error {
	if err := checkFolder(target, p.globals.dir, o.Overwrite); err != nil {
		return err
	}
	return p.withImage(ctx, reference, func(ctx context.Context, e *engine.Engine, id string) error {
		return e.ExtractImage(ctx, id, target, o)
	})
}
