package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
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

// cpu is what all processes used that we have waited for.
func cpu() time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_CHILDREN, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// settle waits until nothing that was started runs any more: what a program
// left behind would else be paid for by the next one.
func settle() error {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
		switch {
		case errors.Is(err, unix.ECHILD):
			return nil
		case err != nil && !errors.Is(err, unix.EINTR):
			return err
		case pid == 0:
			time.Sleep(200 * time.Microsecond)
		}
	}
	return fmt.Errorf("something it started still runs after 10 s")
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
