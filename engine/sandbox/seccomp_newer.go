package sandbox

import (
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
	libseccomp "github.com/seccomp/libseccomp-golang"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Offsets in struct seccomp_data, and values in it.
const (
	callOffset         = 0
	architectureOffset = 4
	x32Bit             = 1 << 30                          // in the number of a call of x32, whose architecture is x86_64
	returnENOSYS       = 0x00050000 | uint32(unix.ENOSYS) // SECCOMP_RET_ERRNO
)

// newerThan is the beginning of a program: it answers ENOSYS to every system
// call with a number above all that the profile speaks of. A C library that is
// newer than the profile tries its newest calls first, and takes only ENOSYS,
// not EPERM, for "try the old one".
func newerThan(profile *specs.LinuxSeccomp, architectures []libseccomp.ScmpArch) ([]byte, error) {
	newest := make(map[uint32][]bpf.Instruction) // by what the kernel calls the architecture
	var order []uint32
	for _, architecture := range architectures {
		kernels, err := kernelArchitecture(architecture)
		if err != nil {
			return nil, err
		}
		if _, known := newest[kernels]; !known {
			order = append(order, kernels)
		}
		newest[kernels] = append(newest[kernels], above(architecture, newestCall(profile, architecture))...)
	}
	program := []bpf.Instruction{bpf.LoadAbsolute{Off: architectureOffset, Size: 4}}
	for n, kernels := range order {
		program = append(program, section(kernels, newest[kernels], after(order[n+1:], newest))...)
	}
	raw, err := bpf.Assemble(program)
	return encode(raw), err
}

// newestCall is the highest number of the profile's system calls.
func newestCall(profile *specs.LinuxSeccomp, architecture libseccomp.ScmpArch) uint32 {
	var newest libseccomp.ScmpSyscall
	for _, rule := range profile.Syscalls {
		for _, name := range rule.Names {
			if call, err := libseccomp.GetSyscallFromNameByArch(name, architecture); err == nil {
				newest = max(newest, call)
			}
		}
	}
	return uint32(newest)
}

// above returns ENOSYS if the call, which is loaded, is above the newest one.
func above(architecture libseccomp.ScmpArch, newest uint32) []bpf.Instruction {
	check := []bpf.Instruction{
		bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: newest, SkipFalse: 1},
		bpf.RetConstant{Val: returnENOSYS},
	}
	switch architecture {
	case libseccomp.ArchAMD64: // not a call of x32
		return append([]bpf.Instruction{bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: x32Bit, SkipTrue: 2}}, check...)
	case libseccomp.ArchX32:
		return append([]bpf.Instruction{bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: x32Bit, SkipTrue: 2}}, check...)
	}
	return check
}

// section does the checks if the architecture, which is loaded, is the one, and
// goes on behind all other sections then.
func section(architecture uint32, checks []bpf.Instruction, behind int) []bpf.Instruction {
	inside := append([]bpf.Instruction{bpf.LoadAbsolute{Off: callOffset, Size: 4}}, checks...)
	inside = append(inside, bpf.Jump{Skip: uint32(behind)})
	return append([]bpf.Instruction{
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: architecture, SkipFalse: uint8(len(inside))},
	}, inside...)
}

// after is the length of the sections that follow.
func after(order []uint32, checks map[uint32][]bpf.Instruction) int {
	length := 0
	for _, architecture := range order {
		length += len(section(architecture, checks[architecture], 0))
	}
	return length
}

// kernelArchitecture is the AUDIT_ARCH_ value of an architecture.
func kernelArchitecture(architecture libseccomp.ScmpArch) (uint32, error) {
	switch architecture {
	case libseccomp.ArchAMD64, libseccomp.ArchX32:
		return unix.AUDIT_ARCH_X86_64, nil
	case libseccomp.ArchX86:
		return unix.AUDIT_ARCH_I386, nil
	case libseccomp.ArchARM64:
		return unix.AUDIT_ARCH_AARCH64, nil
	case libseccomp.ArchARM:
		return unix.AUDIT_ARCH_ARM, nil
	case libseccomp.ArchPPC64LE:
		return unix.AUDIT_ARCH_PPC64LE, nil
	case libseccomp.ArchRISCV64:
		return unix.AUDIT_ARCH_RISCV64, nil
	}
	return 0, fmt.Errorf("architecture %v: podtui has no seccomp filter for it", architecture)
}
