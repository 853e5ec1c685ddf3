package cli

import (
	"slices"
	"sync"

	"github.com/podtui/podtui/engine"
	"github.com/spf13/cobra"
)

func (p *program) stopCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use: "stop POD…", Short: "stop pods, and wait until they have ended",
		Long: "Stop pods, and wait until they have ended. Each app gets SIGTERM; what has not ended\n" +
			"after 10 s gets SIGKILL. With --force all are killed at once.",
		Args:              oneOrMore,
		ValidArgsFunction: p.completePods,
		RunE: func(c *cobra.Command, args []string) error {
			e, err := p.open()
			if err != nil {
				return err
			}
			defer e.Close()
			// At once: each may take as long as its apps do.
			errs := make([]error, len(args))
			var stopping sync.WaitGroup
			for i, prefix := range args {
				stopping.Go(func() {
					pod, err := e.Pod(prefix)
					if err == nil {
						err = e.StopPod(c.Context(), prefix, engine.StopOptions{Force: force})
					}
					if err == nil {
						err = p.println(pod.UUID)
					}
					errs[i] = err
				})
			}
			stopping.Wait()
			return failures(slices.DeleteFunc(errs, func(err error) bool { return err == nil })).orNil()
		},
	}
	c.Flags().BoolVar(&force, "force", false, "kill them at once")
	return c
}
