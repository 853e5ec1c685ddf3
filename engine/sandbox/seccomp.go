package sandbox

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	runcseccomp "github.com/opencontainers/runc/libcontainer/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	libseccomp "github.com/seccomp/libseccomp-golang"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// compileProfile makes a profile into the program that the kernel takes, as
// libcontainer would: libseccomp's filter, and in front of it the answer ENOSYS
// to system calls that are newer than a profile of docker's.
func compileProfile(profile profile) ([]byte, error) {
	architectures, err := architectures(profile.LinuxSeccomp)
	if err != nil {
		return nil, err
	}
	filter, err := newFilter(profile.LinuxSeccomp, architectures)
	if err != nil {
		return nil, err
	}
	defer filter.Release()
	otherwise, err := filter.GetDefaultAction()
	if err != nil {
		return nil, err
	}
	for _, rule := range profile.Syscalls {
		if err := addRule(filter, rule, otherwise); err != nil {
			return nil, err
		}
	}
	program, err := export(filter)
	if err != nil || !profile.dockers {
		return program, err
	}
	stub, err := newerThan(profile.LinuxSeccomp, architectures)
	return append(stub, program...), err
}

// architectures are the profile's, and the one that this program is for.
func architectures(profile *specs.LinuxSeccomp) ([]libseccomp.ScmpArch, error) {
	native, err := libseccomp.GetNativeArch()
	if err != nil {
		return nil, err
	}
	list := []libseccomp.ScmpArch{native}
	for _, name := range profile.Architectures {
		short, err := runcseccomp.ConvertStringToArch(string(name))
		if err != nil {
			return nil, err
		}
		architecture, err := libseccomp.GetArchFromString(short)
		if err != nil {
			return nil, fmt.Errorf("architecture %s: %w", name, err)
		}
		if architecture != native {
			list = append(list, architecture)
		}
	}
	return list, nil
}

func newFilter(profile *specs.LinuxSeccomp, architectures []libseccomp.ScmpArch) (*libseccomp.ScmpFilter, error) {
	otherwise, err := action(profile.DefaultAction, profile.DefaultErrnoRet)
	if err != nil {
		return nil, err
	}
	filter, err := libseccomp.NewFilter(otherwise)
	if err != nil {
		return nil, err
	}
	for _, architecture := range architectures {
		if err := filter.AddArch(architecture); err != nil {
			return nil, fmt.Errorf("architecture %v: %w", architecture, err)
		}
	}
	const binaryTree = 2 // system calls are found by halving; old libraries can't, and are slower
	_ = filter.SetOptimize(binaryTree)
	return filter, nil
}

// addRule adds one rule for each of its system calls. One that the library does
// not know is newer than it, and gets the default action. A rule that says what
// happens anyhow is none to the library.
func addRule(filter *libseccomp.ScmpFilter, rule specs.LinuxSyscall, otherwise libseccomp.ScmpAction) error {
	does, err := action(rule.Action, rule.ErrnoRet)
	if err != nil || does == otherwise {
		return err
	}
	conditions, err := conditions(rule.Args)
	if err != nil {
		return err
	}
	for _, name := range rule.Names {
		call, err := libseccomp.GetSyscallFromName(name)
		if err != nil {
			continue
		}
		if len(conditions) == 0 {
			err = filter.AddRule(call, does)
		} else {
			err = filter.AddRuleConditional(call, does, conditions)
		}
		if err != nil {
			return fmt.Errorf("system call %s: %w", name, err)
		}
	}
	return nil
}

func action(name specs.LinuxSeccompAction, errno *uint) (libseccomp.ScmpAction, error) {
	switch name {
	case specs.ActAllow:
		return libseccomp.ActAllow, nil
	case specs.ActErrno:
		if errno == nil {
			return libseccomp.ActErrno.SetReturnCode(int16(unix.EPERM)), nil
		}
		return libseccomp.ActErrno.SetReturnCode(int16(*errno)), nil
	case specs.ActKillProcess:
		return libseccomp.ActKillProcess, nil
	}
	return libseccomp.ActInvalid, fmt.Errorf("action %s is of no profile here", name)
}

func conditions(args []specs.LinuxSeccompArg) ([]libseccomp.ScmpCondition, error) {
	var list []libseccomp.ScmpCondition
	for _, arg := range args {
		operator, err := operator(arg.Op)
		if err != nil {
			return nil, err
		}
		condition, err := libseccomp.MakeCondition(arg.Index, operator, arg.Value, arg.ValueTwo)
		if err != nil {
			return nil, err
		}
		list = append(list, condition)
	}
	return list, nil
}

func operator(name specs.LinuxSeccompOperator) (libseccomp.ScmpCompareOp, error) {
	switch name {
	case specs.OpEqualTo:
		return libseccomp.CompareEqual, nil
	case specs.OpNotEqual:
		return libseccomp.CompareNotEqual, nil
	case specs.OpGreaterThan:
		return libseccomp.CompareGreater, nil
	case specs.OpGreaterEqual:
		return libseccomp.CompareGreaterEqual, nil
	case specs.OpLessThan:
		return libseccomp.CompareLess, nil
	case specs.OpLessEqual:
		return libseccomp.CompareLessOrEqual, nil
	case specs.OpMaskedEqual:
		return libseccomp.CompareMaskedEqual, nil
	}
	return libseccomp.CompareInvalid, fmt.Errorf("operator %s is not one", name)
}

// export returns the filter's program. The library writes to a file only.
func export(filter *libseccomp.ScmpFilter) ([]byte, error) {
	memory, err := unix.MemfdCreate("seccomp", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	file := os.NewFile(uintptr(memory), "seccomp")
	defer file.Close()
	if err := filter.ExportBPF(file); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(file)
}

// encode writes instructions as the kernel takes them.
func encode(instructions []bpf.RawInstruction) []byte {
	var b bytes.Buffer
	for _, i := range instructions {
		_ = binary.Write(&b, binary.NativeEndian, unix.SockFilter{Code: i.Op, Jt: i.Jt, Jf: i.Jf, K: i.K})
	}
	return b.Bytes()
}
