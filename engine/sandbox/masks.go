package sandbox

import (
	"slices"

	"github.com/opencontainers/runc/libcontainer/configs"
)

// mask hides what apps have no business with, and makes read-only what is the
// whole host's: all that runc and podman do. What a kernel doesn't have is passed
// over.
func mask(config *configs.Config, volumes []Mount) {
	config.MaskPaths = slices.DeleteFunc(maskedPaths(), func(masked string) bool {
		return slices.ContainsFunc(volumes, func(m Mount) bool { return within(masked, m.Target) }) // which hides it as well
	})
	config.ReadonlyPaths = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
}

func maskedPaths() []string {
	return []string{
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
		"/sys/dev/block", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/fs/selinux",
	}
}
