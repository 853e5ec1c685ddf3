package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// workshop is the folder where all is built and run: on a tmpfs, since disks
// have moods.
type workshop struct {
	options
	dir  string
	env  []string
	ends []func() error // of what was started for it
}

func open(o options) (*workshop, error) {
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("containers are started as root: run it as root")
	}
	dir, err := os.MkdirTemp("/dev/shm", "podtui-bench-")
	if err != nil {
		return nil, err
	}
	w := &workshop{options: o, dir: dir}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PODTUI_") && !strings.HasPrefix(variable, "TERM=") {
			w.env = append(w.env, variable)
		}
	}
	w.env = append(w.env, "TERM=xterm-256color")
	// Whoever outlives the process that started it becomes our child, so that
	// we can wait for it.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		w.close()
		return nil, os.NewSyscallError("prctl", err)
	}
	return w, nil
}

// atEnd says how something that was started for the workshop is ended.
func (w *workshop) atEnd(stop func() error) { w.ends = append(w.ends, stop) }

func (w *workshop) close() {
	for _, stop := range w.ends {
		if err := stop(); err != nil {
			fmt.Fprintln(os.Stderr, "bench: left running:", err)
		}
	}
	if err := os.RemoveAll(w.dir); err != nil {
		fmt.Fprintln(os.Stderr, "bench: left behind:", err)
	}
}

// path is a path in the workshop.
func (w *workshop) path(names ...string) string {
	return filepath.Join(append([]string{w.dir}, names...)...)
}
