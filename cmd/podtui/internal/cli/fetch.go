package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
)

func (p *program) fetchCommand() *cobra.Command {
	var full bool
	c := &cobra.Command{
		Use: "fetch IMAGE…", Short: "bring images into the store, and print their IDs", Args: oneOrMore,
		RunE: func(c *cobra.Command, args []string) error { return p.fetch(c.Context(), args, full) },
	}
	hasJSON(c)
	c.Flags().BoolVar(&full, "full", false, "print whole IDs")
	return c
}

func (p *program) fetch(ctx context.Context, references []string, full bool) error {
	e, err := p.open()
	if err != nil {
		return err
	}
	defer e.Close()
	return batch.Interruptible(ctx, func(ctx context.Context) error {
		return each(references, func(reference string) error { return p.fetchOne(ctx, e, reference, full) })
	})
}

func (p *program) fetchOne(ctx context.Context, e *engine.Engine, reference string, full bool) error {
	image, err := e.Fetch(ctx, reference, engine.FetchOptions{SkipVerify: p.globals.skipVerify()}, p.output().Event)
	var unverified *engine.UnverifiedError
	if errors.As(err, &unverified) {
		return fmt.Errorf("%v; --insecure-skip-verify fetches it unverified", err) // for run, advise has it
	}
	if err != nil {
		return err
	}
	if p.globals.json() { // the events have it
		return nil
	}
	return p.println(shorten(image.ID, 32, full))
}
