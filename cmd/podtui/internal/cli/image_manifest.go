package cli

import (
	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
)

func (p *program) imageCatManifestCommand() *cobra.Command {
	var l listing
	c := &cobra.Command{
		Use: "cat-manifest IMAGE", Short: "print an image's manifest", Args: oneArg,
		ValidArgsFunction: p.completeImages,
		RunE: func(_ *cobra.Command, args []string) error {
			e, err := p.look(&engine.NoImageError{Image: args[0]})
			if err != nil {
				return err
			}
			defer e.Close()
			id, err := findImage(e, args[0])
			if err != nil {
				return err
			}
			manifest, err := e.ManifestJSON(id)
			if err != nil {
				return err
			}
			return l.printManifest(manifest)
		},
	}
	l.addFormat(p, c)
	return c
}
