package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

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
	if program, ok := readFilter(path); ok {
		return program, nil
	}
	profile, err := defaultProfile()
	if err != nil {
		return nil, err
	}
	program, err := compileProfile(profile)
	if err != nil {
		return nil, err
	}
	rememberFilter(path, program)
	return program, nil
}

// readFilter reads what was remembered, if it is whole: its digest comes first.
func readFilter(path string) (filter, bool) {
	data, err := os.ReadFile(path)
	if err != nil || len(data) <= sha256.Size {
		return nil, false
	}
	program := data[sha256.Size:]
	return program, sha256.Sum256(program) == [sha256.Size]byte(data)
}

// rememberFilter replaces what other builds and kernels left. A cache that can't
// be written costs time, and nothing else.
func rememberFilter(path string, program filter) {
	dir := filepath.Dir(path)
	older, _ := filepath.Glob(filepath.Join(dir, filterPrefix+"*"))
	digest := sha256.Sum256(program)
	if renameio.WriteFile(path, append(digest[:], program...), 0o600, renameio.WithTempDir(dir)) != nil {
		return
	}
	for _, other := range older {
		if other != path {
			_ = os.Remove(other)
		}
	}
}

const filterPrefix = "seccomp-"

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
	return filterPrefix + hex.EncodeToString(sum[:16]), nil
}
