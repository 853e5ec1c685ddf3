package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
)

const networked = 40 // pods that ask for an address at the same time

// prepareAddresses asks how long it takes until many pods that are started at once run,
// each with an address of its own.
func prepareAddresses(ctx context.Context, w *workshop) (*measure, error) {
	data, _, err := w.stored(ctx, "network-together")
	if err != nil {
		return nil, err
	}
	h, err := w.newHost(ctx)
	if err != nil {
		return nil, err
	}
	fewest := networked
	once := func(flags ...string) func(context.Context) (took, error) {
		return func(ctx context.Context) (t took, err error) {
			h.do(func() {
				var addresses int
				t, addresses, err = w.manyAtOnce(ctx, data, flags)
				if len(flags) > 0 {
					fewest = min(fewest, addresses)
				}
			})
			return t, err
		}
	}
	return &measure{
		title:       fmt.Sprintf("%d pods with private networks at once", networked),
		explanation: "From the first fork until all are detached and run. ",
		rounds:      min(w.rounds, 10), warm: 1, cpu: true,
		after: func(context.Context) (string, error) {
			return fmt.Sprintf("In each round %d of %d pods, or more, had an address that no other had.", fewest, networked), nil
		},
		contestants: []*contestant{
			{name: fmt.Sprintf("%d `podtui --batch run --detach --private-net` at once", networked), must: true, once: once("--private-net")},
			{name: fmt.Sprintf("%d `podtui --batch run --detach` at once", networked), must: true, peer: true, once: once()},
		},
	}, nil
}

// manyAtOnce starts pods at the same time, counts the addresses that they have between
// them, and ends them.
func (w *workshop) manyAtOnce(ctx context.Context, data string, flags []string) (t took, addresses int, err error) {
	args := append(append([]string{"--detach"}, flags...), imageName, "--exec", "/bin/sleep", "--", "100000")
	var left []int
	waited := 0
	t, err = atOnce(networked, func(int) *exec.Cmd { return w.command(ctx, w.podtui, podtuiArgs(data, args...)...) }, nil, func(int) (err error) {
		if waited++; waited == networked { // now the supervisors are ours
			left, err = children()
			for _, pid := range left {
				servants[pid] = true
			}
		}
		return err
	})
	pods, listErr := w.listed(ctx, data)
	remove := []string{"--dir", data, "rm", "--force"}
	distinct := make(map[string]bool)
	for _, pod := range pods {
		remove = append(remove, pod.UUID)
		for _, network := range pod.Networks {
			if network.IP != "" {
				distinct[network.IP] = true
			}
		}
	}
	_, rmErr := w.call(ctx, w.podtui, remove...)
	return t, len(distinct), errors.Join(err, listErr, rmErr, gone(left))
}

// listedPod is a pod as "podtui list" tells of it.
type listedPod struct {
	UUID     string `json:"uuid"`
	Networks []struct {
		IP   string `json:"ip"`
		Link string `json:"link"`
	} `json:"networks"`
	Apps []struct {
		PID int `json:"pid"`
	} `json:"apps"`
}

func (w *workshop) listed(ctx context.Context, data string) (pods []listedPod, err error) {
	listed, err := w.call(ctx, w.podtui, "--dir", data, "list", "--format=json")
	if err != nil {
		return nil, err
	}
	return pods, json.Unmarshal([]byte(listed), &pods)
}
