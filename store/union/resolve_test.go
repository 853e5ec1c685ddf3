package union

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Whatever a layer's symlinks say, what is read is what a process in the merged
// root would read: never a file of the host.
func TestSymlinksStayInTheMergedRoot(t *testing.T) {
	t.Parallel()
	upper := []string{
		"symlink b|a", "symlink a|b", "symlink self|self", "symlink ../../../../etc/passwd|up",
		"symlink /etc/passwd|absolute", "symlink usr/bin|bin", "symlink ../../etc|usr/share/etc",
		"symlink gone|dangling", "fifo|fifo", "symlink fifo|tofifo", "symlink /|root", "symlink etc/passwd/..|through",
	}
	for i := range 45 {
		upper = append(upper, "symlink chain"+strings.Repeat("i", i+1)+"|chain"+strings.Repeat("i", i))
	}
	lower := []string{"file root:x:0:0|etc/passwd", "file tool|usr/bin/tool", "file big big big|big"}
	v, err := Open(makeLayers(t, [][]string{upper, lower}))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for _, test := range []struct {
		path, want string
		err        error
	}{
		{"/etc/passwd", "root:x:0:0", nil},
		{"etc/passwd", "root:x:0:0", nil},
		{"//etc/./passwd", "root:x:0:0", nil},
		{"../../etc/passwd", "root:x:0:0", nil},
		{"/etc/../etc/passwd", "root:x:0:0", nil},
		{"up", "root:x:0:0", nil},
		{"absolute", "root:x:0:0", nil},
		{"root/root/etc/passwd", "root:x:0:0", nil},
		{"bin/tool", "tool", nil},
		{"usr/share/etc/passwd", "root:x:0:0", nil},
		{"bin/../../etc/passwd", "root:x:0:0", nil},
		{"a", "", unix.ELOOP},
		{"self/x", "", unix.ELOOP},
		{"chain", "", unix.ELOOP},
		{"dangling", "", fs.ErrNotExist},
		{"none", "", fs.ErrNotExist},
		{"etc/passwd/x", "", unix.ENOTDIR},
		{"through", "", unix.ENOTDIR},
		{"etc", "", unix.EINVAL},
		{"fifo", "", unix.EINVAL},
		{"tofifo", "", unix.EINVAL},
		{"big", "", unix.EFBIG},
		{strings.Repeat("x", 300), "", fs.ErrNotExist},
		{strings.Repeat("etc/../", 3000) + "etc/passwd", "", unix.ELOOP},
	} {
		got, err := v.ReadFile(test.path, 10)
		if string(got) != test.want || !errors.Is(err, test.err) {
			t.Errorf("%.40q: got %q, %v", test.path, got, err)
		}
	}
}

// Lookup follows nothing: what an archive calls a/b is not what a symlink a
// leads to.
func TestLookupFollowsNoSymlink(t *testing.T) {
	t.Parallel()
	v, err := Open(makeLayers(t, [][]string{{"symlink usr/bin|bin", "file x|file"}, {"file tool|usr/bin/tool", "dir|d"}}))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	f, err := v.Finder()
	if err != nil {
		t.Fatal(err)
	}
	for path, layer := range map[string]int{"": 0, "/": 0, "bin": 0, "usr/bin/tool": 1, "usr": 1, "d/": 1, "file": 0} {
		if e, err := v.Lookup(path); err != nil || e.Layer != layer {
			t.Errorf("%q is in layer %d, %v", path, e.Layer, err)
		}
		if e, err := f.Lookup(path); err != nil || e.Layer != layer {
			t.Errorf("a finder has %q in layer %d, %v", path, e.Layer, err)
		}
	}
	for _, path := range []string{"bin/tool", "file/x", "none", "..", "d/../d", "a/b/c"} {
		if _, err := v.Lookup(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", path, err)
		}
		if _, err := f.Lookup(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a finder has %q: %v", path, err)
		}
	}
}

func TestOpenSaysWhatIsNoLayer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Symlink("/etc", link)); err != nil {
		t.Fatal(err)
	}
	for _, layers := range [][]string{nil, {dir, file}, {link}, {filepath.Join(dir, "none")}} {
		if v, err := Open(layers); err == nil {
			v.Close()
			t.Errorf("%q was opened", layers)
		}
	}
}

// Whatever a path says, an error is one short line that a terminal can show.
func TestErrorsQuotePaths(t *testing.T) {
	t.Parallel()
	name := "\x1b]0;owned\a\n" + strings.Repeat("x", 200)
	deep := strings.Repeat(name+"/", 10)
	v, err := Open(makeLayers(t, [][]string{{"file much|" + deep + "f", "fifo|" + deep + "fifo", "dir|" + deep + "dir"}}))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	finder, err := v.Finder()
	if err != nil {
		t.Fatal(err)
	}
	entry := func(path string) Entry {
		e, err := v.Lookup(path)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	for what, f := range map[string]func() error{
		"lookup":  func() error { _, err := v.Lookup(deep + "none"); return err },
		"finder":  func() error { _, err := finder.Lookup(deep + "none"); return err },
		"resolve": func() error { _, err := v.Resolve(deep + "none"); return err },
		"bound":   func() error { _, err := v.ReadFile(deep+"f", 1); return err },
		"kind":    func() error { _, err := v.ReadFile(deep+"fifo", 1); return err },
		"open":    func() error { _, err := entry(deep + "fifo").Open(); return err },
		"target":  func() error { _, err := entry(deep + "f").Target(); return err },
		"read": func() error {
			f, err := entry(deep + "dir").Open()
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			_, err = f.Read(make([]byte, 1))
			return err
		},
	} {
		err := f()
		if err == nil || strings.ContainsAny(err.Error(), "\x1b\a\n") || len(err.Error()) > 300 {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A whole walk ends with the first error of who walks, and gives it back.
func TestWalkEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	v, err := Open(makeLayers(t, [][]string{{"file x|a/b", "file x|c"}}))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	enough := errors.New("enough")
	var seen []string
	err = v.Walk(func(e Entry) error {
		seen = append(seen, e.Path)
		if e.Path == "a/b" {
			return enough
		}
		return nil
	})
	if err != enough || strings.Join(seen, " ") != " a a/b" {
		t.Errorf("saw %q, %v", seen, err)
	}
}
