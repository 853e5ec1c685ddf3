package spec

import (
	"path"
	"slices"
	"strings"
)

// KernelOwns tells of a path whether an app has the kernel's own file systems there,
// or what it needs of them (OS-SPEC.md): over or in those a volume would break it, or
// be refused. Elsewhere below /dev and /sys there can be one.
func KernelOwns(target string) bool {
	first, below, _ := strings.Cut(strings.TrimPrefix(path.Clean("/"+target), "/"), "/")
	switch first {
	case "proc":
		return true
	case "sys":
		return below == ""
	case "dev":
		name, rest, _ := strings.Cut(below, "/")
		return slices.Contains(ownDevices(), name) || name == "mqueue" && rest != ""
	}
	return false
}

// ownDevices are those of every app, with what they are linked to; "" is /dev itself.
func ownDevices() []string {
	return []string{
		"", "console", "core", "fd", "full", "null", "ptmx", "pts", "random",
		"stderr", "stdin", "stdout", "tty", "urandom", "zero",
	}
}
