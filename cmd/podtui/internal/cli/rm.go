package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
)

func (p *program) rmCommand() *cobra.Command {
	var force bool
	var file uuidFile
	c := &cobra.Command{
		Use: "rm POD…", Short: "remove pods that don't run",
		ValidArgsFunction: p.completePodsIn(-1, poddir.Prepared, poddir.Exited, poddir.Failed),
		RunE: func(c *cobra.Command, args []string) error {
			e, err := p.open()
			if err != nil {
				return err
			}
			defer e.Close()
			return atOnce(args, func(word string) error { return p.remove(c.Context(), e, word, force) })
		},
	}
	c.Flags().BoolVar(&force, "force", false, `stop those that run, as "podtui stop" does, and remove them too`)
	file.addTo(c, 1, -1)
	return c
}

func (p *program) remove(ctx context.Context, e *engine.Engine, word string, force bool) error {
	pod, err := e.Pod(word)
	if err != nil {
		return err
	}
	if force && pod.State == poddir.Running {
		if err := e.StopPod(ctx, pod.UUID, engine.StopOptions{}); err != nil {
			return err
		}
	}
	err = e.RemovePod(pod.UUID)
	if errors.Is(err, poddir.ErrBusy) && pod.State == poddir.Running {
		return fmt.Errorf(`pod %s runs; "podtui stop %s" ends it, and rm --force removes it then`, called(pod), short(pod))
	}
	if err != nil {
		return err
	}
	return p.println(pod.UUID)
}
