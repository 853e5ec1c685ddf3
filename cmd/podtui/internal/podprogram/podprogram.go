// Package podprogram carries, inside podtui, the small program that supervisors
// and the starts of apps run: what screens and registries need is not in it, so
// that it starts in half the time, three times for each pod, and a running pod
// keeps less memory.
//
// "make build" makes it (generate, program) and embeds it, by the build tag
// podprogram. A podtui without it, such as that of the tests, is its own program.
package podprogram

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/klauspost/compress/zstd"
)

const (
	prefix     = "podtui-pod-" // and the digest of the program
	compressed = ".zst"
)

// Path is the program's place in a folder of root's own, where it is put the first
// time. It is "" if this podtui carries none, or it can't be put there: podtui can
// do all that it does.
func Path(folder string) string {
	name := embeddedName()
	if name == "" {
		return ""
	}
	path := filepath.Join(folder, strings.TrimSuffix(name, compressed))
	if _, err := os.Stat(path); err != nil && unpack(name, path) != nil {
		return ""
	}
	return path
}

func embeddedName() string {
	entries, _ := fs.ReadDir(embedded, ".")
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), prefix) {
			return entry.Name()
		}
	}
	return ""
}

// unpack writes the program in one step, and takes away those of other builds:
// what runs of them keeps its own.
func unpack(name, path string) error {
	data, err := fs.ReadFile(embedded, name)
	if err != nil {
		return err
	}
	decoder, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer decoder.Close()
	// The root of a pod with private users, who is nobody here, executes it too.
	file, err := renameio.NewPendingFile(path, renameio.WithStaticPermissions(0o755), renameio.WithTempDir(filepath.Dir(path)))
	if err != nil {
		return err
	}
	defer file.Cleanup() //nolint:errcheck // it is in place, or nobody needs it
	if _, err := decoder.WriteTo(file); err != nil {
		return err
	}
	if err := file.CloseAtomicallyReplace(); err != nil {
		return err
	}
	others, _ := filepath.Glob(filepath.Join(filepath.Dir(path), prefix+"*"))
	for _, other := range others {
		if other != path {
			_ = os.Remove(other)
		}
	}
	return nil
}
