package cli

import (
	"errors"

	"github.com/spf13/cobra"
)

// laterCommands are those of the contract that a later version brings. They
// say so, whatever their arguments.
func laterCommands() []*cobra.Command {
	var commands []*cobra.Command
	for _, n := range []string{"metadata-service"} {
		commands = append(commands, laterCommand(n))
	}
	return commands
}

func laterCommand(use string) *cobra.Command {
	return &cobra.Command{
		Use: use, Hidden: true, DisableFlagParsing: true,
		RunE: func(c *cobra.Command, _ []string) error {
			return errors.New(name(c) + ": not supported yet")
		},
	}
}
