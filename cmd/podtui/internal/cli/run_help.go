package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine/spec"
)

const runUse = "run [flags] IMAGE [flags] [-- ARGS… [---]] [IMAGE …]"

// runCommand is "run" as help and completion know it. It is never executed
// here: its flags belong to images, which cobra can't tell.
func (p *program) runCommand() *cobra.Command {
	c := &cobra.Command{
		Use: runUse, Short: "run a pod: on a terminal composed first, with --batch at once",
		DisableFlagParsing: true,
		ValidArgsFunction:  p.completeRun,
		RunE:               func(c *cobra.Command, args []string) error { return p.runPod(c.Context(), args) },
	}
	c.SetHelpFunc(func(*cobra.Command, []string) { _ = p.runHelp() })
	return c
}

func (p *program) runHelp() error {
	var b strings.Builder
	b.WriteString("Run a pod. On a terminal it is composed first; with --batch it runs at once.\n\n")
	b.WriteString("Usage:\n  podtui " + runUse + "\n\n")
	writeFlags(&b, "Flags of the pod, anywhere but among arguments:", spec.PodScope, spec.BothScope)
	writeFlags(&b, "Flags of an app, after the image that they change:", spec.AppScope)
	b.WriteString("Flags of podtui as a whole, such as --batch and --insecure-skip-verify, stand before\n" +
		"\"run\" or among its own; \"podtui help\" lists them.\n  --help\n        this text\n\n")
	b.WriteString("What follows -- is appended to what the image executes, up to --- or the end.\n")
	b.WriteString("An app that fails stops the others, and its status is the pod's.\n")
	b.WriteString("Standard input is not connected: apps read nothing.")
	return p.println(b.String())
}

func writeFlags(b *strings.Builder, title string, scopes ...spec.Scope) {
	b.WriteString(title + "\n")
	for _, f := range spec.RunFlags() {
		for _, scope := range scopes {
			if f.Scope == scope && !f.Later {
				fmt.Fprintf(b, "  %s\n        %s\n", flagUsage(f), f.Help)
			}
		}
	}
	b.WriteString("\n")
}

func flagUsage(f spec.RunFlag) string {
	if f.Value == "" {
		return "--" + f.Name
	}
	return "--" + f.Name + "=" + f.Value
}

// completeRun completes flags, and otherwise images: stored ones, and files.
func (p *program) completeRun(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if !strings.HasPrefix(word, "-") {
		words, _ := p.completeImages(c, args, word)
		return words, cobra.ShellCompDirectiveDefault
	}
	var words []string
	for _, f := range spec.RunFlags() {
		if f.Later {
			continue
		}
		flag := "--" + f.Name
		if f.Value != "" {
			flag += "="
		}
		words = append(words, cobra.CompletionWithDesc(flag, f.Help))
	}
	return words, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}
