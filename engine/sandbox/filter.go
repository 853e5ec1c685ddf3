package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
	"golang.org/x/sys/unix"
)

// filter is a compiled seccomp profile: struct sock_filter, one after the other.
type filter []byte

// loadFilter returns the default filter, compiled the first time, and remembered
// in cacheDir: compiling it for three architectures takes longer than all the
// rest of a start. The folder is root's own.
func loadFilter(cacheDir string) (filter, error) {
	name, err := filterName()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(cacheDir, name)
	program, err := os.ReadFile(path)
	if err == nil && len(program) > 0 && len(program)%unix.SizeofSockFilter == 0 {
		return program, nil
	}
	profile, err := defaultProfile()
	if err != nil {
		return nil, err
	}
	if program, err = compileProfile(profile); err != nil {
		return nil, err
	}
	// A cache that can't be written costs time, and nothing else.
	_ = renameio.WriteFile(path, program, 0o600, renameio.WithTempDir(cacheDir))
	return program, nil
}

// filterName tells filters apart by what decides them: the kernel that they are
// for, and this very executable, which has the profile and the compiler in it.
func filterName() (string, error) {
	var uname unix.Utsname
	if err := unix.Uname(&uname); err != nil {
		return "", os.NewSyscallError("uname", err)
	}
	var self unix.Stat_t
	if err := unix.Stat("/proc/self/exe", &self); err != nil {
		return "", os.NewSyscallError("stat", err)
	}
	key := fmt.Sprintf("%s %d %d %d %d %d", unix.ByteSliceToString(uname.Release[:]),
		self.Dev, self.Ino, self.Size, self.Mtim.Nano(), self.Ctim.Nano())
	sum := sha256.Sum256([]byte(key))
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
