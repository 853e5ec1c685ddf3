package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

const together = 8

// prepareTogether asks how well starts go side by side.
func prepareTogether(ctx context.Context, w *workshop) (*measure, error) {
	data, root, err := w.stored(ctx, "together")
	if err != nil {
		return nil, err
	}
	plain, err := newNamespace()
	if err != nil {
		return nil, err
	}
	run := func(ctx context.Context) *exec.Cmd {
		return w.command(ctx, w.podtui, podtuiArgs(data, imageName, "--exec", "/bin/true")...)
	}
	runc, err := w.runcTogether(root, plain)
	if err != nil {
		return nil, err
	}
	return &measure{
		title:       fmt.Sprintf("%d pods at once", together),
		explanation: "From the first fork to the last end, of `/bin/true` from a stored image.",
		rounds:      w.rounds, warm: 1, cpu: true,
		contestants: []*contestant{
			{name: fmt.Sprintf("%d `podtui --batch run` at once", together), must: true, once: func(ctx context.Context) (took, error) {
				return atOnce(together, func(int) *exec.Cmd { return run(ctx) }, nil, nil)
			}},
			{name: "one `podtui --batch run`", must: true, peer: true, mark: mark{must: 6}, once: func(ctx context.Context) (took, error) {
				return runOnce(run(ctx), nil, nil)
			}},
			runc,
		},
	}, nil
}

// atOnce runs n programs at the same time, each between what has to be done before
// and after it.
func atOnce(n int, command func(i int) *exec.Cmd, before, after func(i int) error) (took, error) {
	used, start := cpu(), time.Now()
	var cmds []*exec.Cmd
	var errs []error
	for i := range n {
		if before != nil {
			errs = append(errs, before(i))
		}
		cmd := command(i)
		errs = append(errs, cmd.Start())
		cmds = append(cmds, cmd)
	}
	for i, cmd := range cmds {
		errs = append(errs, cmd.Wait())
		if after != nil {
			errs = append(errs, after(i))
		}
	}
	wall := time.Since(start)
	return took{wall, 0}.with(used, errors.Join(append(errs, settle())...))
}

// with completes what was measured, once everything has been waited for.
func (t took) with(used time.Duration, err error) (took, error) {
	t.cpu = cpu() - used
	return t, err
}

func (w *workshop) runcTogether(root string, in *namespace) (*contestant, error) {
	bundles := make([]*bundle, together)
	for i := range bundles {
		var err error
		if bundles[i], err = w.newBundle(fmt.Sprintf("bundle-together-%d", i), root, in, false); err != nil {
			return nil, err
		}
	}
	once := func(ctx context.Context) (t took, err error) {
		in.do(func() {
			t, err = atOnce(together, func(i int) *exec.Cmd { return bundles[i].command(ctx, w, "runc") },
				func(i int) error { return errors.Join(bundles[i].fresh(), bundles[i].mount()) },
				func(i int) error { return bundles[i].unmount() })
		})
		return t, err
	}
	return &contestant{name: fmt.Sprintf("%d `runc run` at once", together), absent: lacking("runc", "runc"), peer: true, mark: mark{must: 1}, once: once}, nil
}

// fresh makes the folders of an overlay anew.
func (b *bundle) fresh() error {
	for _, dir := range []string{"upper", "work"} {
		if err := os.RemoveAll(b.dir + "/" + dir); err != nil {
			return err
		}
		if err := os.Mkdir(b.dir+"/"+dir, 0o755); err != nil {
			return err
		}
	}
	return nil
}
