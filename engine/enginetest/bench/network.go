package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// podPort is where apps of the bench's image listen, by its word for it: service.
const podPort = 5000

// prepareNetwork asks what a private network adds to a start.
func prepareNetwork(ctx context.Context, w *workshop) (*measure, error) {
	data, root, err := w.stored(ctx, "network-start")
	if err != nil {
		return nil, err
	}
	h, err := w.newHost(ctx, "/sys/fs/cgroup/unified")
	if err != nil {
		return nil, err
	}
	whole := func(name string, flags ...string) *contestant {
		return &contestant{name: "`podtui --batch run" + name + "`", must: true, once: func(ctx context.Context) (t took, err error) {
			args := append(flags, imageName, "--exec", "/bin/true")
			h.do(func() { t, err = runOnce(w.command(ctx, w.podtui, podtuiArgs(data, args...)...), nil, nil) })
			return t, err
		}}
	}
	start := func(name string, flags ...string) *contestant {
		return &contestant{name: "`podtui --batch run --detach" + name + "`", must: true, once: func(ctx context.Context) (t took, err error) {
			h.do(func() { t, err = w.startAndEnd(ctx, data, flags) })
			return t, err
		}}
	}
	own, ports := []string{"--private-net"}, []string{"--private-net", "--port=service:" + strconv.Itoa(hostPort)}
	private, plain, port := whole(" --private-net", own...), whole(""), whole(" --private-net --port=…", ports...)
	startsPrivate, startsPlain, startsPort := start(" --private-net", own...), start(""), start(" --private-net --port=…", ports...)
	bridge, none := w.podmanNetwork(ctx, root, h, "bridge"), w.podmanNetwork(ctx, root, h, "host")
	return &measure{
		title: "Starting with a private network",
		explanation: "`/bin/true` from a stored image, to the end of the process: with a link, an address, a route and masquerading, and all of it gone\n" +
			"again. Of what is detached, until its app runs. The host is a network namespace. podman's bridge is the like.\n",
		rounds: w.rounds, warm: 2, cpu: true,
		after: func(context.Context) (string, error) {
			return fmt.Sprintf("A private network adds %s until the app runs: %s; %s to a whole run. With a port it adds %s and %s.\nTo a whole run of podman's its bridge adds %s.",
				milliseconds(added(startsPrivate, startsPlain)), verdict(added(startsPrivate, startsPlain).Seconds()*1000, 10, "ms"), milliseconds(added(private, plain)),
				milliseconds(added(startsPort, startsPlain)), milliseconds(added(port, plain)), addedOrNot(bridge, none)), nil
		},
		contestants: []*contestant{private, plain, port, startsPrivate, startsPlain, startsPort, bridge, none},
	}, nil
}

// startAndEnd takes the time of a start alone.
func (w *workshop) startAndEnd(ctx context.Context, data string, flags []string) (took, error) {
	args := append(append([]string{"--detach"}, flags...), imageName, "--exec", "/bin/sleep", "--", "100000")
	used, begin := cpu(), time.Now()
	uuid, left, err := w.detached(ctx, w.podtui, podtuiArgs(data, args...)...)
	t := took{time.Since(begin), cpu() - used}
	_, rmErr := w.call(ctx, w.podtui, "--dir", data, "rm", "--force", uuid)
	return t, errors.Join(err, rmErr, gone(left))
}

// added is by how much the median of one is more than that of another.
func added(one, other *contestant) time.Duration { return median(one.wall) - median(other.wall) }

func addedOrNot(one, other *contestant) string {
	if one.absent != "" || other.absent != "" {
		return "nothing that could be measured"
	}
	return milliseconds(added(one, other))
}

// podmanNetwork is podman with one of its networks, on a host.
func (w *workshop) podmanNetwork(ctx context.Context, root string, h *host, network string) *contestant {
	c := w.podman(ctx, root, h.namespace)
	c.name = "`podman run --rm --network=" + network + "`"
	args := w.podmanArgs("run", "--rm", "--network", network, "--uts", "private", "--pull", "never",
		"--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "localhost/busybox", "/bin/true")
	args = append([]string{"--network-config-dir", w.path("podman", "networks")}, args...)
	c.once = func(ctx context.Context) (t took, err error) {
		h.do(func() { t, err = runOnce(w.podmanCommand(ctx, args), nil, nil) })
		return t, err
	}
	return c
}
