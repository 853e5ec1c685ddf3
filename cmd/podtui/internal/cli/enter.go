package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/console"
)

func (p *program) enterCommand() *cobra.Command {
	var app string
	c := &cobra.Command{
		Use: "enter [--app=APP] POD [CMD [ARG…]]", Short: "run a program beside a running app",
		Long: "Run a program beside a running app: in its root and its namespaces, as its user, with its\n" +
			"environment, capabilities, limits and seccomp filter. Without CMD it is a shell, if the app\n" +
			"has one. The program ends with podtui; the exit status is the program's, 126 if it can't be\n" +
			"executed, 127 if it is not there. Flags stand before POD: what follows is the program's.",
		Args:              func(c *cobra.Command, args []string) error { return count(c, args, 1, -1) },
		ValidArgsFunction: p.completePodsIn(1, poddir.Running),
		RunE: func(c *cobra.Command, args []string) error {
			argv := args[1:]
			if len(argv) > 0 && argv[0] == "--" {
				argv = argv[1:]
			}
			return p.enter(c.Context(), args[0], engine.EnterOptions{App: app, Argv: argv})
		},
	}
	c.Flags().SetInterspersed(false)
	c.Flags().StringVar(&app, "app", "", "the app, in a pod of several")
	return c
}

func (p *program) enter(ctx context.Context, pod string, o engine.EnterOptions) error {
	e, err := p.lookAt(pod)
	if e == nil {
		return err
	}
	defer e.Close()
	ctx, ended := withSignals(ctx)
	terminal := console.Terminal{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	status, err := terminal.Enter(ctx, e, pod, o)
	if sig := ended(); sig != 0 {
		return &statusError{status: 128 + int(sig)}
	}
	var refused *engine.StartError
	var none *engine.NoShellError
	switch {
	case errors.As(err, &refused):
		return &statusError{refused.Status, err}
	case errors.As(err, &none) && len(none.Executables) > 0:
		return fmt.Errorf(`%w; name one after the pod: "podtui enter %s %s"`, err, pod, none.Executables[0])
	case err != nil:
		return err
	case status != 0:
		return &statusError{status: status}
	}
	return nil
}

// withSignals is a context that ends when podtui is told to. The function that it
// returns ends it too, and returns the signal that came, or 0.
func withSignals(ctx context.Context) (context.Context, func() syscall.Signal) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	ctx, cancel := context.WithCancel(ctx)
	came := make(chan syscall.Signal, 1)
	go func() {
		defer close(came)
		select {
		case sig := <-signals:
			came <- sig.(syscall.Signal)
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() syscall.Signal {
		signal.Stop(signals)
		cancel()
		return <-came
	}
}
