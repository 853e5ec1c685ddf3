package blackbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"unicode"
)

// Reports in a folder, by their names; those beyond the newest go.
const (
	prefix      = "crash-"
	suffix      = ".txt"
	mostReports = 10
	mostStack   = 64 << 10
)

// Write writes the report into a folder, which is made if it has to be, and tells
// its path. Of older ones some are kept.
func (c *Crash) Write(dir string) (path string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path = filepath.Join(dir, fmt.Sprintf("%s%s-%d%s", prefix, c.At.UTC().Format("20060102T150405.000Z"), os.Getpid(), suffix))
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(c.String())
	if err = errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(path))
	}
	tidy(dir)
	return path, nil
}

// tidy removes all reports but the newest. Their names begin with their time.
func tidy(dir string) {
	entries, _ := os.ReadDir(dir) // sorted by name
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
		return !e.Type().IsRegular() || !strings.HasPrefix(e.Name(), prefix) || !strings.HasSuffix(e.Name(), suffix)
	})
	for _, e := range entries[:max(len(entries)-mostReports, 0)] {
		_ = os.Remove(filepath.Join(dir, e.Name())) // or somebody else did
	}
}

// String is the report.
func (c *Crash) String() string {
	b := c.box
	b.mu.Lock()
	defer b.mu.Unlock()
	var s strings.Builder
	fmt.Fprintf(&s, "podtui %s crashed in %s\n\n", b.Version, c.Where)
	fmt.Fprintf(&s, "what      %s\n", c.what())
	fmt.Fprintf(&s, "when      %s\n", c.At.UTC().Format("2006-01-02T15:04:05Z"))
	fmt.Fprintf(&s, "terminal  %d×%d\n", b.w, b.h)
	fmt.Fprintf(&s, "built by  %s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	s.WriteString("\nmessages, by type, the last one last:\n")
	for _, m := range b.messages.list {
		fmt.Fprintf(&s, "  %s%s\n", typeName(m.what), m.often())
	}
	s.WriteString("\nkeys, the last one last; what was typed into fields is left out:\n")
	for _, k := range b.keys.list {
		fmt.Fprintf(&s, "  %s%s\n", k.what, k.often())
	}
	fmt.Fprintf(&s, "\nstack:\n%s\n", c.Stack[:min(len(c.Stack), mostStack)])
	return s.String()
}

// what is the panic's value in words. Go's own errors tell of numbers and types.
// Others are somebody's, and may quote what was typed: what stands in quotes goes.
func (c *Crash) what() string {
	if err, ok := c.Value.(runtime.Error); ok {
		return err.Error()
	}
	words := fmt.Sprint(c.Value)
	if at := strings.IndexAny(words, "\"'`"); at >= 0 {
		words = words[:at] + "…"
	}
	const longest = 200
	words = strings.ToValidUTF8(words[:min(len(words), longest)], "")
	words = strings.Join(strings.FieldsFunc(words, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
	return fmt.Sprintf("%s (%T)", words, c.Value)
}

func (t times[T]) often() string {
	if t.n == 1 {
		return ""
	}
	return fmt.Sprintf(" ×%d", t.n)
}

func typeName(t reflect.Type) string {
	if t == nil {
		return "nil"
	}
	return t.String()
}
