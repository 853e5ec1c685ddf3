package main

import (
	"context"
	"os"
)

// prepareWait asks how long a person waits at a terminal. These marks are for
// people and absolute, so a program that does nothing at all, and one that all
// know, stand beside them.
func prepareWait(ctx context.Context, w *workshop) (*measure, error) {
	few, many := w.path("few"), w.path("many")
	for _, store := range []struct {
		dir    string
		images int
	}{{few, 5}, {many, w.images}} {
		if err := w.crowd(ctx, store.dir, store.images); err != nil {
			return nil, err
		}
	}
	return &measure{
		title: "Waiting at a terminal",
		explanation: "From fork to the end of the process, or to the first paint in a pseudo-terminal of 80×24: when the output has the first row\n" +
			"of the list of images (htop: its load average). The C program and htop are there to tell how fast the machine is.",
		rounds: w.rounds, warm: 2,
		contestants: []*contestant{
			{name: "`podtui version`", must: true, mark: mark{must: 10, aim: 5}, once: func(ctx context.Context) (took, error) {
				return runOnce(w.command(ctx, w.podtui, "version"), nil, nil)
			}},
			w.paint("`podtui`, 5 images", mark{must: 25, aim: 8}, crowdName(0), w.podtui, "--dir", few),
			w.paint("`podtui`, "+thousands(w.images)+" images", mark{must: 25, aim: 8}, crowdName(0), w.podtui, "--dir", many),
			w.nothing(ctx),
			w.paint("`htop`", mark{}, "Load average", "htop"),
		},
	}, nil
}

// nothing is a static C program that ends at once.
func (w *workshop) nothing(ctx context.Context) *contestant {
	program := w.path("true")
	c := &contestant{name: "a static C program that does nothing", absent: lacking("gcc", "gcc")}
	if c.absent != "" {
		return c
	}
	err := os.WriteFile(program+".c", []byte("int main(void) { return 0; }\n"), 0o644)
	if err == nil {
		_, err = w.call(ctx, "gcc", "-O2", "-static", "-o", program, program+".c")
	}
	if err != nil {
		c.absent = "failed: " + oneLine(err.Error())
	}
	c.once = func(ctx context.Context) (took, error) { return runOnce(w.command(ctx, program), nil, nil) }
	return c
}
