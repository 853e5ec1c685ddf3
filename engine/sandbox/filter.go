package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/renameio/v2"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// filter is a compiled seccomp profile: struct sock_filter, one after the other.
// One of no length lets every system call pass.
type filter []byte

// loadFilter returns an app's filter, compiled the first time that any app has
// one like it, and remembered in cacheDir: compiling it for three architectures
// takes longer than all the rest of a start. The folder is root's own.
func loadFilter(cacheDir string, isolation spec.Isolation) (filter, error) {
	if isolation.Seccomp.Mode == spec.SeccompOff {
		return nil, nil
	}
	name, err := filterName(isolation)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(cacheDir, name)
	if program, ok := readFilter(path); ok {
		return program, nil
	}
	profile, err := profileOf(isolation)
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

// mostFilters is how many filters are remembered: profiles come from images, and
// images from anywhere. Those of other builds and kernels go with their age; podtui
// is two programs (a pod's own processes run a small one), which must not take each
// other's.
const mostFilters = 64

// rememberFilter also forgets the oldest of too many. A cache that can't be written
// costs time, and nothing else.
func rememberFilter(path string, program filter) {
	dir := filepath.Dir(path)
	digest := sha256.Sum256(program)
	if renameio.WriteFile(path, append(digest[:], program...), 0o600, renameio.WithTempDir(dir)) != nil {
		return
	}
	for n, other := range youngestFirst(filepath.Join(dir, filterPrefix+"*")) {
		if n >= mostFilters {
			_ = os.Remove(other)
		}
	}
}

func youngestFirst(pattern string) []string {
	paths, _ := filepath.Glob(pattern)
	if len(paths) < 2 {
		return paths
	}
	made := make(map[string]int64, len(paths))
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			made[path] = info.ModTime().UnixNano()
		}
	}
	slices.SortFunc(paths, func(a, b string) int { return cmp.Compare(made[b], made[a]) })
	return paths
}

const filterPrefix = "seccomp-"

// filterName tells filters apart by what decides them: the kernel that they are
// for, and this very executable, which has the profiles and the compiler in it;
// then what is said of the app.
func filterName(isolation spec.Isolation) (string, error) {
	var uname unix.Utsname
	if err := unix.Uname(&uname); err != nil {
		return "", os.NewSyscallError("uname", err)
	}
	var self unix.Stat_t
	if err := unix.Stat("/proc/self/exe", &self); err != nil {
		return "", os.NewSyscallError("stat", err)
	}
	build := fmt.Sprintf("%s %d %d %d %d %d", unix.ByteSliceToString(uname.Release[:]),
		self.Dev, self.Ino, self.Size, self.Mtim.Nano(), self.Ctim.Nano())
	app, err := json.Marshal([]any{isolation.Seccomp, capabilitiesOf(isolation)})
	return filterPrefix + short(build) + "-" + short(string(app)), err
}

func short(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}
