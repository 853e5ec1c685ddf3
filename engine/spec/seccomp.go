package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// The wildcards of ace.md. Each masks all other calls beside it.
const (
	seccompAll   = "@appc.io/all"   // of a retain set: no filter
	seccompEmpty = "@appc.io/empty" // of a remove set: podtui's own profile
)

// SeccompWildcards are the names that stand for many calls in a set of this mode;
// the sandbox knows what is in them.
func SeccompWildcards(mode SeccompMode) []string {
	if mode == SeccompRetain {
		return []string{seccompAll, "@docker/default-whitelist", "@rkt/default-whitelist"}
	}
	return []string{seccompEmpty, "@docker/default-blacklist", "@rkt/default-blacklist"}
}

// ParseSeccomp reads mode=retain|remove[,errno=NAME],CALL|@WILDCARD,… as rkt took
// it; "" is the default.
func ParseSeccomp(s string) (Seccomp, error) {
	mode, errno, calls, err := splitSeccomp(s)
	if err != nil || s == "" {
		return Seccomp{}, err
	}
	return seccompOf(mode, errno, calls)
}

// splitSeccomp takes the text apart and decides nothing.
func splitSeccomp(s string) (mode SeccompMode, errno string, calls []string, err error) {
	if s == "" {
		return "", "", nil, nil
	}
	seen := make(map[string]bool)
	for part := range strings.SplitSeq(s, ",") {
		name, value, isOption := strings.Cut(part, "=")
		switch {
		case seen[name]:
			return "", "", nil, fmt.Errorf("seccomp %s: %s is given twice", show(s), show(name))
		case !isOption:
			calls = append(calls, part)
		case name == "mode":
			mode = SeccompMode(value)
		case name == "errno":
			errno = value
		default:
			return "", "", nil, fmt.Errorf("seccomp %s: unknown option %s; there are mode and errno", show(s), show(name))
		}
		seen[name] = true
	}
	return mode, errno, calls, nil
}

func seccompOf(mode SeccompMode, errno string, calls []string) (Seccomp, error) {
	if mode == "" {
		return Seccomp{}, errors.New("seccomp: the mode is missing; write mode=retain,CALL,… or mode=remove,CALL,…")
	}
	if mode != SeccompRetain && mode != SeccompRemove {
		return Seccomp{}, fmt.Errorf("seccomp mode %s: write mode=retain or mode=remove, and what to retain or remove", show(string(mode)))
	}
	if len(calls) == 0 {
		return Seccomp{}, fmt.Errorf("seccomp mode %s names no system call; write mode=%s,CALL,… or mode=%s,@WILDCARD", mode, mode, mode)
	}
	for _, call := range calls {
		if err := checkCall(mode, call); err != nil {
			return Seccomp{}, err
		}
	}
	if errno != "" {
		if _, err := ParseErrno(errno); err != nil {
			return Seccomp{}, err
		}
	}
	switch {
	case mode == SeccompRetain && slices.Contains(calls, seccompAll):
		return Seccomp{Mode: SeccompOff}, nil
	case mode == SeccompRemove && slices.Contains(calls, seccompEmpty):
		return Seccomp{}, nil
	}
	return Seccomp{Mode: mode, Errno: errno, Calls: slices.Clone(calls)}, nil
}

// checkCall knows what can be a call's name. Which there are is for the sandbox
// to say, which has them from the kernel's tables.
func checkCall(mode SeccompMode, call string) error {
	switch {
	case strings.HasPrefix(call, "@") && !slices.Contains(SeccompWildcards(mode), call):
		return fmt.Errorf("seccomp: mode %s has no wildcard %s; there are %s", mode, show(call), strings.Join(SeccompWildcards(mode), ", "))
	case strings.HasPrefix(call, "@"):
		return nil
	case call == "":
		return errors.New("seccomp: an empty name; system calls stand between single commas")
	case len(call) > 64 || strings.Trim(call, "abcdefghijklmnopqrstuvwxyz0123456789_") != "":
		return fmt.Errorf("seccomp: %s is not the name of a system call; write one such as reboot or clock_settime", show(call))
	}
	return nil
}

// String is the filter as --seccomp takes it; "default" and "off" have no more to
// say.
func (s Seccomp) String() string {
	switch s.Mode {
	case SeccompDefault:
		return "default"
	case SeccompOff:
		return string(SeccompOff)
	}
	parts := []string{"mode=" + string(s.Mode)}
	if s.Errno != "" {
		parts = append(parts, "errno="+s.Errno)
	}
	return strings.Join(append(parts, s.Calls...), ",")
}

// ParseErrno reads the name of an error, such as EPERM.
func ParseErrno(name string) (unix.Errno, error) {
	switch name {
	case "EWOULDBLOCK":
		return unix.EAGAIN, nil
	case "EDEADLOCK":
		return unix.EDEADLK, nil
	case "EOPNOTSUPP", "ENOTSUP":
		return unix.EOPNOTSUPP, nil
	}
	for e := unix.Errno(1); name != "" && e <= lastErrno; e++ {
		if unix.ErrnoName(e) == name {
			return e, nil
		}
	}
	return 0, fmt.Errorf("there is no errno %s; write a name such as EPERM or ENOSYS", show(name))
}

// lastErrno is EHWPOISON.
const lastErrno = 133
