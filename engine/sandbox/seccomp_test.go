package sandbox

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// call is struct seccomp_data.
type call struct {
	number       uint32
	architecture uint32
	args         [6]uint64
}

// What a filter returns.
const (
	allow  = 0x7fff0000
	eperm  = 0x00050000 | uint32(unix.EPERM)
	eacces = 0x00050000 | uint32(unix.EACCES)
	kill   = 0x80000000 // SECCOMP_RET_KILL_PROCESS
)

func TestDefaultFilterDecidesAsTheProfileSays(t *testing.T) {
	t.Parallel()
	program := compiled(t, spec.Isolation{})
	const amd64, i386 = unix.AUDIT_ARCH_X86_64, unix.AUDIT_ARCH_I386
	for name, c := range map[string]struct {
		call call
		want uint32
	}{
		"read":                              {call{number: unix.SYS_READ, architecture: amd64}, allow},
		"chroot, by its capability":         {call{number: unix.SYS_CHROOT, architecture: amd64}, allow},
		"mount":                             {call{number: unix.SYS_MOUNT, architecture: amd64}, eperm},
		"keyctl":                            {call{number: unix.SYS_KEYCTL, architecture: amd64}, eperm},
		"clone without namespaces":          {call{number: unix.SYS_CLONE, architecture: amd64, args: [6]uint64{uint64(unix.SIGCHLD)}}, allow},
		"clone with a user namespace":       {call{number: unix.SYS_CLONE, architecture: amd64, args: [6]uint64{unix.CLONE_NEWUSER}}, eperm},
		"clone3, whose flags can't be seen": {call{number: unix.SYS_CLONE3, architecture: amd64}, returnENOSYS},
		"personality of linux":              {call{number: unix.SYS_PERSONALITY, architecture: amd64}, allow},
		"another personality":               {call{number: unix.SYS_PERSONALITY, architecture: amd64, args: [6]uint64{1}}, eperm},
		"a socket of vsock":                 {call{number: unix.SYS_SOCKET, architecture: amd64, args: [6]uint64{unix.AF_VSOCK}}, eperm},
		"a call of tomorrow":                {call{number: 5000, architecture: amd64}, returnENOSYS},
		"read of a 32-bit program":          {call{number: 3, architecture: i386}, allow},
		"mount of a 32-bit program":         {call{number: 21, architecture: i386}, eperm},
		"tomorrow's of a 32-bit program":    {call{number: 5000, architecture: i386}, returnENOSYS},
		"read of x32":                       {call{number: x32Bit + unix.SYS_READ, architecture: amd64}, allow},
		"mount of x32":                      {call{number: x32Bit + unix.SYS_MOUNT, architecture: amd64}, eperm},
		"tomorrow's of x32":                 {call{number: x32Bit + 5000, architecture: amd64}, returnENOSYS},
		"a foreign architecture":            {call{number: 0, architecture: unix.AUDIT_ARCH_AARCH64}, 0}, // SECCOMP_RET_KILL_THREAD
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := decide(t, program, c.call); got != c.want {
				t.Errorf("%#x, want %#x", got, c.want)
			}
		})
	}
}

func TestSetsDecideAsTheySay(t *testing.T) {
	t.Parallel()
	const amd64, i386 = unix.AUDIT_ARCH_X86_64, unix.AUDIT_ARCH_I386
	number := func(n uint32) call { return call{number: n, architecture: amd64} }
	vsock := call{number: unix.SYS_SOCKET, architecture: amd64, args: [6]uint64{unix.AF_VSOCK}}
	retain := func(errno string, calls ...string) spec.Seccomp {
		return spec.Seccomp{Mode: spec.SeccompRetain, Errno: errno, Calls: calls}
	}
	remove := func(errno string, calls ...string) spec.Seccomp {
		return spec.Seccomp{Mode: spec.SeccompRemove, Errno: errno, Calls: calls}
	}
	type decision struct {
		call call
		want uint32
	}
	for name, c := range map[string]struct {
		set       spec.Seccomp
		caps      []string
		decisions []decision
	}{
		"a set to retain": {retain("", "read", "socket"), nil, []decision{
			{number(unix.SYS_READ), allow}, {vsock, allow}, {number(unix.SYS_EXECVE), allow}, {number(unix.SYS_EXIT_GROUP), allow},
			{number(unix.SYS_RT_SIGRETURN), allow}, {number(unix.SYS_WRITE), kill}, {number(unix.SYS_MMAP), kill}, {number(5000), kill},
			{call{number: 3, architecture: i386}, allow}, {call{number: 4, architecture: i386}, kill},
			{call{number: 102, architecture: i386, args: [6]uint64{1}}, allow}, // socketcall: socket
			{call{number: 102, architecture: i386, args: [6]uint64{2}}, kill},  // bind
			{number(x32Bit + unix.SYS_READ), allow}, {number(x32Bit + unix.SYS_GETPID), kill},
		}},
		"a set to retain, with an errno": {retain("EACCES", "read"), nil, []decision{
			{number(unix.SYS_READ), allow}, {number(unix.SYS_WRITE), eacces}, {number(5000), eacces},
		}},
		"a set to remove": {remove("", "reboot", "socket"), nil, []decision{
			{number(unix.SYS_REBOOT), kill}, {vsock, kill}, {number(unix.SYS_MOUNT), allow}, {number(5000), allow},
			{call{number: 102, architecture: i386, args: [6]uint64{1}}, kill}, {call{number: 102, architecture: i386, args: [6]uint64{2}}, allow},
			{number(x32Bit + unix.SYS_REBOOT), kill},
		}},
		"a set to remove, with an errno": {remove("EACCES", "reboot"), nil, []decision{
			{number(unix.SYS_REBOOT), eacces}, {number(unix.SYS_MOUNT), allow},
		}},
		"docker's whitelist and more": {retain("EACCES", "@docker/default-whitelist", "mount", "clone3"), nil, []decision{
			{number(unix.SYS_READ), allow}, {number(unix.SYS_MOUNT), allow}, {number(unix.SYS_CLONE3), allow},
			{number(unix.SYS_KEYCTL), eacces}, {vsock, eacces}, {number(5000), returnENOSYS},
		}},
		"rkt's whitelist, by death": {retain("", "@rkt/default-whitelist"), nil, []decision{
			{number(unix.SYS_READ), allow}, {number(unix.SYS_MOUNT), kill}, {number(unix.SYS_CLONE3), returnENOSYS},
		}},
		"docker's blacklist and more": {remove("", "@docker/default-blacklist", "read"), nil, []decision{
			{number(unix.SYS_READ), kill}, {number(unix.SYS_MOUNT), kill}, {number(unix.SYS_WRITE), allow}, {vsock, kill},
		}},
		"rkt's blacklist": {remove("EACCES", "@rkt/default-blacklist"), nil, []decision{
			{number(unix.SYS_READ), allow}, {number(unix.SYS_MOUNT), eacces},
		}},
		"what a capability is for": {spec.Seccomp{}, []string{"CAP_SYS_ADMIN"}, []decision{
			{number(unix.SYS_MOUNT), allow}, {number(unix.SYS_CHROOT), eperm},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program := compiled(t, spec.Isolation{Seccomp: c.set, Capabilities: c.caps})
			for _, d := range c.decisions {
				if got := decide(t, program, d.call); got != d.want {
					t.Errorf("%+v: %#x, want %#x", d.call, got, d.want)
				}
			}
		})
	}
}

func TestSetsOfWhatNobodyKnows(t *testing.T) {
	t.Parallel()
	for _, set := range []spec.Seccomp{
		{Mode: spec.SeccompRemove, Calls: []string{"reboott"}},
		{Mode: spec.SeccompRetain, Calls: []string{"read", "no_such_call"}},
		{Mode: spec.SeccompRetain, Calls: []string{"read"}, Errno: "ENOTHING"},
	} {
		if err := CheckSeccomp(set); err == nil {
			t.Errorf("%v: no error", set)
		}
		if _, err := profileOf(spec.Isolation{Seccomp: set}); err == nil {
			t.Errorf("%v: a profile", set)
		}
	}
}

func TestFiltersAreRememberedByWhatTheyAreOf(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{filterPrefix + "0123456789abcdef0123456789abcdef": "another build's"})
	for n := range mostFilters + 3 {
		set := spec.Seccomp{Mode: spec.SeccompRetain, Errno: unix.ErrnoName(unix.Errno(n/2 + 1)), Calls: []string{"read", []string{"write", "close"}[n%2]}}
		if _, err := loadFilter(dir, spec.Isolation{Seccomp: set}); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != mostFilters {
		t.Errorf("%d are remembered, want %d", len(files), mostFilters)
	}
	if program, err := loadFilter(dir, spec.Isolation{Seccomp: spec.Seccomp{Mode: spec.SeccompOff}}); err != nil || len(program) != 0 {
		t.Errorf("off: %d bytes, %v", len(program), err)
	}
}

func TestFilterIsCompiledOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := loadFilter(dir, spec.Isolation{})
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 1 {
		t.Fatalf("remembered %v", files)
	}
	again, ok := readFilter(files[0])
	if !ok || string(again) != string(first) {
		t.Error("another filter the second time")
	}
	if err := os.WriteFile(files[0], make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	if mended, err := loadFilter(dir, spec.Isolation{}); err != nil || string(mended) != string(first) {
		t.Errorf("a damaged filter was taken (%v)", err)
	}
}

func compiled(t *testing.T, isolation spec.Isolation) []byte {
	t.Helper()
	profile, err := profileOf(isolation)
	if err != nil {
		t.Fatal(err)
	}
	program, err := compileProfile(profile)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// decide runs a program as the kernel does. The machine of x/net/bpf loads
// words of a packet, which are big-endian.
func decide(t *testing.T, program []byte, c call) uint32 {
	t.Helper()
	var instructions []bpf.Instruction
	for i := 0; i < len(program); i += unix.SizeofSockFilter {
		raw := bpf.RawInstruction{
			Op: binary.NativeEndian.Uint16(program[i:]), Jt: program[i+2], Jf: program[i+3],
			K: binary.NativeEndian.Uint32(program[i+4:]),
		}
		instructions = append(instructions, raw.Disassemble())
	}
	machine, err := bpf.NewVM(instructions)
	if err != nil {
		t.Fatal(err)
	}
	data := binary.BigEndian.AppendUint32(nil, c.number)
	data = binary.BigEndian.AppendUint32(data, c.architecture)
	data = binary.BigEndian.AppendUint64(data, 0) // the instruction pointer
	for _, arg := range c.args {
		data = binary.BigEndian.AppendUint32(data, uint32(arg)) // its lower half comes first
		data = binary.BigEndian.AppendUint32(data, uint32(arg>>32))
	}
	decision, err := machine.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(decision)
}
