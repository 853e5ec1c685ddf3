package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

const prepareUse = "prepare [flags] IMAGE [flags] [-- ARGS… [---]] [IMAGE …]"

// prepareCommand takes what "run" does, and goes as far as it can without running
// anything.
func (p *program) prepareCommand() *cobra.Command {
	c := &cobra.Command{
		Use: prepareUse, Short: "make a pod that run-prepared runs, and print its UUID",
		DisableFlagParsing: true,
		ValidArgsFunction:  p.completeRun,
		RunE:               func(c *cobra.Command, args []string) error { return p.preparePod(c.Context(), args) },
	}
	c.SetHelpFunc(func(*cobra.Command, []string) { _ = p.prepareHelp() })
	hasJSON(c)
	return c
}

func (p *program) preparePod(ctx context.Context, args []string) error {
	var f front
	pod, err := p.parsePod(args, f.flags())
	switch {
	case p.globals.help:
		return p.prepareHelp()
	case err == nil && f.detach:
		err = usage("--detach: prepare runs nothing; run-prepared takes it")
	}
	if err != nil {
		return cannotRun(err)
	}
	if f.dryRun {
		return p.planPod(ctx, pod, f)
	}
	e, err := p.openFor(ctx, pod, &f)
	if err != nil {
		return err
	}
	defer e.Close()
	return p.prepareOn(ctx, e, pod, f)
}

// prepareOn leaves nothing of a pod whose UUID nobody was told.
func (p *program) prepareOn(ctx context.Context, e *engine.Engine, pod spec.Pod, f front) error {
	prepare := func(ctx context.Context, o engine.RunOptions, sink event.Sink) (string, error) {
		o.Around = f.around
		return e.Prepare(ctx, pod, o, sink)
	}
	uuid, err := batch.Prepare(ctx, prepare, f.of(pod), p.runOptions(), p.output())
	if err == nil {
		return nil
	}
	f.save.undo()
	if uuid != "" {
		_ = e.RemovePod(uuid)
	}
	return &statusError{engine.ExitStatus(err), err}
}
