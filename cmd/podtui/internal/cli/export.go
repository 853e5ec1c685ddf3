package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine/poddir"
)

func (p *program) exportCommand() *cobra.Command {
	var app string
	var target imageTarget
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
			target.path = args[1]
			return p.exportPod(c.Context(), args[0], app, target)
		},
	}
	c.Flags().StringVar(&app, "app", "", "the app, in a pod of several")
	addOverwrite(c, &target.overwrite)
	return c
}

func (p *program) exportPod(ctx context.Context, pod, app string, target imageTarget) error {
	if err := target.check("export"); err != nil {
		return err
	}
	e, err := p.lookAt(pod)
	if err != nil {
		return err
	}
	defer e.Close()
	left := &leftOut{program: p}
	defer left.close()
	return batch.Interruptible(ctx, func(ctx context.Context) error {
		id, err := target.write(func(w io.Writer) (string, error) {
			return e.ExportPod(ctx, pod, app, w, func(path string) { left.tell(path, "it is a socket, which no image has") })
		})
		if err != nil {
			return err
		}
		return p.tell(target, id)
	})
}
