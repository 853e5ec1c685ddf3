package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
)

func (p *program) restartCommand() *cobra.Command {
	var stop stopping
	var file uuidFile
	c := &cobra.Command{
		Use: "restart POD…", Short: "stop pods that run, and run them again",
		Long: "Run pods again that have ended, and stop those that run for that. Each app gets a clean\n" +
			"root; volumes stay as they are, and logs are appended to. It returns once every app has\n" +
			"been executed, and leaves the pods running.",
		ValidArgsFunction: p.completePodsIn(-1, poddir.Running, poddir.Exited, poddir.Failed),
		RunE:              func(c *cobra.Command, args []string) error { return p.restart(c.Context(), args, &stop) },
	}
	stop.addTo(c)
	file.addTo(c, 1, -1)
	return c
}

func (p *program) restart(ctx context.Context, words []string, stop *stopping) error {
	p.globals.decided = true
	o, err := stop.options()
	if err != nil {
		return err
	}
	e, err := p.openToRun()
	if err != nil {
		return plain(err)
	}
	defer e.Close()
	return atOnce(words, func(word string) error {
		status, err := e.Pod(word)
		if err != nil {
			return err
		}
		pod, err := e.PodSpec(status.UUID)
		if err != nil {
			return err
		}
		again := func(ctx context.Context, run engine.RunOptions, sink event.Sink) (*engine.Running, error) {
			return e.RestartPod(ctx, status.UUID, o, run, sink)
		}
		f := front{detach: true}
		_, err = batch.Run(ctx, again, f.of(pod), p.runOptions(), p.output())
		return err
	})
}
