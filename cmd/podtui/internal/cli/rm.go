package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine/poddir"
)

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
				err = e.RemovePod(pod.UUID)
				if errors.Is(err, poddir.ErrBusy) && pod.State == poddir.Running {
					return fmt.Errorf(`pod %[1]s runs; "podtui stop %.8[1]s" ends it`, pod.UUID)
				}
				if err != nil {
					return err
				}
				return p.println(pod.UUID)
			})
		},
	}
}
