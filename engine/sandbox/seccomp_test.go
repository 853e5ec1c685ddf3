package sandbox

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// call is struct seccomp_data.
type call struct {
	number       uint32
	architecture uint32
	args         [6]uint64
}

// What a filter returns.
const (
	allow = 0x7fff0000
	eperm = 0x00050000 | uint32(unix.EPERM)
)

func TestDefaultFilterDecidesAsTheProfileSays(t *testing.T) {
	t.Parallel()
	program := compiled(t)
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

func TestFilterIsCompiledOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := loadFilter(dir)
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
	if mended, err := loadFilter(dir); err != nil || string(mended) != string(first) {
		t.Errorf("a damaged filter was taken (%v)", err)
	}
}

func compiled(t *testing.T) []byte {
	t.Helper()
	profile, err := defaultProfile()
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
