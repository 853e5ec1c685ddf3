package supervisor

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/sandbox"
)

// tree makes everything that a folder of an image can have below root/data.
func tree(t *testing.T, root string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("owners and devices are root's to make")
	}
	data := filepath.Join(root, "data")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string, size int) {
		must(os.WriteFile(filepath.Join(data, name), bytes.Repeat([]byte(name+"\n"), size/(len(name)+1)+1), 0o644))
	}
	for _, dir := range []string{"", "sub/deep/deeper", "closed", "sticky", "caf\xe9"} {
		must(os.MkdirAll(filepath.Join(data, dir), 0o755))
	}
	must(os.WriteFile(filepath.Join(data, "empty"), nil, 0o600))
	file("small", 10)
	file("large", 3<<20)
	file("sub/deep/deeper/file", 100)
	file("caf\xe9/\x1b[31m", 10)
	file("closed/file", 10)
	for _, name := range []string{"setuid", "unreadable", "attributes", "mine"} {
		file(name, 10)
	}
	must(unix.Chmod(filepath.Join(data, "setuid"), 0o6755))
	must(unix.Chmod(filepath.Join(data, "unreadable"), 0))
	must(unix.Chmod(filepath.Join(data, "sticky"), 0o1777))
	must(unix.Chmod(filepath.Join(data, "sub"), 0o2750))
	must(os.Lchown(filepath.Join(data, "mine"), 1000, 50))
	must(os.Lchown(filepath.Join(data, "sub/deep"), 4711, 4712))

	must(os.Link(filepath.Join(data, "large"), filepath.Join(data, "sub/deep/large")))
	must(os.Link(filepath.Join(data, "large"), filepath.Join(data, "zz")))
	must(os.Symlink("/etc/shadow", filepath.Join(data, "sub/absolute")))
	must(os.Symlink("../../../../../../etc", filepath.Join(data, "out")))
	must(os.Symlink("nowhere", filepath.Join(data, "dangling")))
	must(os.Link(filepath.Join(data, "dangling"), filepath.Join(data, "sub/dangling-too")))
	must(os.Lchown(filepath.Join(data, "dangling"), 7, 8))

	must(unix.Mknod(filepath.Join(data, "fifo"), unix.S_IFIFO|0o640, 0))
	must(unix.Mknod(filepath.Join(data, "socket"), unix.S_IFSOCK|0o640, 0))
	must(unix.Mknod(filepath.Join(data, "null"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))))
	must(unix.Mknod(filepath.Join(data, "disk"), unix.S_IFBLK|0o660, int(unix.Mkdev(259, 1048575))))
	must(os.Lchown(filepath.Join(data, "disk"), 0, 6))

	capability := []byte{1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	must(unix.Lsetxattr(filepath.Join(data, "attributes"), "security.capability", capability, 0))
	must(unix.Lsetxattr(filepath.Join(data, "attributes"), "user.one", []byte("1\x00\xff"), 0))
	must(unix.Lsetxattr(filepath.Join(data, "attributes"), "user.none", nil, 0))
	must(unix.Lsetxattr(filepath.Join(data, "sub"), "trusted.folder", []byte("yes"), 0))
	must(unix.Lsetxattr(filepath.Join(data, "out"), "trusted.link", []byte("yes"), 0))

	sparse, err := os.Create(filepath.Join(data, "sparse"))
	must(err)
	for _, at := range []int64{1 << 20, 40 << 20} {
		_, err = sparse.WriteAt(bytes.Repeat([]byte("x"), 5000), at)
		must(err)
	}
	must(sparse.Truncate(100 << 20))
	must(sparse.Close())

	must(unix.Chmod(filepath.Join(data, "closed"), 0))
	must(unix.Chmod(data, 0o3775))
	must(os.Lchown(data, 70, 71))
	age(t, data)
}

// age gives everything a time of its own, long ago, links too.
func age(t *testing.T, root string) {
	t.Helper()
	n := int64(0)
	var paths []string
	filepath.WalkDir(root, func(path string, _ fs.DirEntry, _ error) error {
		paths = append(paths, path)
		return nil
	})
	slices.Reverse(paths) // folders after what is in them
	for _, path := range paths {
		n++
		times := []unix.Timespec{{Sec: 1e9 + n, Nsec: 5}, {Sec: 1e9 - n, Nsec: 123456789}}
		if err := unix.UtimesNanoAt(unix.AT_FDCWD, path, times, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			t.Fatal(err)
		}
	}
}

// inventory is all that can be told of a tree, by path. Hard links are told by
// the first of their names.
func inventory(t *testing.T, root string) map[string]string {
	t.Helper()
	list := make(map[string]string)
	first := make(map[uint64]string)
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		entry := fmt.Sprintf("mode %o owner %d:%d modified %d.%09d", st.Mode, st.Uid, st.Gid, st.Mtim.Sec, st.Mtim.Nsec)
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			entry += fmt.Sprintf(" size %d content %.6x holes %v", st.Size, sha256.Sum256(content), st.Blocks*512 < st.Size/2)
		case unix.S_IFLNK:
			target, _ := os.Readlink(path)
			entry += " to " + target
		case unix.S_IFCHR, unix.S_IFBLK:
			entry += fmt.Sprintf(" device %x", st.Rdev)
		}
		if st.Mode&unix.S_IFMT != unix.S_IFDIR {
			if _, known := first[st.Ino]; !known {
				first[st.Ino] = name
			}
			entry += " is " + first[st.Ino]
		}
		list[name] = entry + xattrsOf(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func xattrsOf(t *testing.T, path string) (all string) {
	t.Helper()
	names := make([]byte, 1<<16)
	n, err := unix.Llistxattr(path, names)
	if err != nil {
		t.Fatal(err)
	}
	sorted := strings.Split(strings.TrimRight(string(names[:n]), "\x00"), "\x00")
	slices.Sort(sorted)
	for _, name := range sorted {
		value := make([]byte, 1<<16)
		if n, err := unix.Lgetxattr(path, name, value); name != "" && err == nil {
			all += fmt.Sprintf(" %s=%q", name, value[:n])
		}
	}
	return all
}

func compare(t *testing.T, got, want map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%q\ngot  %s\nwant %s", name, got[name], want[name])
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%q is too much", name)
		}
	}
}

func TestFilledVolumeIsWhatCpMakesOfIt(t *testing.T) {
	t.Parallel()
	root, pod := t.TempDir(), t.TempDir()
	tree(t, root)
	before := inventory(t, filepath.Join(root, "data"))
	age(t, filepath.Join(root, "data")) // its files have just been read
	if err := (filling{root, []string{root}, "/data"}).into(filepath.Join(pod, "ours")); err != nil {
		t.Fatal(err)
	}
	var st unix.Stat_t
	if err := unix.Lstat(filepath.Join(pod, "ours/small"), &st); err != nil || st.Atim.Sec < 1e9 || st.Atim.Sec > 1e9+100 {
		t.Errorf("read at %v (%v)", st.Atim, err)
	}
	if out, err := exec.Command("cp", "-a", "--sparse=auto", filepath.Join(root, "data"), filepath.Join(pod, "theirs")).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
	got := inventory(t, filepath.Join(pod, "ours"))
	compare(t, got, inventory(t, filepath.Join(pod, "theirs")))
	compare(t, got, before)
	compare(t, inventory(t, filepath.Join(root, "data")), before)
}

// An app's root is a stack: the file of the uppermost layer counts, what it hides
// is gone, and large files come from the layer itself.
func TestVolumeIsFilledFromAStackOfLayers(t *testing.T) {
	t.Parallel()
	lower, upper, pod := t.TempDir(), t.TempDir(), t.TempDir()
	tree(t, lower)
	os.MkdirAll(filepath.Join(upper, "data/sub"), 0o700)
	os.WriteFile(filepath.Join(upper, "data/large"), bytes.Repeat([]byte("upper"), 1<<18), 0o611)
	if err := unix.Mknod(filepath.Join(upper, "data/sparse"), unix.S_IFCHR, 0); err != nil { // a whiteout
		t.Fatal(err)
	}
	if err := unix.Setxattr(filepath.Join(upper, "data/sub"), "trusted.overlay.opaque", []byte("y"), 0); err != nil {
		t.Fatal(err)
	}
	age(t, upper)
	root := sandbox.Root{Layers: []string{upper, lower}, Upper: filepath.Join(pod, "upper"), Work: filepath.Join(pod, "work"), Target: filepath.Join(pod, "root")}
	for _, dir := range []string{root.Upper, root.Work, root.Target} {
		os.Mkdir(dir, 0o700)
	}
	if err := root.Mount(); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount(root.Target, unix.MNT_DETACH)
	if err := (filling{root.Target, root.Layers, "/data"}).into(filepath.Join(pod, "volume")); err != nil {
		t.Fatal(err)
	}
	got := inventory(t, filepath.Join(pod, "volume"))
	compare(t, got, inventory(t, filepath.Join(root.Target, "data")))
	if _, there := got["sparse"]; there || got["sub/deep"] != "" {
		t.Error("what a layer hides is there")
	}
}

// Between file systems, such as a tmpfs and a disk, the kernel shares nothing and
// may refuse to copy.
func TestVolumeIsFilledFromAnotherFileSystem(t *testing.T) {
	t.Parallel()
	root, err := os.MkdirTemp("/dev/shm", "podtui-test-")
	if err != nil {
		t.Skip(err)
	}
	defer os.RemoveAll(root)
	pod := t.TempDir()
	tree(t, root)
	before := inventory(t, filepath.Join(root, "data"))
	if err := (filling{root, []string{root}, "/data"}).into(filepath.Join(pod, "volume")); err != nil {
		t.Fatal(err)
	}
	compare(t, inventory(t, filepath.Join(pod, "volume")), before)
}

// A VOLUME may be a link, be missing, or be no folder; none leads out.
func TestWhereAVolumeIsFilledFrom(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	os.WriteFile(filepath.Join(outside, "secret"), []byte("of the host"), 0o644)
	for name, test := range map[string]struct {
		at, trouble string
		want        []string // what is in it; nil: it is no folder
	}{
		"a folder":                   {"/real", "", []string{"inside"}},
		"a link":                     {"/link", "", []string{"inside"}},
		"an absolute link":           {"/absolute", "", []string{"inside"}},
		"through a link":             {"/through/real", "", []string{"inside"}},
		"dots":                       {"/real/../real/.", "", []string{"inside"}},
		"missing":                    {"/nowhere/at/all", "", []string{}},
		"a link to nowhere":          {"/dangling", "", []string{}},
		"a link out of the root":     {"/out", "", []string{}},
		"through a link out of it":   {"/out/deeper", "", []string{}},
		"dots out of it":             {"/../../../../../../../../real", "", []string{"inside"}},
		"a file":                     {"/real/inside", "", nil},
		"a link to a file":           {"/file", "", nil},
		"a loop":                     {"/loop", "/loop of the image: too many levels of symbolic links", nil},
		"below a file":               {"/real/inside/x", "/real/inside/x of the image: not a directory", nil},
		"a fifo":                     {"/fifo", "/fifo is neither a folder nor a file in the image", nil},
		"the whole root, as it is":   {"/", "", []string{"absolute", "dangling", "fifo", "file", "link", "loop", "out", "real", "through"}},
		"a link through host's path": {"/proc", "", []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The data folder is reached by a link, as a user may have it.
			above := t.TempDir()
			os.Symlink(above, filepath.Join(above, "self"))
			root := filepath.Join(above, "self/root")
			os.MkdirAll(filepath.Join(root, "real"), 0o755)
			os.WriteFile(filepath.Join(root, "real/inside"), []byte("here"), 0o640)
			unix.Mkfifo(filepath.Join(root, "fifo"), 0o600)
			for link, to := range map[string]string{
				"link": "real", "absolute": "/real", "through": ".", "dangling": "real/nothing", "out": outside,
				"file": "real/inside", "loop": "loop",
			} {
				if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
					t.Fatal(err)
				}
			}
			target := filepath.Join(t.TempDir(), "volume")
			err := (filling{root, []string{root}, test.at}).into(target)
			if test.trouble != "" {
				if err == nil || err.Error() != test.trouble {
					t.Errorf("got  %v\nwant %s", err, test.trouble)
				}
				if _, err := os.Lstat(target); err == nil {
					t.Error("something was made")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			checkFilled(t, target, test.want)
		})
	}
}

func checkFilled(t *testing.T, target string, want []string) {
	t.Helper()
	info, err := os.Lstat(target)
	if err != nil {
		t.Fatal(err)
	}
	if want == nil {
		if content, _ := os.ReadFile(target); string(content) != "here" || info.Mode() != 0o640 {
			t.Errorf("%v %q", info.Mode(), content)
		}
		return
	}
	if info.Mode() != fs.ModeDir|0o755 && info.Mode() != fs.ModeDir|0o700 {
		t.Errorf("mode %v", info.Mode())
	}
	got := []string{}
	entries, _ := os.ReadDir(target)
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// What the host lacks room for is said with the file, in the image's words.
func TestFullDiskIsToldOfWhileAVolumeIsFilled(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	root, disk := t.TempDir(), t.TempDir()
	os.Mkdir(filepath.Join(root, "data"), 0o755)
	os.WriteFile(filepath.Join(root, "data/file"), make([]byte, 2<<20), 0o644)
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount(disk, unix.MNT_DETACH)
	err := (filling{root, []string{root}, "/data"}).into(filepath.Join(disk, "volume"))
	if want := "copy /data/file of the image: no space left on device"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func BenchmarkFill(b *testing.B) {
	root, pod := b.TempDir(), b.TempDir()
	for i := range 1000 {
		dir := filepath.Join(root, "data", fmt.Sprint(i%50))
		os.MkdirAll(dir, 0o755)
		os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), make([]byte, 4<<10), 0o644)
	}
	os.WriteFile(filepath.Join(root, "data/large"), bytes.Repeat([]byte("large"), 10<<20), 0o644)
	for i := 0; b.Loop(); i++ {
		target := filepath.Join(pod, fmt.Sprint(i))
		if err := (filling{root, []string{root}, "/data"}).into(target); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		os.RemoveAll(target)
		b.StartTimer()
	}
}
