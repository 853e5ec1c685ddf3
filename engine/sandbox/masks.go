package sandbox

import "slices"

// What apps have no business with, and what is the whole host's: all that runc and
// podman hide and make read-only. What a kernel doesn't have is passed over.

// hiddenFrom are the paths to hide from an app. A volume over one hides it as well.
func hiddenFrom(app App) []string {
	if app.Isolation.Unmasked {
		return nil
	}
	return slices.DeleteFunc(maskedPaths(), func(masked string) bool {
		return slices.ContainsFunc(app.Mounts, func(m Mount) bool { return within(masked, m.Target) })
	})
}

func readOnlyTo(app App) []string {
	if app.Isolation.Unmasked {
		return nil
	}
	return []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
}

func maskedPaths() []string {
	return []string{
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
		"/sys/dev/block", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/fs/selinux",
	}
}
