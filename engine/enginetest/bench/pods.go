package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	runningPods = 20
	endedPods   = 1_000
)

// preparePods asks how long a list of pods takes to be printed, and what memory
// each running pod has of its own.
func preparePods(ctx context.Context, w *workshop) (*measure, error) {
	data, root, err := w.stored(ctx, "pods")
	if err != nil {
		return nil, err
	}
	twice := w.path("pods-twice")
	if err := w.fillPods(ctx, data, endedPods); err != nil {
		return nil, err
	}
	if _, err := w.call(ctx, "cp", "-a", data, twice); err != nil {
		return nil, err
	}
	if err := w.copyPods(ctx, twice, endedPods); err != nil {
		return nil, err
	}
	var pids []int
	for range runningPods {
		_, left, err := w.detached(ctx, w.podtui, podtuiArgs(data, "--detach", imageName, "--exec", "/bin/sleep", "--", "100000")...)
		if err != nil {
			return nil, err
		}
		pids = append(pids, left...)
	}
	w.atEnd(func() error { return endPods(pids) })
	return &measure{
		title:       "Listing pods",
		explanation: "From fork to the end of the process, whose output nobody reads.",
		rounds:      w.rounds, warm: 2, cpu: true,
		after: func(ctx context.Context) (string, error) { return w.resident(ctx, root, pids) },
		contestants: []*contestant{
			{name: fmt.Sprintf("`podtui list`, %d running and %s ended pods", runningPods, thousands(endedPods)), must: true, mark: mark{must: 30}, once: func(ctx context.Context) (took, error) {
				return runOnce(w.command(ctx, w.podtui, "--dir", data, "list"), nil, nil)
			}},
			{name: fmt.Sprintf("`podtui list`, %s ended pods", thousands(2*endedPods)), once: func(ctx context.Context) (took, error) {
				return runOnce(w.command(ctx, w.podtui, "--dir", twice, "list"), nil, nil)
			}},
			w.nothing(ctx),
		},
	}, nil
}

// fillPods runs one pod to its end and makes so many of it.
func (w *workshop) fillPods(ctx context.Context, data string, n int) error {
	if _, err := w.call(ctx, w.podtui, podtuiArgs(data, imageName, "--exec", "/bin/true")...); err != nil {
		return err
	}
	return w.copyPods(ctx, data, n-1)
}

// copyPods copies the first pod so many times more. A pod is a folder.
func (w *workshop) copyPods(ctx context.Context, data string, n int) error {
	pods := filepath.Join(data, "pods")
	entries, err := os.ReadDir(pods)
	if err != nil || len(entries) == 0 {
		return errors.Join(err, fmt.Errorf("%s: no pod", pods))
	}
	script := `i=$(($3 * 10000)); n=$(($2 + i)); while [ $i -lt $n ]; do cp -a "$1" "$(printf '%08x-0000-4000-8000-000000000000' $i)"; i=$((i+1)); done`
	cmd := w.command(ctx, "sh", "-c", script, "sh", entries[len(entries)-1].Name(), strconv.Itoa(n), strconv.Itoa(len(entries)))
	cmd.Dir = pods
	return cmd.Run()
}

// resident tells what memory podtui has for each running pod, and what podman
// has for each container.
func (w *workshop) resident(ctx context.Context, root string, pids []int) (string, error) {
	var all []int
	for _, pid := range pids {
		all = append(all, pid)
		all = append(all, initsOf(pid)...)
	}
	own := float64(proportional(all)) / float64(len(pids)) / 1e6
	text := fmt.Sprintf("\nEach of the %d running pods takes %.1f MB (supervisor and init, proportional set size): ≤ 12 MB %s",
		len(pids), own, map[bool]string{true: "met", false: "**missed**"}[own <= 12])
	conmon, err := w.conmon(ctx, root)
	if err != nil {
		return text + "; podman failed: " + oneLine(err.Error()) + ".", nil
	}
	return fmt.Sprintf("%s. podman's conmon takes %.1f MB a container: %.1f ×.", text, conmon, own/conmon), nil
}

// initsOf are the children of a supervisor that are its pod's first process.
func initsOf(supervisor int) (pids []int) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", supervisor))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, field := range strings.Fields(string(text)) {
			pid, _ := strconv.Atoi(field)
			if line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); strings.Contains(string(line), "pod-init") {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// proportional is the memory of some processes, with their part of what they
// share with others.
func proportional(pids []int) (bytes int64) {
	for _, pid := range pids {
		rollup, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		_, rest, _ := strings.Cut(string(rollup), "\nPss:")
		if fields := strings.Fields(rest); len(fields) > 0 {
			kilobytes, _ := strconv.ParseInt(fields[0], 10, 64)
			bytes += kilobytes << 10
		}
	}
	return bytes
}

// conmon is what podman has for each of as many containers.
func (w *workshop) conmon(ctx context.Context, root string) (megabytes float64, err error) {
	pure, err := newNamespace("/sys/fs/cgroup/unified")
	if err != nil {
		return 0, err
	}
	if c := w.podman(ctx, root, pure); c.absent != "" {
		return 0, errors.New(c.absent)
	}
	var all []int
	for range runningPods {
		pure.do(func() {
			var left []int
			_, left, err = w.detached(ctx, "podman", w.podmanArgs("run", "--detach", "--rm", "--network", "host", "--pull", "never",
				"--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "localhost/busybox", "/bin/sleep", "100000")...)
			all = append(all, left...)
		})
		if err != nil {
			break
		}
	}
	bytes := proportional(all)
	pure.do(func() {
		_, rmErr := w.call(ctx, "podman", w.podmanArgs("rm", "--all", "--force", "--time", "0")...)
		err = errors.Join(err, rmErr)
	})
	return float64(bytes) / runningPods / 1e6, errors.Join(err, gone(all))
}

// endPods has supervisors stop their pods. Who kills them leaves cgroups for gc, and
// there is no gc once the data folder is gone.
func endPods(pids []int) error {
	for _, pid := range pids {
		_ = unix.Kill(pid, unix.SIGTERM)
	}
	return gone(pids)
}
