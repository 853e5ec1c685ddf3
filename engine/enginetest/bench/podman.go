package main

import (
	"context"
	"os/exec"
)

// podman is podman with a storage of its own, on the same tmpfs, and with the
// same content. Its overlay is in its time anyway, and its runtime is its
// default one, which is crun where that is installed.
func (w *workshop) podman(ctx context.Context, root string, in *namespace) *contestant {
	c := &contestant{name: "`podman run --rm`", absent: lacking("podman", "podman"), peer: true}
	if c.absent != "" {
		return c
	}
	archive := w.path("rootfs.tar")
	_, err := w.call(ctx, "tar", "-C", root, "-cf", archive, ".")
	if err == nil {
		in.do(func() {
			_, err = w.call(ctx, "podman", w.podmanArgs("import", "--quiet", archive, "localhost/busybox")...)
		})
	}
	if err != nil {
		c.absent = "failed: " + oneLine(err.Error())
	}
	args := w.podmanArgs("run", "--rm", "--network", "host", "--uts", "private", "--pull", "never",
		"--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "localhost/busybox", "/bin/true")
	c.once = func(ctx context.Context) (t took, err error) {
		in.do(func() { t, err = runOnce(w.podmanCommand(ctx, args), nil, nil) })
		return t, err
	}
	return c
}

func (w *workshop) podmanArgs(command string, args ...string) []string {
	return append([]string{
		"--root", w.path("podman", "root"), "--runroot", w.path("podman", "run"), "--tmpdir", w.path("podman", "tmp"),
		"--cgroup-manager", "cgroupfs", "--events-backend", "file", "--storage-driver", "overlay", command,
	}, args...)
}

func (w *workshop) podmanCommand(ctx context.Context, args []string) *exec.Cmd {
	return w.command(ctx, "podman", args...)
}
