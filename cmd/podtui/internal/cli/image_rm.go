package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
)

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
				var damaged *engine.DamagedImageError
				if errors.As(err, &damaged) && strings.EqualFold(damaged.ID, reference) {
					id, err = damaged.ID, nil // it needs not be read
				}
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
