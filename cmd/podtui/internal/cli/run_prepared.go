package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
)

func (p *program) runPreparedCommand() *cobra.Command {
	var f front
	var file uuidFile
	c := &cobra.Command{
		Use: "run-prepared POD", Short: "run a pod that was prepared",
		Long: "Run a pod that was prepared, to its end, and exit with its status, as --batch run does.\n" +
			"With --detach: return once every app has been executed, and print the pod's UUID.",
		ValidArgsFunction: p.completePodsIn(1, poddir.Prepared),
		RunE:              func(c *cobra.Command, args []string) error { return p.runPrepared(c.Context(), args[0], f) },
	}
	c.Flags().BoolVar(&f.detach, "detach", false, "leave the pod running once its apps run")
	c.Flags().Var(flagValue{globalFlag{value: "FILE", set: f.save.set}}, "uuid-file-save", "write the pod's UUID to a file")
	file.addTo(c, 1, 1)
	hasJSON(c)
	return c
}

func (p *program) runPrepared(ctx context.Context, word string, f front) error {
	p.globals.decided = true
	if err := f.save.check(); err != nil {
		return cannotRun(err)
	}
	e, err := p.openToRun()
	if err != nil {
		return err
	}
	defer e.Close()
	status, err := e.Pod(word)
	if err == nil {
		err = runnable(status)
	}
	if err != nil {
		return cannotRun(err)
	}
	pod, err := e.PodSpec(status.UUID)
	if err != nil {
		return cannotRun(err)
	}
	return p.runBy(ctx, pod, f, func(ctx context.Context, o engine.RunOptions, sink event.Sink) (*engine.Running, error) {
		return e.RunPrepared(ctx, status.UUID, o, sink)
	})
}

// runnable tells why a pod can't be run for the first time.
func runnable(pod poddir.Status) error {
	switch pod.State {
	case poddir.Running:
		return fmt.Errorf("pod %s runs already", called(pod))
	case poddir.Exited:
		return fmt.Errorf("pod %s has run already; restart runs it again", called(pod))
	case poddir.Failed:
		return fmt.Errorf("pod %s could not be started; restart tries it again", called(pod))
	case poddir.Preparing, poddir.Deleting:
		return fmt.Errorf("pod %s is %s", called(pod), pod.State)
	}
	return nil
}
