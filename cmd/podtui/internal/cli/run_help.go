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

// What help and man page say of the commands that take a pod's flags.
const (
	runWhat = "Run a pod. On a terminal it is composed first; with --batch it runs at once."
	runEnd  = "An app that fails stops the others, unless --on-failure=continue, and its status is the pod's.\n" +
		"An app has failed once its --restart has given up.\n" +
		"Without --interactive standard input is not connected: apps read nothing."
	prepareWhat = "Make a pod, and print its UUID: its images are fetched, verified and unpacked, and\n" +
		"all is decided. \"podtui run-prepared\" runs it."
	prepareEnd = "The exit status is 0, or 2, 125, 126 or 127 as of \"podtui --batch run\"."
	afterFlags = "What follows -- is appended to what the image executes, up to --- or the end.\n"
)

func (p *program) runHelp() error     { return p.podHelp(runWhat, runUse, runEnd) }
func (p *program) prepareHelp() error { return p.podHelp(prepareWhat, prepareUse, prepareEnd) }

// podHelp is the help of a command that takes a pod's flags.
func (p *program) podHelp(what, use, end string) error {
	var b strings.Builder
	b.WriteString(what + "\n\nUsage:\n  podtui " + use + "\n\n")
	writeFlags(&b, "Flags of the pod, anywhere but among arguments:", use, spec.PodScope, spec.BothScope)
	writeFlags(&b, "Flags of an app, after the image that they change:", use, spec.AppScope)
	command, _, _ := strings.Cut(use, " ")
	b.WriteString("Flags of podtui as a whole, such as --batch and --insecure-skip-verify, stand before\n\"" +
		command + "\" or among its own; \"podtui help\" lists them.\n  --help\n        this text\n\n")
	b.WriteString(afterFlags + end)
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
