package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
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
	o.Stdin, o.Stdout, o.Stderr = os.Stdin, os.Stdout, os.Stderr
	status, err := enterOn(ctx, e, pod, o)
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

// enterOn gives the program a terminal, if that is what podtui has at both ends.
func enterOn(ctx context.Context, e *engine.Engine, pod string, o engine.EnterOptions) (int, error) {
	if !term.IsTerminal(os.Stdin.Fd()) || !term.IsTerminal(os.Stdout.Fd()) {
		return e.Enter(ctx, pod, o)
	}
	before, err := term.MakeRaw(os.Stdin.Fd())
	if err != nil {
		return 0, fmt.Errorf("terminal: %w", err)
	}
	defer term.Restore(os.Stdin.Fd(), before) //nolint:errcheck // there is nobody to tell
	resized, stop := sizes()
	defer stop()
	o.Terminal, o.Resized = true, resized
	o.Cols, o.Rows, _ = term.GetSize(os.Stdout.Fd())
	if name := os.Getenv("TERM"); name != "" {
		o.Env = append(o.Env, "TERM="+name)
	}
	return e.Enter(ctx, pod, o)
}

// sizes tells each new size of the terminal, the last if several came.
func sizes() (<-chan [2]int, func()) {
	changes, stop := make(chan os.Signal, 1), make(chan struct{})
	told := make(chan [2]int)
	signal.Notify(changes, syscall.SIGWINCH)
	go func() {
		for {
			select {
			case <-changes:
			case <-stop:
				return
			}
			cols, rows, err := term.GetSize(os.Stdout.Fd())
			if err != nil {
				continue
			}
			select {
			case told <- [2]int{rows, cols}:
			case <-stop:
				return
			}
		}
	}()
	return told, func() {
		signal.Stop(changes)
		close(stop)
	}
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
