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
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// took is how long one run of a contestant took, and the time of processors that
// it and all that it started used.
type took struct {
	wall, cpu time.Duration
	peak      int64 // bytes of memory that the program itself had at most
}

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
	t := took{wall: wall, cpu: cpu() - used}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		t.peak = usage.Maxrss << 10
	}
	return t, nil
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
