package cli

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/spf13/cobra"
)

func (p *program) gcCommand() *cobra.Command {
	grace := 30 * time.Minute
	c := &cobra.Command{
		Use: "gc", Short: "remove pods that ended a while ago, and what crashes left", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			e, err := p.open()
			if err != nil {
				return err
			}
			defer e.Close()
			collected, err := e.GC(c.Context(), engine.GCOptions{Grace: grace})
			for _, uuid := range collected.Pods {
				if err := p.println(uuid); err != nil {
					return err
				}
			}
			if n := collected.Imports; n > 0 {
				fmt.Fprintf(os.Stderr, "podtui: removed what %d interrupted imports or removals left\n", n)
			}
			return err
		},
	}
	c.Flags().Var(flagValue{globalFlag{value: "DURATION", set: duration(&grace)}}, "grace-period", "how long ended pods are kept (30m)")
	return c
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
