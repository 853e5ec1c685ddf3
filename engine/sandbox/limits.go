package sandbox

import (
	"errors"
	"fmt"
	"slices"

	"github.com/opencontainers/cgroups"
	"github.com/sirupsen/logrus"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// cpuPeriod is what a share of processor time is a share of, in microseconds: the
// kernel's own default.
const cpuPeriod = 100_000

// confine adds the limits that this host can hold to what libcontainer sets.
func confine(r *cgroups.Resources, l spec.Limits, host cgroupHost) {
	if l.Memory > 0 && host.memory {
		// Memory and swap together: an app that swaps is not held by its limit.
		r.Memory, r.MemorySwap = l.Memory, l.Memory
		if !host.swap {
			r.MemorySwap = 0
		}
	}
	if l.CPU > 0 && host.cpu {
		r.CpuPeriod, r.CpuQuota = cpuPeriod, l.CPU*cpuPeriod/1000
	}
}

// cgroupHost is what the cgroups of this host are good for.
type cgroupHost struct {
	unusable error // none can be made, and why
	memory   bool  // memory can be limited,
	swap     bool  // with swap,
	cpu      bool  // and processor time
}

func lookAtHost() cgroupHost {
	all, err := hierarchies()
	if err != nil {
		return cgroupHost{unusable: err}
	}
	return whatIsGoodFor(all)
}

func whatIsGoodFor(all []hierarchy) cgroupHost {
	if len(all) == 0 {
		return cgroupHost{unusable: errors.New("no cgroups are mounted on " + cgroupRoot)}
	}
	var host cgroupHost
	for _, h := range all {
		if err := unix.Access(h.path, unix.W_OK); err != nil {
			return cgroupHost{unusable: fmt.Errorf("cgroups can't be made in %s: %w", h.path, err)}
		}
		if h.unified && len(all) > 1 {
			continue // beside v1 it holds processes, and limits nothing
		}
		host.memory = host.memory || h.has("memory")
		host.cpu = host.cpu || h.has("cpu")
		host.swap = host.swap || h.limitsSwap()
	}
	return host
}

// limitsSwap: v2 does where there is swap, and libcontainer asks it; v1 has to be
// told to as it boots.
func (h hierarchy) limitsSwap() bool {
	return h.unified || slices.Contains(h.controllers, "memory") &&
		unix.Access(h.folder("memory.memsw.limit_in_bytes"), unix.F_OK) == nil
}

// Limited returns nil, or why this host runs pods without limits, or without one
// of them.
func Limited() error {
	host := lookAtHost()
	switch {
	case host.unusable != nil:
		return host.unusable
	case !host.memory && !host.cpu:
		return errors.New("the host's cgroups limit neither memory nor cpu here")
	case !host.memory:
		return errors.New("the host's cgroups don't limit memory here")
	case !host.cpu:
		return errors.New("the host's cgroups don't limit cpu here")
	}
	return nil
}

// withoutCgroups hides the cgroups that can't be written behind v2's, read-only,
// in the mount namespace of this process: libcontainer runs without cgroups only
// where it finds those of v2, and sees that it can't make one.
func withoutCgroups() error {
	logrus.SetLevel(logrus.ErrorLevel) // libcontainer warns of what is done here on purpose
	fs, err := unix.Fsopen("cgroup2", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(fs)
	if err := unix.FsconfigCreate(fs); err != nil {
		return explain(fs, err)
	}
	// Of the mount alone: the file system is the one that the host has.
	const readOnly = unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC
	mount, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, readOnly)
	if err != nil {
		return explain(fs, err)
	}
	defer unix.Close(mount)
	return unix.MoveMount(mount, "", unix.AT_FDCWD, cgroupRoot, unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// cgroupsAreHidden tells whether withoutCgroups was there.
func cgroupsAreHidden() bool {
	var stat unix.Statfs_t
	err := unix.Statfs(cgroupRoot, &stat)
	return err == nil && stat.Type == unix.CGROUP2_SUPER_MAGIC && stat.Flags&unix.ST_RDONLY != 0
}
