package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

const (
	poured   = 512  // megabytes of a round: half of them each way
	hostPort = 8080 // that leads to a pod's podPort
	sinkPort = 9000 // on the host
)

// networkedPod is a pod's network, or one that was made by hand, beside its host.
type networkedPod struct {
	*namespace

	host     *host
	ip, peer netip.Addr // of the pod and of the host's end of its link
}

// prepareOut asks how fast a pod and its host talk.
func prepareOut(ctx context.Context, w *workshop) (*measure, error) {
	return w.compareStreams(ctx, "network-out", &measure{
		title:       "Between a pod and its host",
		explanation: "%d MB over TCP, half of them each way, between a process in the pod and one on the host, by their link.\n",
	}, func(pod *networkedPod) (net.Listener, func() (net.Conn, error), error) {
		address := netip.AddrPortFrom(pod.peer, sinkPort)
		sink, err := pod.host.listen(address)
		return sink, func() (net.Conn, error) { return pod.dial(address) }, err
	})
}

// preparePort asks how fast somebody outside and a pod talk by a published port.
func preparePort(ctx context.Context, w *workshop) (*measure, error) {
	return w.compareStreams(ctx, "network-port", &measure{
		title:       "Through a published port",
		explanation: "%d MB over TCP, half of them each way, between a process outside of the host and one in the pod, by a port of the host.\n",
	}, func(pod *networkedPod) (net.Listener, func() (net.Conn, error), error) {
		sink, err := pod.listen(netip.AddrPortFrom(pod.ip, podPort))
		return sink, func() (net.Conn, error) {
			return pod.host.outside.dial(netip.AddrPortFrom(netip.MustParseAddr(hostIP), hostPort))
		}, err
	})
}

// path makes the two ends of a stream.
type path func(*networkedPod) (net.Listener, func() (net.Conn, error), error)

func (w *workshop) compareStreams(ctx context.Context, data string, m *measure, by path) (*measure, error) {
	podtui, err1 := w.podtuiPod(ctx, data)
	hand, err2 := w.handmadePod(ctx)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	for _, c := range []struct {
		*contestant
		pod *networkedPod
	}{
		{&contestant{name: "`podtui run --private-net`"}, podtui},
		{&contestant{name: "the same path by hand, with `ip` and `nft`", peer: true, mark: mark{must: 1.1}}, hand},
	} {
		sink, dial, err := by(c.pod)
		if err != nil {
			return nil, err
		}
		w.atEnd(sink.Close)
		c.must, c.once = true, func(context.Context) (took, error) { return stream(sink, dial, poured<<20/2) }
		m.contestants = append(m.contestants, c.contestant)
	}
	m.explanation = fmt.Sprintf(m.explanation, poured)
	m.rounds, m.warm, m.cpu = w.rounds, 2, true
	m.after = func(context.Context) (string, error) {
		rate := func(c *contestant) float64 { return poured * 8 * (1 << 20) / median(c.wall).Seconds() / 1e9 }
		return fmt.Sprintf("podtui: %.1f Gbit/s; by hand: %.1f Gbit/s.", rate(m.contestants[0]), rate(m.contestants[1])), nil
	}
	return m, nil
}

// podtuiPod is a pod that runs until the bench ends.
func (w *workshop) podtuiPod(ctx context.Context, name string) (*networkedPod, error) {
	data, _, err := w.stored(ctx, name)
	if err != nil {
		return nil, err
	}
	h, err := w.newHost(ctx)
	if err != nil {
		return nil, err
	}
	h.do(func() {
		var left []int
		_, left, err = w.detached(ctx, w.podtui, podtuiArgs(data, "--detach", "--private-net", "--port=service:"+strconv.Itoa(hostPort),
			imageName, "--exec", "/bin/sleep", "--", "100000")...)
		w.atEnd(func() error { return endPods(left) })
	})
	if err != nil {
		return nil, err
	}
	pods, err := w.listed(ctx, data)
	if err != nil || len(pods) != 1 || len(pods[0].Networks) != 1 || len(pods[0].Apps) != 1 {
		return nil, errors.Join(err, fmt.Errorf("no running pod with a network is listed"))
	}
	ip, err := netip.ParseAddr(pods[0].Networks[0].IP)
	if err != nil {
		return nil, err
	}
	inside, err := netOf(strconv.Itoa(pods[0].Apps[0].PID))
	return &networkedPod{inside, h, ip, ip.Prev()}, err
}

// handmadeRules are what leads a port to the pod and lets the pod out.
const handmadeRules = `
table ip handmade {
	chain port {
		type nat hook prerouting priority dstnat
		fib daddr type local tcp dport 8080 dnat to 172.16.28.1:5000
	}
	chain own {
		type nat hook output priority -100
		fib daddr type local tcp dport 8080 dnat to 172.16.28.1:5000
	}
	chain leave {
		type nat hook postrouting priority srcnat
		ip saddr 172.16.28.0/24 ip daddr != 172.16.28.0/24 masquerade
	}
}
`

// handmadePod is what one would make by hand in place of podtuiPod.
func (w *workshop) handmadePod(ctx context.Context) (*networkedPod, error) {
	if lack := lacking("nft", "nftables"); lack != "" {
		return nil, errors.New(lack)
	}
	h, err := w.newHost(ctx)
	if err != nil {
		return nil, err
	}
	inside, err := live(unshareNet)
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		w.ip(ctx, h.namespace, fmt.Sprintf("link add hand0 type veth peer name eth0 netns %d", inside.thread), "address add 172.16.28.0/31 dev hand0", "link set hand0 up"),
		w.ip(ctx, inside, "link set lo up", "address add 172.16.28.1/31 dev eth0", "link set eth0 up", "route add default via 172.16.28.0"),
	)
	h.do(func() {
		load := exec.CommandContext(ctx, "nft", "-f", "-")
		load.Stdin = strings.NewReader(handmadeRules)
		if out, nftErr := load.CombinedOutput(); nftErr != nil {
			err = errors.Join(err, fmt.Errorf("nft: %w: %s", nftErr, lastLine(out)))
		}
		err = errors.Join(err, os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0))
	})
	return &networkedPod{inside, h, netip.MustParseAddr("172.16.28.1"), netip.MustParseAddr("172.16.28.0")}, err
}
