package cli

import "github.com/spf13/cobra"

func (p *program) imageRmCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rm IMAGE…", Short: "remove stored images", Args: oneOrMore,
		ValidArgsFunction: p.completeImages,
		RunE: func(_ *cobra.Command, args []string) error {
			e, err := p.open()
			if err != nil {
				return err
			}
			defer e.Close()
			return each(args, func(reference string) error {
				id, err := findImage(e, reference)
				if err != nil {
					return err
				}
				if err := e.RemoveImage(id); err != nil {
					return err
				}
				return p.println(id)
			})
		},
	}
}
