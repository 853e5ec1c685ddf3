package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/opencontainers/cgroups"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// cpuPeriod is what a share of processor time is a share of, in microseconds: the
// kernel's own default.
const cpuPeriod = 100_000

// cgroupHost is what this host has of cgroups.
type cgroupHost struct {
	all      []hierarchy
	unusable error // none can be made, and why
}

func lookAtHost() cgroupHost {
	all, err := hierarchies()
	if err == nil && len(all) == 0 {
		err = errors.New("no cgroups are mounted on " + cgroupRoot)
	}
	for _, h := range all {
		if accessErr := unix.Access(h.path, unix.W_OK); accessErr != nil && err == nil {
			err = fmt.Errorf("cgroups can't be made in %s: %w", h.path, accessErr)
		}
	}
	return cgroupHost{all: all, unusable: err}
}

// Limited returns nil, or why this host runs pods without a limit of memory, of
// processor time or of processes.
func Limited() error {
	host := lookAtHost()
	for _, controller := range []string{"memory", "cpu", "pids"} {
		if _, err := host.holder(controller); err != nil {
			return err
		}
	}
	return nil
}

// setting is a limit as a file of a cgroup takes it.
type setting struct {
	limit    string // as people call it
	file     string
	value    string
	optional bool // a host without the file has nothing of what it limits
}

// settings are limits in the order in which they are to be written.
type settings []setting

func (s *settings) add(limit, file string, value int64) {
	if value > 0 {
		*s = append(*s, setting{limit: limit, file: file, value: strconv.FormatInt(value, 10)})
	}
}

// controllers are those that hold limits, by v1's names.
func controllers() []string { return []string{"memory", "cpu", "blkio", "pids"} }

// limitsOf are the limits that one controller holds.
func limitsOf(controller string, l spec.Limits, unified bool) settings {
	switch {
	case controller == "memory" && unified:
		return memoryOfV2(l)
	case controller == "memory":
		return memoryOfV1(l)
	case controller == "cpu" && unified:
		return cpuOfV2(l)
	case controller == "cpu":
		return cpuOfV1(l)
	case controller == "pids":
		var s settings
		s.add("pids", "pids.max", l.PIDs)
		return s
	case unified:
		return blocksOfV2(l, devicesFor(l))
	}
	return blocksOfV1(l, devicesFor(l))
}

// memoryOfV1 limits memory and swap together: an app that swaps is not held by its
// limit. v1 has to be told as it boots that it is to count swap.
func memoryOfV1(l spec.Limits) (s settings) {
	s.add("memory", "memory.limit_in_bytes", l.Memory)
	if l.Memory > 0 {
		s = append(s, setting{"memory", "memory.memsw.limit_in_bytes", strconv.FormatInt(l.Memory, 10), true})
	}
	s.add("memory request", "memory.soft_limit_in_bytes", l.MemoryRequest)
	return s
}

func memoryOfV2(l spec.Limits) (s settings) {
	s.add("memory", "memory.max", l.Memory)
	if l.Memory > 0 {
		s = append(s, setting{"memory", "memory.swap.max", "0", true})
	}
	s.add("memory request", "memory.low", l.MemoryRequest)
	return s
}

func cpuOfV1(l spec.Limits) (s settings) {
	if l.CPU > 0 {
		s.add("cpu", "cpu.cfs_period_us", cpuPeriod)
	}
	s.add("cpu", "cpu.cfs_quota_us", l.CPU*cpuPeriod/1000)
	s.add("cpu shares", "cpu.shares", l.CPUShares)
	return s
}

func cpuOfV2(l spec.Limits) (s settings) {
	if l.CPU > 0 {
		s = append(s, setting{limit: "cpu", file: "cpu.max", value: fmt.Sprintf("%d %d", l.CPU*cpuPeriod/1000, cpuPeriod)})
	}
	s.add("cpu shares", "cpu.weight", int64(cgroups.ConvertCPUSharesToCgroupV2Value(uint64(l.CPUShares))))
	return s
}

// blocksOfV1 takes a line a device. v1 does not count what is written by way of the
// page cache.
func blocksOfV1(l spec.Limits, devices []string) (s settings) {
	for _, device := range devices {
		for _, way := range [...]string{"read", "write"} {
			s.addRate("block bandwidth", "blkio.throttle."+way+"_bps_device", device, l.BlockBandwidth)
			s.addRate("block operations", "blkio.throttle."+way+"_iops_device", device, l.BlockIOPS)
		}
	}
	return s
}

func (s *settings) addRate(limit, file, device string, rate int64) {
	if rate > 0 {
		*s = append(*s, setting{limit: limit, file: file, value: fmt.Sprintf("%s %d", device, rate)})
	}
}

func blocksOfV2(l spec.Limits, devices []string) (s settings) {
	var limits []string
	rates := ""
	if n := l.BlockBandwidth; n > 0 {
		limits, rates = append(limits, "block bandwidth"), rates+fmt.Sprintf(" rbps=%d wbps=%d", n, n)
	}
	if n := l.BlockIOPS; n > 0 {
		limits, rates = append(limits, "block operations"), rates+fmt.Sprintf(" riops=%d wiops=%d", n, n)
	}
	for _, device := range devices {
		s = append(s, setting{limit: strings.Join(limits, ", "), file: "io.max", value: device + rates})
	}
	return s
}

func devicesFor(l spec.Limits) []string {
	if l.BlockBandwidth == 0 && l.BlockIOPS == 0 {
		return nil
	}
	return blockDevices("/sys/block")
}

// blockDevices are the host's disks that have room, as MAJOR:MINOR.
func blockDevices(folder string) []string {
	entries, _ := os.ReadDir(folder)
	var devices []string
	for _, entry := range entries {
		at := filepath.Join(folder, entry.Name())
		number, err := os.ReadFile(filepath.Join(at, "dev"))
		if err == nil && readNumber(filepath.Join(at, "size")) > 0 {
			devices = append(devices, strings.TrimSpace(string(number)))
		}
	}
	return devices
}

// unheld are limits that this host doesn't hold, and why.
type unheld struct {
	limits []string
	err    error // of the first
}

func (u *unheld) add(limit string, err error) {
	if slices.Contains(u.limits, limit) {
		return
	}
	u.limits = append(u.limits, limit)
	if u.err == nil {
		u.err = err
	}
}

// warning is empty if all are held. Whose limits they are is said before it.
func (u *unheld) warning() string {
	if len(u.limits) == 0 {
		return ""
	}
	return fmt.Sprintf("limit of %s is not held by this host: %v", strings.Join(u.limits, ", "), u.err)
}

// confine writes limits into a cgroup, which is made if need be.
func (host cgroupHost) confine(cgroup string, l spec.Limits) (u unheld) {
	for _, controller := range controllers() {
		if limitsOf(controller, l, true) == nil {
			continue
		}
		h, err := host.holder(controller)
		if err == nil {
			err = h.open(cgroup, controller)
		}
		for _, s := range limitsOf(controller, l, h.unified) {
			writeErr := err
			if err == nil {
				writeErr = s.write(h.folder(cgroup))
			}
			if writeErr != nil {
				u.add(s.limit, writeErr)
			}
		}
	}
	return u
}

// holder is the hierarchy in which a controller is: v1's, if it has one.
func (host cgroupHost) holder(controller string) (hierarchy, error) {
	if host.unusable != nil {
		return hierarchy{}, host.unusable
	}
	for _, h := range host.all {
		if h.has(h.nameOf(controller)) {
			return h, nil
		}
	}
	return hierarchy{}, fmt.Errorf("its cgroups have no controller %s here", controller)
}

func (s setting) write(folder string) error {
	file, err := os.OpenFile(filepath.Join(folder, s.file), os.O_WRONLY, 0)
	if s.optional && errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.file, errors.Unwrap(err))
	}
	defer file.Close()
	if _, err := file.WriteString(s.value); err != nil {
		return fmt.Errorf("%s: %w", s.file, errors.Unwrap(err))
	}
	return nil
}
