package sandbox

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/opencontainers/runc/libcontainer/configs"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// openFiles is every app's, whoever starts it: as many as select(2) can take, and
// what a program may raise that to, as systemd has it. Other limits are those of
// podtui's caller. nproc is among these: it counts what a user has on the whole
// host, so that one made for a pod would be reached by others' processes; what
// holds a pod is its limit of pids.
func openFiles() spec.Rlimit { return spec.Rlimit{Name: "nofile", Soft: 1024, Hard: 524288} }

// rlimits are an app's, clamped to what this process may set.
func rlimits(want []spec.Rlimit) (list []configs.Rlimit, warnings []string) {
	if !slices.ContainsFunc(want, func(r spec.Rlimit) bool { return r.Name == "nofile" }) {
		limit, _ := clamp(openFiles())
		list = append(list, limit)
	}
	for _, r := range want {
		limit, most := clamp(r)
		if limit.Hard != r.Hard {
			warnings = append(warnings, fmt.Sprintf("rlimit %s: this host allows no more than %d", r, most))
		}
		list = append(list, limit)
	}
	return list, warnings
}

// raised are the limits of a start: of what an app is to have, hard limits above
// those of this process, which alone may raise them. All the rest is set once the
// start is over (become.c). There is always one: of none at all libcontainer takes an
// app's own for those of who enters it.
func raised(list []configs.Rlimit) []configs.Rlimit {
	var higher []configs.Rlimit
	for _, limit := range list {
		var own unix.Rlimit
		if unix.Prlimit(0, limit.Type, nil, &own) == nil && (limit.Hard > own.Max || limit.Type == unix.RLIMIT_NOFILE) {
			higher = append(higher, configs.Rlimit{Type: limit.Type, Soft: own.Cur, Hard: max(own.Max, limit.Hard)})
		}
	}
	return higher
}

func clamp(r spec.Rlimit) (limit configs.Rlimit, most uint64) {
	resource := resourceOf(r.Name)
	most = mostOf(resource, r.Hard)
	hard := min(r.Hard, most)
	return configs.Rlimit{Type: resource, Soft: min(r.Soft, hard), Hard: hard}, most
}

// resourceOf is setrlimit's number for a name of spec.RlimitNames.
func resourceOf(name string) int {
	switch name {
	case "as":
		return unix.RLIMIT_AS
	case "core":
		return unix.RLIMIT_CORE
	case "cpu":
		return unix.RLIMIT_CPU
	case "data":
		return unix.RLIMIT_DATA
	case "fsize":
		return unix.RLIMIT_FSIZE
	case "locks":
		return unix.RLIMIT_LOCKS
	case "memlock":
		return unix.RLIMIT_MEMLOCK
	case "msgqueue":
		return unix.RLIMIT_MSGQUEUE
	case "nice":
		return unix.RLIMIT_NICE
	case "nofile":
		return unix.RLIMIT_NOFILE
	case "nproc":
		return unix.RLIMIT_NPROC
	case "rss":
		return unix.RLIMIT_RSS
	case "rtprio":
		return unix.RLIMIT_RTPRIO
	case "rttime":
		return unix.RLIMIT_RTTIME
	case "sigpending":
		return unix.RLIMIT_SIGPENDING
	case "stack":
		return unix.RLIMIT_STACK
	}
	return -1
}

// mostOf is the highest hard limit that this process may set, if that is below
// what is wanted.
func mostOf(resource int, wanted uint64) uint64 {
	var own unix.Rlimit
	if unix.Prlimit(0, resource, nil, &own) != nil || wanted <= own.Max {
		return wanted
	}
	if !mayRaise() {
		return own.Max
	}
	if resource == unix.RLIMIT_NOFILE { // which nobody may raise further
		return min(wanted, mostOpenFiles(own.Max))
	}
	return wanted
}

func mostOpenFiles(otherwise uint64) uint64 {
	text, err := os.ReadFile("/proc/sys/fs/nr_open")
	if err != nil {
		return otherwise
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

// mayRaise tells whether this process may raise rlimits and lower oom scores:
// with a capability that counts only if it is the host's own root's.
func mayRaise() bool {
	if !slices.Contains(OwnCapabilities(), "CAP_SYS_RESOURCE") {
		return false
	}
	table, err := os.ReadFile("/proc/self/uid_map")
	return err == nil && slices.Equal(strings.Fields(string(table)), []string{"0", "0", "4294967295"})
}

// oomScore is an app's, clamped to what this process may set; nil stays.
func oomScore(want *int) (score *int, warning string) {
	if want == nil {
		return nil, ""
	}
	own := ownOOMScore()
	if *want >= own || mayRaise() {
		return want, ""
	}
	return &own, fmt.Sprintf("oom score %d: podtui may not go below its own here, which is %d", *want, own)
}

func ownOOMScore() int {
	text, err := os.ReadFile("/proc/self/oom_score_adj")
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return n
}
