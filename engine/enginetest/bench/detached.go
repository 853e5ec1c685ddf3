package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// detached starts something that outlives the program that starts it, and returns
// what that prints. What is left runs as a servant, until gone.
func (w *workshop) detached(ctx context.Context, name string, args ...string) (printed string, left []int, err error) {
	cmd := w.command(ctx, name, args...)
	out, err := cmd.Output()
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", name, err)
	}
	left, err = children()
	for _, pid := range left {
		servants[pid] = true
	}
	return strings.TrimSpace(string(out)), left, err
}

// gone waits for servants that have ended, or are about to.
func gone(pids []int) error {
	var errs []error
	for _, pid := range pids {
		if _, err := unix.Wait4(pid, nil, 0, nil); err != nil && !errors.Is(err, unix.ECHILD) {
			errs = append(errs, os.NewSyscallError("wait4", err))
		}
		delete(servants, pid)
	}
	return errors.Join(errs...)
}

// stored is a data folder that has the busybox image.
func (w *workshop) stored(ctx context.Context, name string) (data, root string, err error) {
	root, err = w.busybox()
	if err != nil {
		return "", "", err
	}
	image, err := w.pack(ctx, root, imageName)
	if err != nil {
		return "", "", err
	}
	data = w.path(name)
	_, err = w.call(ctx, w.podtui, "--dir", data, "--batch", "--insecure-skip-verify", "fetch", image)
	return data, root, err
}

// podtuiArgs are the words of a run of the stored image.
func podtuiArgs(data string, args ...string) []string {
	return append([]string{"--dir", data, "--batch", "--insecure-skip-verify", "run"}, args...)
}
