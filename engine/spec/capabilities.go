package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Capabilities are all that Linux knows (capabilities(7)), in the order of their
// numbers. A kernel may be older.
func Capabilities() []string {
	return []string{
		"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID",
		"CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE",
		"CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
		"CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE",
		"CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE",
		"CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE",
		"CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
		"CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
		"CAP_CHECKPOINT_RESTORE",
	}
}

// DefaultCapabilities are the 14 that ace.md gives an app without isolators
// ("os/linux/capabilities-remove-set").
func DefaultCapabilities() []string {
	return []string{
		"CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",
		"CAP_KILL", "CAP_MKNOD", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP",
		"CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
	}
}

// ParseCapability reads a name, with CAP_ or without, in any case.
func ParseCapability(s string) (string, error) {
	name := strings.ToUpper(s)
	if !strings.HasPrefix(name, "CAP_") {
		name = "CAP_" + name
	}
	known := Capabilities()
	if slices.Contains(known, name) {
		return name, nil
	}
	if guess := Nearest(name, known); guess != "" {
		return "", fmt.Errorf("there is no capability %s; perhaps %s is meant", show(s), guess)
	}
	return "", fmt.Errorf("there is no capability %s; write a name such as CAP_NET_ADMIN or net_admin", show(s))
}

// without is the default set without those that are taken away (ace.md).
func without(gone []string) []string {
	return slices.DeleteFunc(DefaultCapabilities(), func(c string) bool { return slices.Contains(gone, c) })
}

// allCapabilities stands for each that Linux knows.
const allCapabilities = "all"

// capabilitySet reads the set of one place: sorted, each once.
func capabilitySet(names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, errors.New("no capability is named")
	}
	var set []string
	for _, name := range names {
		if strings.EqualFold(name, allCapabilities) {
			set = append(set, Capabilities()...)
			continue
		}
		capability, err := ParseCapability(name)
		if err != nil {
			return nil, err
		}
		set = append(set, capability)
	}
	slices.Sort(set)
	return slices.Compact(set), nil
}

func showCapabilities(set []string) string {
	if len(set) == 0 {
		return "none"
	}
	return strings.Join(set, " ")
}
