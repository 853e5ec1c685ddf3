package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/text"
)

func (p *program) gcCommand() *cobra.Command {
	o := engine.GCOptions{Grace: 30 * time.Minute, ExpirePrepared: 24 * time.Hour}
	c := &cobra.Command{
		Use: "gc", Short: "remove pods that ended a while ago, and what crashes left", Args: noArgs,
		Long: "Remove pods that ended a while ago, pods that were prepared and not run for long, and what\n" +
			"crashes left: mounts, cgroups, half-made pods. Prints the UUIDs of the pods that it removes.",
		RunE: func(c *cobra.Command, _ []string) error { return p.gc(c.Context(), o) },
	}
	c.Flags().Var(flagValue{globalFlag{value: "DURATION", set: duration(&o.Grace)}}, "grace-period", "how long ended pods are kept (30m)")
	c.Flags().Var(flagValue{globalFlag{value: "DURATION", set: duration(&o.ExpirePrepared)}}, "expire-prepared",
		"how long prepared pods are kept that nobody runs (24h)")
	c.Flags().BoolVar(&o.MarkOnly, "mark-only", false, "remove no pod, only write down which have ended without a word")
	return c
}

func (p *program) gc(ctx context.Context, o engine.GCOptions) error {
	o.ExpirePrepared = max(o.ExpirePrepared, 1) // for people 0s is at once, for the engine never
	e, err := p.open()
	if err != nil {
		return err
	}
	defer e.Close()
	var collected engine.Collected
	err = batch.Interruptible(ctx, func(ctx context.Context) (err error) {
		collected, err = e.GC(ctx, o)
		return err
	})
	for _, uuid := range collected.Pods {
		if err := p.println(uuid); err != nil {
			return err
		}
	}
	switch n := collected.Imports; {
	case n == 1:
		p.output().Say("removed what an interrupted import or removal left")
	case n > 1:
		p.output().Say("removed what " + text.Number(n) + " interrupted imports or removals left")
	}
	return err
}

func duration(to *time.Duration) func(string) error {
	return func(s string) error {
		d, err := time.ParseDuration(s)
		if err != nil || d < 0 {
			return errors.New("write a duration, such as 30m, 12h or 0s")
		}
		*to = d
		return nil
	}
}
