package cli

import (
	"os"

	"github.com/spf13/cobra"
)

func (p *program) completionCommand() *cobra.Command {
	shells := map[string]func(*cobra.Command) error{
		"bash":       func(c *cobra.Command) error { return c.GenBashCompletionV2(os.Stdout, true) },
		"fish":       func(c *cobra.Command) error { return c.GenFishCompletion(os.Stdout, true) },
		"powershell": func(c *cobra.Command) error { return c.GenPowerShellCompletionWithDesc(os.Stdout) },
		"zsh":        func(c *cobra.Command) error { return c.GenZshCompletion(os.Stdout) },
	}
	names := []string{"bash", "fish", "powershell", "zsh"}
	return &cobra.Command{
		Use: "completion SHELL", Short: "print a script that completes podtui's words in a shell",
		Long: "Print a script that completes podtui's words in bash, fish, powershell or zsh.\n" +
			"For bash: podtui completion bash >/etc/bash_completion.d/podtui",
		Args: oneArg, ValidArgs: names,
		RunE: func(c *cobra.Command, args []string) error {
			generate, known := shells[args[0]]
			if !known {
				return usage("completion: %q is not one of %s", args[0], orList(names))
			}
			return generate(c.Root())
		},
	}
}
