package main

import (
	"context"
	"fmt"
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
	podtui := func(name string, flags ...string) *contestant {
		return &contestant{name: name, must: true, once: func(ctx context.Context) (t took, err error) {
			args := append(flags, imageName, "--exec", "/bin/true")
			h.do(func() { t, err = runOnce(w.command(ctx, w.podtui, podtuiArgs(data, args...)...), nil, nil) })
			return t, err
		}}
	}
	private, plain := podtui("`podtui --batch run --private-net`", "--private-net"), podtui("`podtui --batch run`")
	port := podtui("`podtui --batch run --private-net --port=…`", "--private-net", "--port=service:8080")
	bridge, none := w.podmanNetwork(ctx, root, h, "bridge"), w.podmanNetwork(ctx, root, h, "host")
	return &measure{
		title: "Starting with a private network",
		explanation: "`/bin/true` from a stored image, with a link, an address, a route and masquerading, and all of it gone at the end. The host is\n" +
			"a network namespace. podman's bridge is the like. ",
		rounds: w.rounds, warm: 2, cpu: true,
		after: func(context.Context) (string, error) {
			text := fmt.Sprintf("Private networking adds %s, by podtui: %s; with a port %s;\nby podman %s.",
				milliseconds(added(private, plain)), verdict(added(private, plain).Seconds()*1000, 10, "ms"), milliseconds(added(port, plain)), addedOrNot(bridge, none))
			return text, nil
		},
		contestants: []*contestant{private, plain, port, bridge, none},
	}, nil
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
