package network

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// A podtui that is killed takes the plugin with it that it has called, but not what
// that has called: one that still takes an address would do it after the address was
// given back. All of them have the marker open, with a lock on it.

// lock has the lock held by all that are called, until the last of them ends.
func (p *plugins) lock() error {
	if err := unix.Flock(int(p.alive.Fd()), unix.LOCK_SH); err != nil {
		return fmt.Errorf("network %q: %w", p.network, err)
	}
	return nil
}

const (
	endSoon  = 100 * time.Millisecond // by itself
	endAtAll = 10 * time.Second
)

// awaitLost waits until nothing runs any more of what a podtui that is no more has
// called, and ends what doesn't end by itself.
func (p *plugins) awaitLost(ctx context.Context) error {
	for began := time.Now(); ; {
		err := unix.Flock(int(p.alive.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return p.lock()
		case !errors.Is(err, unix.EWOULDBLOCK):
			return fmt.Errorf("network %q: %w", p.network, err)
		case time.Since(began) > endAtAll:
			return fmt.Errorf("network %q: a plugin of an earlier start has not ended yet", p.network)
		case time.Since(began) > endSoon:
			p.endLost()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// endLost kills all other processes that have the marker open.
func (p *plugins) endLost() {
	marker, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", p.alive.Fd()))
	if err != nil {
		return
	}
	has := func(process string) bool {
		descriptors, _ := filepath.Glob(process + "/fd/*")
		for _, descriptor := range descriptors {
			if to, err := os.Readlink(descriptor); err == nil && to == marker {
				return true
			}
		}
		return false
	}
	processes, _ := filepath.Glob("/proc/[1-9]*")
	for _, process := range processes {
		pid, _ := strconv.Atoi(filepath.Base(process))
		if pid == os.Getpid() || !has(process) {
			continue
		}
		if held, err := os.FindProcess(pid); err == nil {
			if has(process) { // it is still the same
				_ = held.Kill()
			}
			_ = held.Release()
		}
	}
}
