package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
)

// laterCommands are those of the contract that a later version brings. They
// say so, whatever their arguments.
func laterCommands() []*cobra.Command {
	commands := laterNamed("attach", "enter", "cp", "restart", "top", "export", "metadata-service")
	for _, n := range []string{"prepare", "run-prepared"} {
		commands = append(commands, laterCommand(n, engine.StatusCannotRun))
	}
	return commands
}

func laterNamed(names ...string) []*cobra.Command {
	var commands []*cobra.Command
	for _, n := range names {
		commands = append(commands, laterCommand(n, statusFailed))
	}
	return commands
}

func laterCommand(use string, status int) *cobra.Command {
	return &cobra.Command{
		Use: use, Hidden: true, DisableFlagParsing: true,
		RunE: func(c *cobra.Command, _ []string) error {
			return &statusError{status, errors.New(name(c) + ": not supported yet")}
		},
	}
}
