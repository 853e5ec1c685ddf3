package sandbox

import (
	"fmt"
	"strings"
)

// CheckSysctl refuses a sysctl (ace.md, "os/unix/sysctl") that is not of a pod's own
// namespaces: it would change the host, and every other pod.
func CheckSysctl(key string, privateNetwork bool) error {
	switch {
	case !isSysctl(key):
		return fmt.Errorf("%q is not the name of a sysctl; write one such as kernel.shmmax", key)
	case isOfIPC(key) || isOfNetwork(key) && privateNetwork:
		return nil
	case isOfNetwork(key):
		return fmt.Errorf("sysctl %s would change the host's network; it needs a private one", key)
	}
	return fmt.Errorf("sysctl %s is the whole host's; a pod has its own of kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and, with a private network, net.*", key)
}

// isOfIPC knows what belongs to the IPC namespace.
func isOfIPC(key string) bool {
	switch key {
	case "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
		"kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced":
		return true
	}
	return strings.HasPrefix(key, "fs.mqueue.")
}

func isOfNetwork(key string) bool { return strings.HasPrefix(key, "net.") }

// splitSysctls tells those of the network apart.
func splitSysctls(sysctls map[string]string) (others, network map[string]string) {
	others, network = make(map[string]string), make(map[string]string)
	for key, value := range sysctls {
		if isOfNetwork(key) {
			network[key] = value
		} else {
			others[key] = value
		}
	}
	return others, network
}

// isSysctl: a key becomes a path below /proc/sys.
func isSysctl(key string) bool {
	for word := range strings.SplitSeq(key, ".") {
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
			return false
		}
	}
	return len(key) <= 256
}
