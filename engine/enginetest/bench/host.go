package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// host is a network of its own that is a host to pods: with an uplink to an outside,
// which knows the host's address and no other.
type host struct {
	*namespace

	outside *namespace
}

const (
	hostIP    = "198.51.100.2"
	outsideIP = "198.51.100.1"
)

// newHost makes a host, and hides some mounts of this one from it.
func (w *workshop) newHost(ctx context.Context, without ...string) (*host, error) {
	own := func() error { return errors.Join(unshareNet(), unshareMounts(without)) }
	inside, err := live(own)
	if err != nil {
		return nil, err
	}
	outside, err := live(own)
	if err != nil {
		return nil, err
	}
	h := &host{inside, outside}
	return h, errors.Join(
		w.ip(ctx, inside, "link set lo up", fmt.Sprintf("link add uplink0 type veth peer name uplink0 netns %d", outside.thread),
			"address add "+hostIP+"/24 dev uplink0", "link set uplink0 up", "route add default via "+outsideIP),
		w.ip(ctx, outside, "link set lo up", "address add "+outsideIP+"/24 dev uplink0", "link set uplink0 up"),
	)
}

func unshareNet() error { return os.NewSyscallError("unshare", unix.Unshare(unix.CLONE_NEWNET)) }

// ip does in a network what is to be done by hand.
func (w *workshop) ip(ctx context.Context, in *namespace, commands ...string) (err error) {
	if lack := lacking("ip", "iproute2"); lack != "" {
		return errors.New(lack)
	}
	in.do(func() {
		for _, command := range commands {
			if err == nil {
				_, err = w.call(ctx, "ip", strings.Fields(command)...)
			}
		}
	})
	return err
}

// netOf is the network of a process.
func netOf(pid string) (*namespace, error) {
	return live(func() error {
		file, err := os.Open("/proc/" + pid + "/ns/net")
		if err != nil {
			return err
		}
		defer file.Close()
		return os.NewSyscallError("setns", unix.Setns(int(file.Fd()), unix.CLONE_NEWNET))
	})
}
