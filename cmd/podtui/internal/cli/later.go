package cli

import (
	"errors"

	"github.com/spf13/cobra"
)

// laterCommand is one of the contract that a later version brings. It says so,
// whatever its arguments.
func laterCommand(use string) *cobra.Command {
	return &cobra.Command{
		Use: use, Hidden: true, DisableFlagParsing: true,
		RunE: func(c *cobra.Command, _ []string) error {
			return errors.New(name(c) + ": not supported yet")
		},
	}
}
