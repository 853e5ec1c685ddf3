package cli

import "github.com/spf13/cobra"

func (p *program) catManifestCommand() *cobra.Command {
	var l listing
	c := &cobra.Command{
		Use: "cat-manifest POD", Short: "print a pod's appc manifest", Args: oneArg,
		ValidArgsFunction: p.completePods,
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
	l.addFormat(p, c)
	return c
}
