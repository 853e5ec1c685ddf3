package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// took is how long one run of a contestant took, and the time of processors that
// it and all that it started used.
type took struct{ wall, cpu time.Duration }

// runOnce runs a program to its end, between what has to be done before and
// after it within the time. What it prints goes to /dev/null.
func runOnce(cmd *exec.Cmd, before, after func() error) (took, error) {
	used := cpu()
	start := time.Now()
	if before != nil {
		if err := before(); err != nil {
			return took{}, err
		}
	}
	err := cmd.Run()
	if after != nil {
		err = errors.Join(err, after())
	}
	wall := time.Since(start)
	if err := errors.Join(err, settle()); err != nil {
		return took{}, err
	}
	return took{wall, cpu() - used}, nil
}

// peakOf runs a program to its end, and returns how much memory it had at most.
// The kernel's count for children will not do: theirs begins with the most that
// their parent ever had. So it is looked at all the time, which disturbs: this is
// for runs that nobody times.
func peakOf(cmd *exec.Cmd) (peak int64, err error) {
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			return peak, errors.Join(err, settle())
		case <-time.After(2 * time.Millisecond):
			peak = max(peak, highWater(cmd.Process.Pid))
		}
	}
}

// highWater is the most memory that a process has had so far.
func highWater(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0 // it has ended
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, _ := strconv.ParseInt(fields[0], 10, 64)
	return kilobytes << 10
}

// cpu is what all processes used that we have waited for.
func cpu() time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_CHILDREN, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// servants are processes that live as long as the workshop.
var servants = make(map[int]bool)

// settle waits until nothing that was started runs any more, but for servants:
// what a program left behind would else be paid for by the next one.
func settle() error {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		running, err := children()
		if err != nil || len(running) == 0 {
			return err
		}
		for _, pid := range running {
			if _, err := unix.Wait4(pid, nil, unix.WNOHANG, nil); err != nil && !errors.Is(err, unix.EINTR) && !errors.Is(err, unix.ECHILD) {
				return err
			}
		}
		time.Sleep(200 * time.Microsecond)
	}
	return fmt.Errorf("something it started still runs after 10 s")
}

// children lists our children, zombies too, without the servants.
func children() (pids []int, err error) {
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		return nil, err
	}
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, field := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil && !servants[pid] {
				pids = append(pids, pid)
			}
		}
	}
	return pids, nil
}

// call runs a program that is only part of a preparation, and returns what it
// prints.
func (w *workshop) call(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = w.env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := errors.Join(cmd.Run(), settle()); err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, lastLine(stderr.Bytes()))
	}
	return stdout.String(), nil
}

func lastLine(text []byte) []byte {
	text = bytes.TrimSpace(text)
	return text[bytes.LastIndexByte(text, '\n')+1:]
}

// command is a program as it is measured.
func (w *workshop) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = w.env
	return cmd
}
