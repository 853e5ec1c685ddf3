package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/text"
)

func (p *program) logsCommand() *cobra.Command {
	var o engine.LogOptions
	var raw bool
	c := &cobra.Command{
		Use: "logs POD [APP]", Short: "print what the apps of a pod have written", Args: oneOrTwo,
		ValidArgsFunction: p.completePods,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				o.App = args[1]
			}
			return p.logs(c.Context(), args[0], o, raw)
		},
	}
	c.Flags().BoolVarP(&o.Follow, "follow", "f", false, "go on until the pod ends")
	c.Flags().BoolVar(&raw, "raw", false, "the bytes as they came, of one app")
	return c
}

// logs prints each line on the stream it came from, as its app did.
func (p *program) logs(ctx context.Context, prefix string, o engine.LogOptions, raw bool) error {
	e, err := p.lookAt(prefix)
	if err != nil {
		return err
	}
	defer e.Close()
	pod, err := e.Pod(prefix)
	if err != nil {
		return err
	}
	several := o.App == "" && len(pod.Apps) > 1
	if raw && several {
		return usage("logs --raw: name one app of the pod: %s", strings.Join(appNames(pod), ", "))
	}
	printer := logPrinter{raw: raw, prefixed: several}
	return e.Logs(ctx, pod.UUID, o, printer.print)
}

func appNames(pod poddir.Status) []string {
	names := make([]string, len(pod.Apps))
	for i, app := range pod.Apps {
		names[i] = app.Name
	}
	return names
}

// logPrinter writes log lines, as few writes as the order of streams allows. That
// older lines are gone is a message of podtui's, never taken for output.
type logPrinter struct {
	raw, prefixed bool
	buffer        []byte
}

func (l *logPrinter) print(lines []poddir.LogLine) error {
	for len(lines) > 0 {
		to := file(lines[0])
		l.buffer = l.buffer[:0]
		for len(lines) > 0 && file(lines[0]) == to {
			l.add(lines[0])
			lines = lines[1:]
		}
		if _, err := to.Write(l.buffer); err != nil {
			return fmt.Errorf("%s: %w", to.Name(), err)
		}
	}
	return nil
}

func (l *logPrinter) add(line poddir.LogLine) {
	if line.Lost() {
		l.buffer = fmt.Appendf(l.buffer, "podtui: app %q: %s\n", line.App, text.Escape(line.Text))
		return
	}
	if l.raw {
		l.buffer = append(l.buffer, line.Text...)
		if !line.Partial {
			l.buffer = append(l.buffer, '\n')
		}
		return
	}
	if l.prefixed {
		l.buffer = append(append(l.buffer, line.App...), ": "...)
	}
	l.buffer = append(text.AppendEscaped(l.buffer, []byte(line.Text)), '\n')
}

func file(line poddir.LogLine) *os.File {
	if line.Stream == "stderr" || line.Lost() {
		return os.Stderr
	}
	return os.Stdout
}
