package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
)

// laterCommands are those of the contract that a later version brings. They
// say so, whatever their arguments.
func laterCommands() []*cobra.Command {
	commands := laterNamed("trust", "attach", "enter", "cp", "restart", "top", "export", "metadata-service")
	for _, name := range []string{"prepare", "run-prepared"} {
		commands = append(commands, laterCommand(name, engine.StatusCannotRun))
	}
	return commands
}

func laterImageCommands() []*cobra.Command {
	return laterNamed("gc", "verify", "export", "extract", "render")
}

func laterNamed(names ...string) []*cobra.Command {
	var commands []*cobra.Command
	for _, name := range names {
		commands = append(commands, laterCommand(name, statusFailed))
	}
	return commands
}

func laterCommand(name string, status int) *cobra.Command {
	return &cobra.Command{
		Use: name, Hidden: true, DisableFlagParsing: true,
		RunE: func(c *cobra.Command, _ []string) error {
			name := strings.TrimPrefix(c.CommandPath(), "podtui ")
			return &statusError{status, errors.New(name + ": not supported yet")}
		},
	}
}
