package main

import (
	"context"
	"errors"
)

// idler ends as soon as it is asked to.
const idler = `trap "exit 0" TERM; sleep 1000 & wait`

// prepareStop asks how long it takes to stop a pod that does nothing and ends as
// soon as it is asked to.
func prepareStop(ctx context.Context, w *workshop) (*measure, error) {
	data, root, err := w.stored(ctx, "stop")
	if err != nil {
		return nil, err
	}
	pure, err := newNamespace("/sys/fs/cgroup/unified")
	if err != nil {
		return nil, err
	}
	podman := w.podman(ctx, root, pure)
	podman.name = "`podman stop`"
	podman.once = func(ctx context.Context) (t took, err error) {
		pure.do(func() { t, err = w.podmanStop(ctx) })
		return t, err
	}
	return &measure{
		title:       "Stopping an idle pod",
		explanation: "From fork to the end of the command, when nothing of the pod is left. The app ends as soon as it gets SIGTERM; the pod was detached.",
		rounds:      w.rounds, warm: 1, cpu: true,
		contestants: []*contestant{
			{name: "`podtui stop`", must: true, mark: mark{must: 50}, once: func(ctx context.Context) (took, error) {
				uuid, left, err := w.detached(ctx, w.podtui, podtuiArgs(data, "--detach", imageName, "--exec", "/bin/sh", "--", "-c", idler)...)
				if err != nil {
					return took{}, err
				}
				t, err := runOnce(w.command(ctx, w.podtui, "--dir", data, "stop", uuid), nil, nil)
				_, rmErr := w.call(ctx, w.podtui, "--dir", data, "rm", uuid)
				return t, errors.Join(err, gone(left), rmErr)
			}},
			podman,
		},
	}, nil
}

func (w *workshop) podmanStop(ctx context.Context) (took, error) {
	id, left, err := w.detached(ctx, "podman", w.podmanArgs("run", "--detach", "--network", "host", "--pull", "never",
		"--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "localhost/busybox", "/bin/sh", "-c", idler)...)
	if err != nil {
		return took{}, err
	}
	t, err := runOnce(w.podmanCommand(ctx, w.podmanArgs("stop", id)), nil, nil)
	_, rmErr := w.call(ctx, "podman", w.podmanArgs("rm", id)...)
	return t, errors.Join(err, gone(left), rmErr)
}
