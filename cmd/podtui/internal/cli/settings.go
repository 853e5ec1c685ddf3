package cli

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/ui/settings"
)

func (p *program) settingsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "settings", Short: "print the settings of the terminal UI as a file to start from", Args: noArgs,
		Long: `Print the settings of the terminal UI, themes, mouse and every key, as they count
now: as a file that can be put at tui.conf in the folder of --config-dir. What is
as it is by itself is a comment. Mistakes of the file that is there are told, each
by its line, and end this command with status 1; the rest of it counts.`,
		RunE: func(*cobra.Command, []string) error {
			s := settings.Read(p.globals.configDir)
			if _, err := os.Stdout.WriteString(s.Lines()); err != nil {
				return err
			}
			var wrong failures
			for _, mistake := range s.Mistakes {
				wrong = append(wrong, errors.New(mistake))
			}
			return wrong.orNil()
		},
	}
}
