package treecopy

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// copied copies from, a path, to a name in a folder, and returns what was left out.
func copied(t *testing.T, from, to string, o Options) (*Copier, []string, error) {
	t.Helper()
	var told []string
	o.Name = func(inside string) string { return "/" + inside }
	o.Tell = func(inside, why string) { told = append(told, inside+" "+why) }
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	source, err := unix.Open(from, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(source)
	into, err := unix.Open(filepath.Dir(to), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(into)
	err = c.Copy(context.Background(), source, Place{into, filepath.Base(to)})
	slices.Sort(told)
	return c, told, err
}

func write(t *testing.T, path, content string) {
	t.Helper()
	os.MkdirAll(filepath.Dir(path), 0o755)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("owners and devices are root's to make")
	}
}

func TestCopyGivesNobodysRightsAway(t *testing.T) {
	t.Parallel()
	needRoot(t)
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
	write(t, from+"/setuid", "x")
	os.Symlink("setuid", from+"/link")
	unix.Chmod(from+"/setuid", 0o6755)
	unix.Chmod(from, 0o3770)
	os.Lchown(from+"/link", 5, 6)
	unix.Setxattr(from+"/setuid", "user.mine", []byte("1"), 0)
	unix.Setxattr(from+"/setuid", "security.capability", []byte{1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0)
	if _, _, err := copied(t, from, to, Options{Owner: &Owner{1000, 50}}); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]uint32{"": unix.S_IFDIR | 0o1770, "/setuid": unix.S_IFREG | 0o755, "/link": unix.S_IFLNK | 0o777} {
		var st unix.Stat_t
		if err := unix.Lstat(to+name, &st); err != nil || st.Mode != mode || st.Uid != 1000 || st.Gid != 50 {
			t.Errorf("%q: %v mode %o owner %d:%d", name, err, st.Mode, st.Uid, st.Gid)
		}
	}
	value := make([]byte, 10)
	if n, err := unix.Getxattr(to+"/setuid", "user.mine", value); err != nil || string(value[:n]) != "1" {
		t.Errorf("user.mine: %v", err)
	}
	if _, err := unix.Getxattr(to+"/setuid", "security.capability", nil); err != unix.ENODATA {
		t.Errorf("a capability came along: %v", err)
	}
}

func TestCopyGoesIntoWhatIsThere(t *testing.T) {
	t.Parallel()
	needRoot(t)
	from, to, outside := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to"), t.TempDir()
	for _, name := range []string{"new", "old", "overlink", "folder/inner", "file/x", "device", "linked/x"} {
		write(t, from+"/"+name, "new")
	}
	write(t, from+"/overfolder", "new")
	write(t, to+"/old", "old")
	write(t, to+"/kept", "kept")
	write(t, to+"/folder/kept", "kept")
	write(t, to+"/file", "old")
	write(t, to+"/overfolder/x", "kept")
	write(t, outside+"/secret", "secret")
	os.Symlink(outside+"/secret", to+"/overlink")
	os.Symlink(outside, to+"/linked")
	unix.Mknod(to+"/device", unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3)))
	unix.Chmod(to, 0o711)
	c, told, err := copied(t, from, to, Options{})
	want := []string{
		"device what is in its place is no file, and is not replaced by one",
		"file it is a folder, and something else is in its place",
		"linked it is a folder, and something else is in its place",
		"overfolder it is no folder, and one is in its place",
	}
	if err != nil || !slices.Equal(told, want) || c.Wrong() != len(want) {
		t.Errorf("%v, %d wrong\ngot  %q\nwant %q", err, c.Wrong(), told, want)
	}
	for name, content := range map[string]string{
		"new": "new", "old": "new", "kept": "kept", "folder/inner": "new", "folder/kept": "kept", "file": "old", "overlink": "new", "overfolder/x": "kept",
	} {
		if got, err := os.ReadFile(filepath.Join(to, name)); string(got) != content {
			t.Errorf("%s: %q (%v)", name, got, err)
		}
	}
	if got, _ := os.ReadFile(outside + "/secret"); string(got) != "secret" {
		t.Error("what a link of the target leads to was written")
	}
	if entries, _ := os.ReadDir(outside); len(entries) != 1 {
		t.Errorf("something was made behind a link: %v", entries)
	}
	if info, _ := os.Stat(to); info.Mode().Perm() != 0o711 {
		t.Errorf("a folder that was there has the mode %v now", info.Mode())
	}
	if left, _ := filepath.Glob(to + "/.podtui-*"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestCopyOpensNothingThatIsNoFile(t *testing.T) {
	t.Parallel()
	needRoot(t)
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
	write(t, from+"/file", "x")
	unix.Mkfifo(from+"/fifo", 0o666)
	unix.Mknod(from+"/socket", unix.S_IFSOCK|0o666, 0)
	unix.Mknod(from+"/device", unix.S_IFCHR|0o666, int(unix.Mkdev(1, 1)))
	c, told, err := copied(t, from, to, Options{})
	want := []string{"device it is a device, which is not copied", "fifo it is a fifo, which is not copied", "socket it is a socket, which is not copied"}
	if err != nil || !slices.Equal(told, want) || c.Wrong() != 0 || c.Made() != 2 {
		t.Errorf("%v, %d wrong, %d made, %q", err, c.Wrong(), c.Made(), told)
	}
	if _, _, err := copied(t, "/proc/version", to+"/version", Options{}); err == nil || !strings.Contains(err.Error(), "the kernel makes up") {
		t.Errorf("/proc/version: %v", err)
	}
}

func TestCopyOfAFolderIntoItselfEnds(t *testing.T) {
	t.Parallel()
	from := t.TempDir()
	write(t, from+"/a/file", "x")
	_, told, err := copied(t, from, from+"/a/copy", Options{})
	if err != nil || !slices.Equal(told, []string{"a/copy it is the copy itself"}) {
		t.Errorf("%v %q", err, told)
	}
	if _, err := os.Stat(from + "/a/copy/a/file"); err != nil {
		t.Error(err)
	}
}

// Folders in one another must not cost a descriptor each without end.
func TestDepthOfFoldersIsBounded(t *testing.T) {
	t.Parallel()
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
	write(t, from+"/file", "x")
	deep := "." + strings.Repeat("/d", maxDepth+50)
	if err := os.MkdirAll(filepath.Join(from, deep), 0o755); err != nil {
		t.Fatal(err)
	}
	c, told, err := copied(t, from, to, Options{})
	if err != nil || c.Wrong() != 1 || len(told) != 1 || !strings.HasSuffix(told[0], "its folders are too deep in one another") {
		t.Errorf("%v, %d wrong, %.300q", err, c.Wrong(), told)
	}
}

func TestCopyEndsWithItsContext(t *testing.T) {
	t.Parallel()
	from, into := t.TempDir(), t.TempDir()
	write(t, from+"/file", strings.Repeat("x", 1<<20))
	c, err := New(Options{Name: func(p string) string { return p }})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	source, _ := os.Open(from)
	defer source.Close()
	target, _ := os.Open(into)
	defer target.Close()
	if err := c.Contents(ctx, int(source.Fd()), int(target.Fd())); err != context.Canceled {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(into); len(entries) > 0 {
		t.Errorf("left: %v", entries)
	}
}

func TestQuotedIsFitForATerminal(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/etc/passwd": "/etc/passwd",
		"/a b/ü":      "/a b/ü",
		"/\x1b[31m\n": `"/\x1b[31m\n"`,
		"/caf\xe9":    `"/caf\xe9"`,
	} {
		if got := Quoted(path); got != want {
			t.Errorf("%q: %s", path, got)
		}
	}
	if got := Quoted(strings.Repeat("x/", 5000) + "end"); len(got) > 400 || !strings.HasSuffix(got, "end") {
		t.Errorf("%d bytes", len(got))
	}
}
