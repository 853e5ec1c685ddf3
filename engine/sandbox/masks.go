package sandbox

import "github.com/opencontainers/runc/libcontainer/configs"

// mask hides what apps have no business with, and makes read-only what is the
// whole host's: all that runc and podman do. What a kernel doesn't have is passed
// over.
func mask(config *configs.Config) {
	config.MaskPaths = []string{
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
		"/sys/dev/block", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/fs/selinux",
	}
	config.ReadonlyPaths = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
}
