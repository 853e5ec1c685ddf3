package cli

import (
	"fmt"
	"slices"
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
	return p.podHelp("Run a pod. On a terminal it is composed first; with --batch it runs at once.", runUse,
		"An app that fails stops the others, unless --on-failure=continue, and its status is the pod's.\n"+
			"An app has failed once its --restart has given up.\n"+
			"Without --interactive standard input is not connected: apps read nothing.")
}

func (p *program) prepareHelp() error {
	return p.podHelp("Make a pod, and print its UUID: its images are fetched, verified and unpacked, and\n"+
		"all is decided. \"podtui run-prepared\" runs it.", prepareUse,
		"The exit status is 0, or 2, 125, 126 or 127 as of \"podtui --batch run\".")
}

// podHelp is the help of a command that takes a pod's flags.
func (p *program) podHelp(what, use, end string) error {
	var b strings.Builder
	b.WriteString(what + "\n\nUsage:\n  podtui " + use + "\n\n")
	writeFlags(&b, "Flags of the pod, anywhere but among arguments:", use, spec.PodScope, spec.BothScope)
	writeFlags(&b, "Flags of an app, after the image that they change:", use, spec.AppScope)
	command, _, _ := strings.Cut(use, " ")
	b.WriteString("Flags of podtui as a whole, such as --batch and --insecure-skip-verify, stand before\n\"" +
		command + "\" or among its own; \"podtui help\" lists them.\n  --help\n        this text\n\n")
	b.WriteString("What follows -- is appended to what the image executes, up to --- or the end.\n" + end)
	return p.println(b.String())
}

func writeFlags(b *strings.Builder, title, use string, scopes ...spec.Scope) {
	b.WriteString(title + "\n")
	for _, f := range spec.RunFlags() {
		if slices.Contains(scopes, f.Scope) && (f.Name != "detach" || use == runUse) {
			fmt.Fprintf(b, "  %s\n        %s\n", flagUsage(f), f.Help)
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

// completeRun completes flags and their values, and otherwise images: stored ones,
// and files.
func (p *program) completeRun(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if flag, _, given := strings.Cut(word, "="); given && strings.HasPrefix(flag, "--") {
		return flagValues(flag, flag+"=")
	}
	if len(args) > 0 {
		if words, directive := flagValues(args[len(args)-1], ""); words != nil {
			return words, directive
		}
	}
	if !strings.HasPrefix(word, "-") {
		words, _ := p.completeImages(c, args, word)
		return words, cobra.ShellCompDirectiveDefault
	}
	var words []string
	for _, f := range spec.RunFlags() {
		flag := "--" + f.Name
		if f.Value != "" {
			flag += "="
		}
		words = append(words, cobra.CompletionWithDesc(flag, f.Help))
	}
	return words, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// flagValues are the words that a flag takes, each after before. Other flags take
// files, as far as anybody can tell.
func flagValues(flag, before string) ([]string, cobra.ShellCompDirective) {
	var words []string
	switch flag {
	case "--pull-policy":
		words = []string{string(spec.PullNew), string(spec.PullUpdate), string(spec.PullNever)}
	case "--on-failure":
		words = []string{string(spec.StopOthers), string(spec.ContinueOthers)}
	case "--restart":
		words = []string{string(spec.RestartNever), string(spec.RestartOnFailure), string(spec.RestartAlways)}
	case "--stop-signal":
		words = []string{"SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGKILL"}
	case "--dns":
		words = []string{"none"}
	default:
		return nil, cobra.ShellCompDirectiveDefault
	}
	for i := range words {
		words[i] = before + words[i]
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
