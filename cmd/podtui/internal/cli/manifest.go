package cli

import "github.com/spf13/cobra"

func (p *program) catManifestCommand() *cobra.Command {
	var l listing
	var file uuidFile
	c := &cobra.Command{
		Use: "cat-manifest POD", Short: "print a pod's appc manifest",
		ValidArgsFunction: p.completePodsIn(1),
		RunE: func(_ *cobra.Command, args []string) error {
			e, err := p.lookAt(args[0])
			if err != nil {
				return err
			}
			defer e.Close()
			manifest, err := e.PodManifestJSON(args[0])
			if err != nil {
				return err
			}
			return l.printManifest(manifest)
		},
	}
	file.addTo(c, 1, 1)
	l.addFormat(p, c)
	return c
}
