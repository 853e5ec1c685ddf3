package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
	"github.com/opencontainers/runc/libcontainer/configs"
	"golang.org/x/sys/unix"
)

// filter is a seccomp profile together with its compiled program, if this host
// lets us have it.
type filter struct {
	profile *configs.Seccomp
	program []byte // struct sock_filter, one after the other; nil: libcontainer compiles
}

// loadFilter returns the default filter, compiled by libcontainer the first
// time, and remembered in cacheDir. The name of the remembered program holds
// all that it was made from; the folder is root's own.
func loadFilter(cacheDir string) (filter, error) {
	profile, err := defaultSeccomp()
	if err != nil {
		return filter{}, err
	}
	name, err := filterName(profile)
	if err != nil {
		return filter{}, err
	}
	path := filepath.Join(cacheDir, name)
	program, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		program, err = compileFilter(profile)
		if err == nil {
			err = renameio.WriteFile(path, program, 0o600, renameio.WithTempDir(cacheDir))
		}
	}
	if err != nil || len(program)%int(unix.SizeofSockFilter) != 0 {
		return filter{profile: profile}, nil //nolint:nilerr // slower, and as safe: libcontainer compiles it
	}
	return filter{profile: profile, program: program}, nil
}

// filterName changes with the profile, with the kernel that it is for and with
// the compiler, which is linked into this executable.
func filterName(profile *configs.Seccomp) (string, error) {
	var uname unix.Utsname
	if err := unix.Uname(&uname); err != nil {
		return "", os.NewSyscallError("uname", err)
	}
	key, err := json.Marshal(struct {
		Profile *configs.Seccomp
		Kernel  string
		Library string
	}{profile, unix.ByteSliceToString(uname.Release[:]), libseccompVersion()})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(key)
	return "seccomp-" + hex.EncodeToString(sum[:16]), nil
}

// forLibcontainer is what libcontainer is to install by itself.
func (f filter) forLibcontainer() *configs.Seccomp {
	if f.program != nil {
		return nil
	}
	return f.profile
}

// install puts the compiled filter on an app's process, which waits to be
// executed (filter.c answers).
func (f filter) install(socket *os.File) error {
	if f.program == nil {
		return nil
	}
	if _, err := socket.Write(f.program); err != nil {
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
