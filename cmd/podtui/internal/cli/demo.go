package cli

import (
	"bytes"
	"context"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/demo"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
)

func (p *program) demoCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "demo", Short: "show a pod of two apps that podtui brings along", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if p.globals.batch {
				return p.demoBatch(c.Context())
			}
			return p.demoScreen(c.Context())
		},
	}
	hasJSON(c)
	return c
}

func (p *program) demoBatch(ctx context.Context) error {
	e, err := p.openToRun()
	if err != nil {
		return err
	}
	defer e.Close()
	pod, err := demoPod(ctx, e)
	if err != nil {
		return cannotRun(err)
	}
	return p.runOn(ctx, e, pod, front{})
}

func (p *program) demoScreen(ctx context.Context) error {
	if err := p.onTerminal(); err != nil {
		return err
	}
	e, err := p.open()
	if err != nil {
		return err
	}
	pod, err := demoPod(ctx, e)
	e.Close()
	if err != nil {
		return err
	}
	return p.compose(ctx, pod)
}

// demoPod is the demo's pod, its images in the store.
func demoPod(ctx context.Context, e *engine.Engine) (spec.Pod, error) {
	images, err := demo.Images()
	if err != nil {
		return spec.Pod{}, err
	}
	for _, image := range images {
		if _, err := e.Image(image.ID); err == nil {
			continue
		}
		if _, err := e.Import(ctx, image.Name, bytes.NewReader(image.Data), int64(len(image.Data)), nil); err != nil {
			return spec.Pod{}, err
		}
	}
	port, err := demo.FreePort()
	if err != nil {
		return spec.Pod{}, err
	}
	return demo.Pod(port)
}
