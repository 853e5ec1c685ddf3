package cli

import (
	"context"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/podtui/podtui/engine/spec"
)

// command runs every command but "run".
func (p *program) command(ctx context.Context, args []string) error {
	root := p.root()
	root.SetArgs(args)
	return root.ExecuteContext(ctx)
}

// root builds cobra's tree.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "podtui",
		Short:         "compose, run and watch pods of app containers",
		Long:          "podtui composes, runs and watches pods of app containers: on a terminal, or in batch.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownCommand,
		RunE:          func(*cobra.Command, []string) error { return nil },
	}
	root.PersistentFlags().AddFlagSet(p.globals.flagSet())
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error { return p.checkFor(c) }
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		set := pflag.NewFlagSet("", pflag.ContinueOnError)
		set.AddFlagSet(c.Flags())
		set.AddFlagSet(c.InheritedFlags())
		return flagError(err, set)
	})
	root.SetOut(os.Stdout)
	root.AddCommand(
		p.runCommand(), p.demoCommand(), p.fetchCommand(), p.imageCommand(), p.trustCommand(),
		p.prepareCommand(), p.runPreparedCommand(),
		p.listCommand(), p.statusCommand(), p.logsCommand(), p.stopCommand(), p.restartCommand(), p.rmCommand(),
		p.attachCommand(), p.enterCommand(), p.topCommand(), p.cpCommand(), p.exportCommand(), p.catManifestCommand(), p.gcCommand(), p.metadataServiceCommand(), p.settingsCommand(), p.completionCommand(), p.manCommand(), p.versionCommand(),
	)
	root.SetHelpCommand(helpCommand(root))
	root.CompletionOptions.DisableDefaultCmd = true
	return root
}

// checkFor refuses flags of podtui as a whole that can't be honoured, or not by
// this command.
func (p *program) checkFor(c *cobra.Command) error {
	if err := p.globals.check(); err != nil {
		return err
	}
	if p.globals.json() && c.Annotations[jsonAnnotation] == "" {
		return usage("--output=json: %s has nothing to tell as JSON", name(c))
	}
	return nil
}

const jsonAnnotation = "json"

// hasJSON marks a command that knows --output=json.
func hasJSON(c *cobra.Command) { c.Annotations = map[string]string{jsonAnnotation: "yes"} }

// unknownCommand is what cobra calls with a word that is no command.
func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage("%s: which command? there are %s", name(c), strings.Join(commandNames(c), ", "))
	}
	guesses := elsewhere[args[0]]
	if guesses == nil || c.HasParent() {
		guesses = nil
		if guess := spec.Nearest(args[0], commandNames(c)); guess != "" {
			guesses = []string{guess}
		}
	}
	if guesses == nil {
		return usage(`unknown command %q; "%s --help" lists those there are`, args[0], c.CommandPath())
	}
	quoted := make([]string, len(guesses))
	for i, guess := range guesses {
		quoted[i] = strconv.Quote(guess)
	}
	return usage("unknown command %q; perhaps %s is meant", args[0], orList(quoted))
}

// elsewhere is the commands of podtui for those that people know from docker and
// podman.
var elsewhere = map[string][]string{
	"ps": {"list"}, "images": {"image list"}, "rmi": {"image rm"}, "pull": {"fetch"}, "load": {"fetch"}, "save": {"image export"},
	"kill": {"stop --force"}, "exec": {"enter"}, "stats": {"top"}, "inspect": {"status"}, "wait": {"status --wait"},
	"create": {"prepare"}, "start": {"run-prepared", "restart"}, "commit": {"export"}, "prune": {"gc"}, "events": {"logs"},
	"keys": {"settings", "trust list"}, "config": {"settings"},
}

func commandNames(c *cobra.Command) []string {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

// noArgs and its like word what is wrong with the number of
// arguments by showing how the command is written.
func noArgs(c *cobra.Command, args []string) error    { return count(c, args, 0, 0) }
func oneArg(c *cobra.Command, args []string) error    { return count(c, args, 1, 1) }
func oneOrMore(c *cobra.Command, args []string) error { return count(c, args, 1, -1) }

func exactly(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error { return count(c, args, n, n) }
}

func count(c *cobra.Command, args []string, least, most int) error {
	form := "podtui " + strings.TrimSuffix(name(c), c.Name()) + c.Use
	switch {
	case len(args) < least:
		return usage("%s: an argument is missing; write %s", name(c), form)
	case most >= 0 && len(args) > most:
		return usage("%s: unexpected argument %q; write %s", name(c), args[most], form)
	}
	return nil
}

// name is a command as people type it after podtui.
func name(c *cobra.Command) string { return strings.TrimPrefix(c.CommandPath(), "podtui ") }
