package union

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// needRoot skips what only root can do: mounts, devices, trusted attributes.
func needRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: this needs root, to mount an overlay")
	}
}

// mount stacks the layers, uppermost first, as the kernel does, in no namespace:
// the mount is a descriptor's and goes with it.
func mount(t testing.TB, layers []string) *os.File {
	t.Helper()
	empty, err := os.MkdirTemp(filepath.Dir(layers[0]), "empty") // there must be two at least
	if err != nil {
		t.Fatal(err)
	}
	fs, err := unix.Fsopen("overlay", unix.FSOPEN_CLOEXEC)
	if err != nil {
		t.Skip("NOT TESTED: no overlayfs here: ", err)
	}
	defer unix.Close(fs)
	var lower []string
	for _, layer := range append(slices.Clone(layers), empty) {
		f, err := os.Open(layer)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lower = append(lower, procPath(f)) // short: an option has 255 bytes at most
	}
	err = unix.FsconfigSetString(fs, "lowerdir", strings.Join(lower, ":"))
	if err == nil {
		err = unix.FsconfigCreate(fs)
	}
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "overlay")
	t.Cleanup(func() { f.Close() })
	return f
}

// line is a line for each entry: what both sides are asked for.
func line(path string, st *unix.Stat_t, detail string) string {
	return fmt.Sprintf("/%s %o %d:%d %d.%09d dev %d links %d %s", path, st.Mode, st.Uid, st.Gid, st.Mtim.Sec, st.Mtim.Nsec, rdev(st), links(st), detail)
}

func rdev(st *unix.Stat_t) uint64 {
	if kind := st.Mode & unix.S_IFMT; kind == unix.S_IFCHR || kind == unix.S_IFBLK {
		return st.Rdev
	}
	return 0
}

// links are not those of folders: overlayfs says 1 of merged ones.
func links(st *unix.Stat_t) any {
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		return 0
	}
	return st.Nlink
}

// ofView is what the view tells, each entry looked up once more by its path.
func ofView(t testing.TB, layers []string) (lines []string) {
	t.Helper()
	v, err := Open(layers)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	finder, err := v.Finder()
	if err != nil {
		t.Fatal(err)
	}
	err = v.Walk(func(e Entry) error {
		detail := ""
		switch {
		case e.IsRegular():
			content, err := v.ReadFile(e.Path, 1<<20)
			if err != nil {
				return err
			}
			detail = string(content)
		case e.IsSymlink():
			target, err := e.Target()
			if err != nil {
				return err
			}
			detail = target
		}
		attributes, err := e.Attributes()
		if err != nil {
			return err
		}
		lines = append(lines, line(e.Path, &e.Stat, fmt.Sprintf("%q %q", detail, attributes)))
		for how, lookup := range map[string]func(string) (Entry, error){"a lookup": v.Lookup, "a finder": finder.Lookup} {
			again, err := lookup(e.Path)
			if err != nil || again.Layer != e.Layer || !slices.Equal(again.Layers, e.Layers) || again.Stat.Ino != e.Stat.Ino {
				t.Errorf("%q: a walk tells layers %d of %v, %s %d of %v, %v", e.Path, e.Layer, e.Layers, how, again.Layer, again.Layers, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// ofKernel is what the mount tells. What readdir lists and lstat denies is a
// whiteout in a folder that is not merged.
func ofKernel(t testing.TB, at *os.File, path string) (lines []string) {
	t.Helper()
	var st unix.Stat_t
	name := path
	if name == "" {
		name = "."
	}
	err := unix.Fstatat(int(at.Fd()), name, &st, unix.AT_SYMLINK_NOFOLLOW)
	if err == unix.ENOENT {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	kind := st.Mode & unix.S_IFMT
	detail := ""
	switch kind {
	case unix.S_IFREG:
		var content []byte
		content, err = os.ReadFile(procPath(at) + "/" + name)
		detail = string(content)
	case unix.S_IFLNK:
		detail, err = os.Readlink(procPath(at) + "/" + name)
	}
	if err != nil {
		t.Fatal(err)
	}
	var attributes []Attribute
	for _, a := range []string{"user.note"} {
		value := make([]byte, 100)
		if n, err := unix.Lgetxattr(procPath(at)+"/"+name, a, value); err == nil {
			attributes = append(attributes, Attribute{a, value[:n]})
		}
	}
	lines = append(lines, line(path, &st, fmt.Sprintf("%q %q", detail, attributes)))
	if kind != unix.S_IFDIR {
		return lines
	}
	f, err := os.Open(procPath(at) + "/" + name)
	if err != nil {
		t.Fatal(err)
	}
	list, err := f.Readdirnames(-1)
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	for _, n := range list {
		lines = append(lines, ofKernel(t, at, join(path, n))...)
	}
	return lines
}

func compare(t testing.TB, layers []string) {
	t.Helper()
	kernel, view := ofKernel(t, mount(t, layers), ""), ofView(t, layers)
	if !slices.Equal(kernel, view) {
		t.Errorf("overlayfs tells\n%s\nthe view\n%s", strings.Join(kernel, "\n"), strings.Join(view, "\n"))
	}
}

// put makes one thing in a layer: a word and a path, folders on the way made. It
// leaves alone what is in its way.
func put(root, what, path string) error {
	full := filepath.Join(root, path)
	if os.MkdirAll(filepath.Dir(full), 0o755) != nil {
		return nil //nolint:nilerr // something is in its way
	}
	word, detail, _ := strings.Cut(what, " ")
	var err error
	switch word {
	case "file":
		if _, err := os.Lstat(full); err == nil {
			return nil
		}
		err = os.WriteFile(full, []byte(detail), 0o640)
	case "dir", "opaque":
		if os.Mkdir(full, 0o755) != nil && path != "" {
			return nil
		}
		if err = os.Chmod(full, os.FileMode(0o700+len(detail))); err == nil && word == "opaque" {
			err = unix.Setxattr(full, opaqueAttribute, []byte("y"), 0)
		}
	case "white":
		err = unix.Mknod(full, unix.S_IFCHR, 0)
	case "symlink":
		err = os.Symlink(detail, full)
	case "fifo":
		err = unix.Mkfifo(full, 0o600)
	case "device":
		err = unix.Mknod(full, unix.S_IFBLK|0o600, int(unix.Mkdev(7, 99)))
	case "link":
		err = os.Link(filepath.Join(root, detail), full)
	case "note":
		err = unix.Lsetxattr(full, "user.note", []byte(detail), 0)
	default:
		err = fmt.Errorf("no such word: %s", word)
	}
	if errors.Is(err, os.ErrExist) || errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	return err
}

// TestOverlayfsTellsTheSame stacks random layers in both ways.
func TestOverlayfsTellsTheSame(t *testing.T) {
	t.Parallel()
	needRoot(t)
	words := []string{"file one", "file two", "dir", "dir x", "opaque", "opaque xy", "white", "symlink a", "symlink /nowhere/b", "fifo", "device", "link a", "link b/a", "note n"}
	name := rapid.SampledFrom([]string{"a", "b", "c"})
	path := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(name, 1, 4).Draw(t, "names"), "/")
	})
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp("", "podtui-union-") // not t.TempDir, which would keep them all
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		var layers []string
		for i := range rapid.IntRange(1, 4).Draw(rt, "layers") {
			layer := filepath.Join(dir, fmt.Sprint("layer", i))
			if err := os.Mkdir(layer, os.FileMode(0o750+i)); err != nil {
				rt.Fatal(err)
			}
			layers = append(layers, layer)
			if rapid.IntRange(0, 5).Draw(rt, "opaque root") == 0 {
				unix.Setxattr(layer, opaqueAttribute, []byte("y"), 0)
			}
			for range rapid.IntRange(0, 12).Draw(rt, "entries") {
				if err := put(layer, rapid.SampledFrom(words).Draw(rt, "what"), path.Draw(rt, "path")); err != nil {
					rt.Fatal(err)
				}
			}
		}
		m := mount(t, layers)
		defer m.Close()
		kernel, view := ofKernel(t, m, ""), ofView(t, layers)
		if !slices.Equal(kernel, view) {
			rt.Fatalf("overlayfs tells\n%s\nthe view\n%s", strings.Join(kernel, "\n"), strings.Join(view, "\n"))
		}
	})
}

// The rules one by one, so that a failure has a name.
func TestRules(t *testing.T) {
	t.Parallel()
	needRoot(t)
	for name, layers := range map[string][][]string{ // uppermost first; "what|path"
		"the uppermost counts":                  {{"file one|a"}, {"file two|a"}},
		"folders are merged":                    {{"file one|d/a"}, {"file two|d/b", "file two|d/a"}},
		"a whiteout hides":                      {{"white|a"}, {"file two|a", "file two|b"}},
		"a whiteout hides a folder":             {{"white|d"}, {"file two|d/a"}},
		"a whiteout hides nothing":              {{"white|d"}, {"file two|b"}},
		"a whiteout between":                    {{"file one|d/a"}, {"white|d"}, {"file two|d/b"}},
		"an opaque folder":                      {{"opaque|d", "file one|d/a"}, {"file two|d/b"}},
		"an opaque folder between":              {{"file one|d/a"}, {"opaque|d", "file one|d/b"}, {"file two|d/c"}},
		"a file between":                        {{"file one|d/a"}, {"file one|d"}, {"file two|d/c"}},
		"a symlink is replaced by a folder":     {{"file one|d/a"}, {"symlink e|d", "file one|e/b"}},
		"a folder is replaced by a symlink":     {{"symlink e|d"}, {"file one|d/a", "file one|e/b"}},
		"a folder is replaced by a file":        {{"file one|d"}, {"file one|d/a"}},
		"a file is replaced by a folder":        {{"dir|d"}, {"file one|d"}, {"file one|d/a"}},
		"an opaque root hides nothing":          {{"opaque|", "file one|a"}, {"file two|b"}},
		"a folder has the uppermost attributes": {{"dir x|d", "note n|d"}, {"dir xyz|d", "note m|d"}},
		"hard links":                            {{"file one|a", "link a|d/b"}, {"file two|d/b"}},
		"one layer":                             {{"file one|a", "white|b", "opaque|c"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compare(t, makeLayers(t, layers))
		})
	}
}

func makeLayers(t testing.TB, layers [][]string) (dirs []string) {
	t.Helper()
	dir := t.TempDir()
	for i, entries := range layers {
		root := filepath.Join(dir, fmt.Sprint("layer", i))
		if err := os.Mkdir(root, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			what, path, _ := strings.Cut(e, "|")
			if err := put(root, what, path); err != nil {
				t.Fatal(e, err)
			}
		}
		dirs = append(dirs, root)
	}
	return dirs
}

// Dozens of layers and deep folders need no more descriptors than layers.
func TestDeepAndMany(t *testing.T) {
	t.Parallel()
	var layers [][]string
	deep := strings.Repeat("d/", 120)
	for i := range 60 {
		layers = append(layers, []string{fmt.Sprintf("file x|%sf%d", deep, i)})
	}
	v, err := Open(makeLayers(t, layers))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	n := 0
	if err := v.Walk(func(e Entry) error {
		if n++; bytes.Count([]byte(e.Path), []byte("/")) == 119 {
			fds, err := os.ReadDir("/proc/self/fd")
			if err != nil || len(fds) > 1000 {
				return fmt.Errorf("%d descriptors are open, %w", len(fds), err)
			}
		}
		return nil
	}); err != nil || n != 1+120+60 {
		t.Errorf("%d entries, %v", n, err)
	}
}
