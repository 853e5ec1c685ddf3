package main

import (
	"context"
	"errors"
)

const imageName = "example.com/busybox"

// prepareStart asks how long it takes until a container has come, has done
// nothing, and has gone.
func prepareStart(ctx context.Context, w *workshop) (*measure, error) {
	data, root, err := w.stored(ctx, "start")
	if err != nil {
		return nil, err
	}
	// crun 1.8 refuses hosts that have the cgroup hierarchies of both kinds.
	plain, err1 := newNamespace()
	pure, err2 := newNamespace("/sys/fs/cgroup/unified")
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	podtui := &contestant{name: "`podtui --batch run`", must: true, once: func(ctx context.Context) (took, error) {
		return runOnce(w.command(ctx, w.podtui, podtuiArgs(data, imageName, "--exec", "/bin/true")...), nil, nil)
	}}
	runc, err1 := w.runtime("`runc run`", "runc", root, plain, false)
	crun, err2 := w.runtime("`crun run`", "crun", root, pure, false)
	filtered, err3 := w.runtime("`runc run`, default seccomp profile", "runc", root, plain, true)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	runc.mark = mark{must: 1, aim: 0.7}
	podman := w.podman(ctx, root, pure)
	podman.mark = mark{must: 0.25}
	return &measure{
		title: "Starting `/bin/true` from a stored image",
		explanation: "From fork to wait, with the mount and the unmount of the root. CPU is what all processes of it took, in user and kernel mode.\n" +
			"podtui filters system calls by docker's default profile, as podman does; a bundle of `runc spec` has no filter, so the row\n" +
			"with the profile is the one that does the same.",
		rounds: w.rounds, warm: 2, cpu: true,
		contestants: []*contestant{podtui, runc, crun, filtered, podman},
	}, nil
}

// runtime is an OCI runtime with a bundle of its own.
func (w *workshop) runtime(name, program, lower string, in *namespace, filtered bool) (*contestant, error) {
	dir := "bundle-" + program
	if filtered {
		dir += "-filtered"
	}
	b, err := w.newBundle(dir, lower, in, filtered)
	if err != nil {
		return nil, err
	}
	return &contestant{
		name: name, absent: lacking(program, program), peer: true,
		once: func(ctx context.Context) (took, error) { return b.run(ctx, w, program) },
	}, nil
}
