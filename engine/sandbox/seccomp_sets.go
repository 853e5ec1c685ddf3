package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	libseccomp "github.com/seccomp/libseccomp-golang"

	"github.com/podtui/podtui/engine/spec"
)

// profile says which system calls pass, and what happens to others.
type profile struct {
	*specs.LinuxSeccomp
	dockers bool // it is made of docker's
}

// profileOf is what an app's isolation means. Docker's profile is podtui's own, but
// for what podman refuses, and what its wildcards stand for: a retain set with the whitelist is the profile with
// more calls, a remove set with the blacklist, which is all that the profile does
// not allow, is the profile with fewer. rkt's are docker's, as they were in rkt.
// Both keep what the profile says about arguments. Wildcards of ace.md are settled
// by spec, but for those that mean nothing beside others.
func profileOf(isolation spec.Isolation) (profile, error) {
	set := isolation.Seccomp
	if err := CheckSeccomp(set); err != nil {
		return profile{}, err
	}
	dockers, err := dockersProfile(capabilitiesOf(isolation))
	if err != nil {
		return profile{}, err
	}
	calls := namesOf(set.Calls)
	made := profile{dockers, len(calls) < len(set.Calls)}
	made.refuse(set)
	switch {
	case set.Mode == spec.SeccompDefault:
		made.dockers = true
		made.forget(podmansRefusals())
	case made.dockers && set.Mode == spec.SeccompRetain:
		made.forget(calls)
		made.add(specs.ActAllow, nil, calls)
	case made.dockers:
		made.forget(calls)
		made.add(made.DefaultAction, made.DefaultErrnoRet, calls) // though they may be its newest
	case set.Mode == spec.SeccompRetain:
		made.Syscalls = nil
		made.add(specs.ActAllow, nil, append(calls, lifeCalls()...))
	default:
		made.Syscalls = nil
		made.add(made.DefaultAction, made.DefaultErrnoRet, calls)
		made.DefaultAction, made.DefaultErrnoRet = specs.ActAllow, nil
	}
	return made, nil
}

// podmansRefusals are calls that docker's profile allows, and podman's doesn't.
// podtui's own allows nothing that one of them refuses.
func podmansRefusals() []string { return []string{"io_pgetevents", "io_pgetevents_time64", "vmsplice"} }

// dockersProfile is the seccomp profile that docker applies: capabilities allow the
// system calls that are for them.
func dockersProfile(capabilities []string) (*specs.LinuxSeccomp, error) {
	return seccomp.GetDefaultProfile(&specs.Spec{
		Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{Bounding: capabilities}},
	})
}

// lifeCalls are allowed by every set that has only what it names (ace.md,
// "os/linux/seccomp-retain-set", note 3): an app can't begin without the first, nor
// end or take a signal without the others.
func lifeCalls() []string {
	return []string{"execve", "exit", "exit_group", "rt_sigreturn", "sigreturn", "restart_syscall"}
}

// refuse makes what is refused end the app, or return an error.
func (p *profile) refuse(set spec.Seccomp) {
	switch {
	case set.Errno != "":
		errno, _ := spec.ParseErrno(set.Errno)
		number := uint(errno)
		p.DefaultAction, p.DefaultErrnoRet = specs.ActErrno, &number
	case set.Mode != spec.SeccompDefault:
		p.DefaultAction, p.DefaultErrnoRet = specs.ActKillProcess, nil
	}
}

func (p *profile) add(action specs.LinuxSeccompAction, errno *uint, calls []string) {
	if len(calls) > 0 {
		p.Syscalls = append(p.Syscalls, specs.LinuxSyscall{Names: calls, Action: action, ErrnoRet: errno})
	}
}

// forget takes calls out of all rules.
func (p *profile) forget(calls []string) {
	for i, rule := range p.Syscalls {
		p.Syscalls[i].Names = slices.DeleteFunc(slices.Clone(rule.Names), func(name string) bool { return slices.Contains(calls, name) })
	}
}

// namesOf are the calls of a set without its wildcards.
func namesOf(set []string) []string {
	return slices.DeleteFunc(slices.Clone(set), func(name string) bool { return strings.HasPrefix(name, "@") })
}

// CheckSeccomp finds what a set names and nobody here knows. It would be allowed
// where it is to be refused, or the other way round.
func CheckSeccomp(set spec.Seccomp) error {
	for _, name := range namesOf(set.Calls) {
		if _, err := libseccomp.GetSyscallFromName(name); err != nil {
			return fmt.Errorf("seccomp: %q is not a system call that podtui knows; --seccomp=mode=%s takes names such as reboot", name, set.Mode)
		}
	}
	if set.Errno != "" {
		if _, err := spec.ParseErrno(set.Errno); err != nil {
			return err
		}
	}
	return nil
}
