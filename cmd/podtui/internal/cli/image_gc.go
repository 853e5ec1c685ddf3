package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/text"
)

func (p *program) imageGCCommand() *cobra.Command {
	var l listing
	grace := 24 * time.Hour
	c := &cobra.Command{
		Use: "gc", Short: "remove images that were not used for a while, and what belongs to none",
		Long: "Remove images that nobody has used for a while, layers that belong to no image, and what\n" +
			"is left of downloads that were given up. What a pod has stays.",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.imageGC(c.Context(), &l, grace) },
	}
	l.addFormat(p, c)
	c.Flags().Var(flagValue{globalFlag{value: "DURATION", set: duration(&grace)}}, "grace-period", "how long what is not used is kept (24h)")
	return c
}

func (p *program) imageGC(ctx context.Context, l *listing, grace time.Duration) error {
	e, err := p.open()
	if err != nil {
		return err
	}
	defer e.Close()
	var collected engine.CollectedImages
	err = batch.Interruptible(ctx, func(ctx context.Context) (err error) {
		collected, err = e.GCImages(ctx, grace)
		return err
	})
	if l.json() {
		if printErr := l.printJSON(newCollectedJSON(collected)); printErr != nil {
			return printErr
		}
		return err
	}
	for _, id := range collected.Images {
		if err := p.println(id); err != nil {
			return err
		}
	}
	if rest := restOf(collected); rest != "" {
		p.output().Say("removed " + rest)
	}
	return err
}

// restOf tells what went beside images.
func restOf(c engine.CollectedImages) string {
	var parts []string
	for _, part := range []struct {
		n         int
		one, many string
	}{
		{c.Layers, "layer", "layers"},
		{c.Partials, "unfinished download", "unfinished downloads"},
		{c.Staged, "interrupted import or removal", "interrupted imports or removals"},
	} {
		switch {
		case part.n == 1:
			parts = append(parts, "1 "+part.one)
		case part.n > 1:
			parts = append(parts, text.Number(part.n)+" "+part.many)
		}
	}
	return strings.Join(parts, ", ")
}

// collectedJSON is what "image gc --format=json" prints.
type collectedJSON struct {
	Images   []string `json:"images"` // IDs
	Layers   int      `json:"layers"`
	Partials int      `json:"partials"`
	Staged   int      `json:"staged"`
}

func newCollectedJSON(c engine.CollectedImages) collectedJSON {
	return collectedJSON{append([]string{}, c.Images...), c.Layers, c.Partials, c.Staged}
}
