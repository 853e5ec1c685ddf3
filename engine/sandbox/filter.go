package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
	"github.com/opencontainers/runtime-spec/specs-go"
	libseccomp "github.com/seccomp/libseccomp-golang"
	"golang.org/x/sys/unix"
)

// filter is a compiled seccomp profile: struct sock_filter, one after the other.
type filter []byte

// loadFilter returns the default filter, compiled the first time, and remembered
// in cacheDir: compiling it for three architectures takes longer than all the
// rest of a start. The name of what is remembered holds all that it was made
// from; the folder is root's own.
func loadFilter(cacheDir string) (filter, error) {
	profile, err := defaultProfile()
	if err != nil {
		return nil, err
	}
	name, err := filterName(profile)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(cacheDir, name)
	program, err := os.ReadFile(path)
	if err == nil && len(program) > 0 && len(program)%unix.SizeofSockFilter == 0 {
		return program, nil
	}
	if program, err = compileProfile(profile); err != nil {
		return nil, err
	}
	// A cache that can't be written costs time, and nothing else.
	_ = renameio.WriteFile(path, program, 0o600, renameio.WithTempDir(cacheDir))
	return program, nil
}

// filterName changes with the profile, with the kernel that it is for and with
// the compiler, which is linked into this executable.
func filterName(profile *specs.LinuxSeccomp) (string, error) {
	var uname unix.Utsname
	if err := unix.Uname(&uname); err != nil {
		return "", os.NewSyscallError("uname", err)
	}
	key, err := json.Marshal(struct {
		Profile *specs.LinuxSeccomp
		Kernel  string
		Library string
	}{profile, unix.ByteSliceToString(uname.Release[:]), libseccompVersion()})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(key)
	return "seccomp-" + hex.EncodeToString(sum[:16]), nil
}

// install puts the compiled filter on an app's process, which waits to be
// executed (filter.c answers).
func (f filter) install(socket *os.File) error {
	if _, err := socket.Write(f); err != nil {
		return fmt.Errorf("seccomp filter: %w", err)
	}
	var answer [1]byte
	if _, err := socket.Read(answer[:]); err != nil {
		return fmt.Errorf("seccomp filter: %w", err)
	}
	if answer[0] != 0 {
		return fmt.Errorf("seccomp filter: %w", syscall.Errno(answer[0]))
	}
	return nil
}

func libseccompVersion() string {
	major, minor, micro := libseccomp.GetLibraryVersion()
	return fmt.Sprintf("%d.%d.%d", major, minor, micro)
}
