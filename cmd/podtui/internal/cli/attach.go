package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/console"
)

func (p *program) attachCommand() *cobra.Command {
	var o engine.AttachOptions
	c := &cobra.Command{
		Use: "attach [--app=APP] [--interactive] POD", Short: "see what a running app writes, and type into it",
		Long: "Show what a running app writes from now on, until it ends; the exit status is the app's.\n" +
			"With --interactive it gets what is typed, if it was started with \"run --interactive\", and\n" +
			console.DetachKeys + " detaches; without, ctrl-c does. Either way the app goes on. It does not\n" +
			"wait for a slow terminal: what is left out is told.",
		Args: oneArg, ValidArgsFunction: p.completePodsIn(1, poddir.Running),
		RunE: func(c *cobra.Command, args []string) error { return p.attach(c.Context(), args[0], o) },
	}
	c.Flags().StringVar(&o.App, "app", "", "the app, in a pod of several")
	c.Flags().BoolVarP(&o.Input, "interactive", "i", false, "give it what is typed")
	return c
}

func (p *program) attach(ctx context.Context, word string, o engine.AttachOptions) error {
	e, err := p.lookAt(word)
	if e == nil {
		return err
	}
	defer e.Close()
	pod, err := e.Pod(word)
	if err != nil {
		return err
	}
	if pod.State != poddir.Running {
		return fmt.Errorf(`pod %s is %s; "podtui logs %s" prints what it wrote`, called(pod), pod.State, word)
	}
	name, err := appOf(pod, o.App)
	if err != nil {
		return err
	}
	terminal := console.Terminal{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	status, err := terminal.Attach(ctx, e, pod.UUID, o)
	var none *engine.NoInputError
	var signalled *console.SignalError
	switch {
	case errors.As(err, &none):
		return fmt.Errorf(`%w; without --interactive its output is shown`, err)
	case errors.Is(err, engine.ErrDetached):
		p.output().Say("detached; " + name + " goes on")
		if errors.As(err, &signalled) {
			return &statusError{status: 128 + int(signalled.Signal)}
		}
		return nil
	case err != nil:
		return err
	case status != 0:
		return &statusError{status: status}
	}
	return nil
}

// appOf is the app that is meant, by its name or as the only one.
func appOf(pod poddir.Status, app string) (string, error) {
	for _, a := range pod.Apps {
		if a.Name == app || app == "" && len(pod.Apps) == 1 {
			if a.Exit != nil && a.Next.IsZero() {
				return "", fmt.Errorf("app %q has ended", a.Name)
			}
			return a.Name, nil
		}
	}
	names := orList(appNames(pod))
	if app == "" {
		return "", usage("attach: --app=APP says to which app of the pod: %s", names)
	}
	return "", fmt.Errorf("pod %s has no app %q; it has %s", called(pod), app, names)
}
