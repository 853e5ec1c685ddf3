package credential

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// maxFile is how large a file of credentials may be. Real ones have a few
// hundred bytes.
const maxFile = 1 << 20

// FileError says in one line which file is wrong, and how.
type FileError struct {
	Paths  []string // the file, or the two that contradict each other
	Reason string
}

func (e *FileError) Error() string {
	return fmt.Sprintf("credentials in %s: %s", strings.Join(e.Paths, " and "), e.Reason)
}

func bad(path, format string, args ...any) *FileError {
	return &FileError{Paths: []string{path}, Reason: fmt.Sprintf(format, args...)}
}

// readFile returns a file's bytes, or fs.ErrNotExist. Anything but a plain
// file is refused, and not waited for: a FIFO would never end.
func readFile(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, bad(path, "%v", reason(err))
	}
	defer f.Close()
	switch info, err := f.Stat(); {
	case err != nil:
		return nil, bad(path, "%v", reason(err))
	case !info.Mode().IsRegular():
		return nil, bad(path, "not a file")
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, bad(path, "%v", reason(err))
	case len(b) > maxFile:
		return nil, bad(path, "larger than %d bytes", maxFile)
	}
	return b, nil
}

// reason is what the system said, without the path that is told anyway.
func reason(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}

// decode reads a file's JSON. The messages of encoding/json are not used: they
// quote from the file, and what they quote may be a password.
func decode(path string, raw []byte, v any) error {
	err := json.Unmarshal(raw, v)
	if err == nil {
		return nil
	}
	if e := (*json.UnmarshalTypeError)(nil); errors.As(err, &e) {
		kind, _, _ := strings.Cut(e.Value, " ")
		return bad(path, "line %d: %s is a %s, which does not belong there", line(raw, e.Offset), field(e.Field), kind)
	}
	if e := (*json.SyntaxError)(nil); errors.As(err, &e) {
		return bad(path, "line %d: not JSON", line(raw, e.Offset))
	}
	return bad(path, "not JSON")
}

// field is the last name of a path of fields. The names before it may be keys
// of a map, and so anything that was written there.
func field(path string) string {
	name := path[strings.LastIndexByte(path, '.')+1:]
	switch name {
	case "":
		return "the whole"
	case "rktKind", "rktVersion", "domains", "registries", "type", "credentials", "user", "password", "token",
		"auths", "auth", "username", "identitytoken", "registrytoken", "credHelpers", "credsStore":
		return `"` + name + `"`
	}
	return "a value"
}

func line(raw []byte, offset int64) int {
	return 1 + strings.Count(string(raw[:min(max(offset, 0), int64(len(raw)))]), "\n")
}

// warn keeps a warning if everybody on this host may read or change a file
// that holds secrets. A closed folder around the file closes it too.
func (s *Set) warn(path string) {
	info, err := os.Stat(path)
	if err != nil {
		return
	}
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil || folder.Mode().Perm()&0o001 == 0 {
		return
	}
	var may string
	switch info.Mode().Perm() & 0o006 {
	case 0:
		return
	case 0o004:
		may = "read"
	case 0o002:
		may = "change"
	default:
		may = "read and change"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.warnings = append(s.warnings, fmt.Sprintf("credentials in %s: every user of this host may %s them; chmod o= %s", path, may, path))
}
