package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/text"
)

// logFlags are the flags of "logs".
type logFlags struct {
	engine.LogOptions
	none       bool // --tail=0
	raw        bool
	timestamps bool
}

func (p *program) logsCommand() *cobra.Command {
	var f logFlags
	c := &cobra.Command{
		Use: "logs [POD [APP]]", Short: "print what the apps of a pod have written",
		Long: "Print what the apps of a pod have written, each line on the stream that it came on.\n" +
			"Without POD it is the pod that was started last.",
		Args:              func(c *cobra.Command, args []string) error { return count(c, args, 0, 2) },
		ValidArgsFunction: p.completeLogs,
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(p.globals.json()); err != nil {
				return err
			}
			if len(args) > 1 {
				f.App = args[1]
			}
			return p.logs(c.Context(), args, &f)
		},
	}
	hasJSON(c)
	flags := c.Flags()
	flags.SortFlags = false
	flags.BoolVarP(&f.Follow, "follow", "f", false, "go on until the pod ends")
	now := time.Now()
	value := func(name, form, help string, set func(string) error) {
		flags.Var(flagValue{globalFlag{value: form, set: set}}, name, help)
	}
	value("since", "TIME", "only lines from then on: 10m (ago), or as 2026-11-26T02:21:59Z", moment(&f.Since, now))
	value("until", "TIME", "only lines up to then", moment(&f.Until, now))
	value("tail", "N|all", "only the last N lines of what there is, of all apps together", f.setTail)
	value("stream", "stdout|stderr", "only lines of that stream", oneOf(&f.Stream, "stdout", "stderr"))
	flags.BoolVar(&f.timestamps, "timestamps", false, "put the time in front of each line")
	flags.BoolVar(&f.raw, "raw", false, "the bytes as they came, of one app")
	completeWords(c, "stream", "stdout", "stderr")
	for _, name := range []string{"since", "until", "tail"} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions) // the flag is there
	}
	return c
}

// moment reads a time, or how long ago it was.
func moment(to *time.Time, now time.Time) func(string) error {
	return func(s string) error {
		if ago, err := time.ParseDuration(s); err == nil && ago >= 0 {
			*to = now.Add(-ago)
			return nil
		}
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return fmt.Errorf("%q is neither a time such as 2026-11-26T02:21:59Z nor how long ago, such as 10m", s)
		}
		*to = at
		return nil
	}
}

func (f *logFlags) setTail(s string) error {
	if s == "all" {
		f.Last, f.none = 0, false
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return fmt.Errorf("%q is neither a number of lines nor all", s)
	}
	f.Last, f.none = n, n == 0
	return nil
}

func (f *logFlags) check(json bool) error {
	switch {
	case f.raw && f.timestamps:
		return usage("logs: --raw prints the bytes as they came, which have no --timestamps")
	case f.raw && json:
		return usage("logs: --raw prints bytes as they came, --output=json doesn't")
	case !f.Since.IsZero() && !f.Until.IsZero() && f.Until.Before(f.Since):
		return usage("logs: --until (%s) is before --since (%s)", f.Until.Format(time.RFC3339), f.Since.Format(time.RFC3339))
	}
	f.New = f.none
	return nil
}

// logs prints each line on the stream it came from, as its app did.
func (p *program) logs(ctx context.Context, args []string, f *logFlags) error {
	e, pod, err := p.logged(args)
	if err != nil {
		return err
	}
	defer e.Close()
	several := f.App == "" && len(pod.Apps) > 1
	if f.raw && several {
		return usage("logs --raw: name one app of the pod: %s", strings.Join(appNames(pod), ", "))
	}
	if p.globals.json() {
		printer := newLogJSON(pod.UUID)
		return errors.Join(e.Logs(ctx, pod.UUID, f.LogOptions, printer.print), printer.rest())
	}
	printer := logPrinter{raw: f.raw, timestamps: f.timestamps, prefixed: several}
	return e.Logs(ctx, pod.UUID, f.LogOptions, printer.print)
}

// logged is the pod whose logs are asked for, or the one that was started last.
func (p *program) logged(args []string) (*engine.Engine, poddir.Status, error) {
	missing := errNoLogs
	if len(args) > 0 {
		missing = fmt.Errorf("pod %q: %w", args[0], poddir.ErrNotFound)
	}
	e, err := p.look(missing)
	if err != nil {
		return nil, poddir.Status{}, err
	}
	var pod poddir.Status
	if len(args) > 0 {
		pod, err = e.Pod(args[0])
	} else {
		pod, err = startedLast(e)
	}
	if err != nil {
		e.Close()
		return nil, pod, err
	}
	if len(args) == 0 && !p.globals.json() {
		fmt.Fprintf(os.Stderr, "podtui: pod %s: %s\n", pod.UUID, strings.Join(appNames(pod), ", "))
	}
	return e, pod, nil
}

var errNoLogs = errors.New("logs: no pod was started yet")

func startedLast(e *engine.Engine) (last poddir.Status, err error) {
	pods, err := e.Pods()
	for _, pod := range pods {
		if pod.Started.After(last.Started) {
			last = pod
		}
	}
	if err == nil && last.UUID == "" {
		err = errNoLogs
	}
	return last, err
}

func appNames(pod poddir.Status) []string {
	names := make([]string, len(pod.Apps))
	for i, app := range pod.Apps {
		names[i] = text.Escape(app.Name)
	}
	return names
}

// completeLogs completes a pod, and then one of its apps.
func (p *program) completeLogs(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return p.completePods(c, args, typed)
	}
	if e, err := p.lookAt(args[0]); err == nil && len(args) == 1 {
		defer e.Close()
		if pod, err := e.Pod(args[0]); err == nil {
			return appNames(pod), cobra.ShellCompDirectiveNoFileComp
		}
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
