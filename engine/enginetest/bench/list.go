package main

import (
	"context"
	"time"
)

// atRest is how long nothing has come into a store whose index is taken at its
// word, and a bit: right after an import it is still held against the folder.
const atRest = 3 * time.Second

// prepareList asks how long a list of all images takes to be printed.
func prepareList(ctx context.Context, w *workshop) (*measure, error) {
	many := w.path("listed")
	if err := w.crowd(ctx, many, w.images); err != nil {
		return nil, err
	}
	time.Sleep(atRest)
	return &measure{
		title:       "Listing images",
		explanation: "From fork to the end of the process, whose output nobody reads. Nothing has come into the store in the last seconds.",
		rounds:      w.rounds, warm: 2, cpu: true,
		contestants: []*contestant{
			{name: "`podtui image list`, " + thousands(w.images) + " images", must: true, mark: mark{must: 30}, once: func(ctx context.Context) (took, error) {
				return runOnce(w.command(ctx, w.podtui, "--dir", many, "image", "list"), nil, nil)
			}},
			w.nothing(ctx),
		},
	}, nil
}
