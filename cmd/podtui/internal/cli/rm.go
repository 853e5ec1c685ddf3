package cli

import "github.com/spf13/cobra"

func (p *program) rmCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rm POD…", Short: "remove pods that don't run", Args: oneOrMore,
		ValidArgsFunction: p.completePods,
		RunE: func(_ *cobra.Command, args []string) error {
			e, err := p.open()
			if err != nil {
				return err
			}
			defer e.Close()
			return each(args, func(prefix string) error {
				pod, err := e.Pod(prefix)
				if err != nil {
					return err
				}
				if err := e.RemovePod(pod.UUID); err != nil {
					return err
				}
				return p.println(pod.UUID)
			})
		},
	}
}
