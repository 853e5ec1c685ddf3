package cli

import (
	"os"
	"strings"

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

// completeWords completes the value of a flag that is one of these words.
func completeWords(c *cobra.Command, flag string, words ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
}

// completeLists completes the value of a flag that is a list of such words.
func completeLists(c *cobra.Command, flag string, words ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		lists := make([]string, len(words))
		for i, word := range words {
			lists[i] = before + word
		}
		return lists, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
}
