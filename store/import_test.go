package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/storetest"
)

const everything = `
manifest
dir ./rootfs/ mode=0755 mtime=1000
dir rootfs/etc mode=0711 uid=3 gid=4 mtime=2000
file rootfs/etc/passwd "root:x:0:0" mode=0640 uid=1 gid=42 mtime=3000
dir rootfs/usr/bin mode=0755 mtime=4000
symlink rootfs/bin usr/bin mtime=5000 uid=7
file rootfs/bin/su "setuid" mode=04755 mtime=-6000
hardlink rootfs/usr/bin/sudo rootfs/usr/bin/su
char rootfs/null 1 3 mode=0666 mtime=7000
block rootfs/disk 8 1 mode=0660 gid=6 mtime=8000
fifo rootfs/pipe mode=0600 mtime=9000
dir rootfs/tmp mode=01777 mtime=10000
dir rootfs/closed mode=0000 mtime=11000
file rootfs/closed/in "x" mode=0000
pax SCHILY.xattr.user.note "with\nnewline"
pax SCHILY.xattr.security.capability "\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
file rootfs/ping "x" mode=0755 uid=1
pax SCHILY.xattr.trusted.mark "1"
symlink rootfs/marked nowhere
pax mtime 12000.123456789
file rootfs/precise "x"
file rootfs/empty
symlink rootfs/dangling /nowhere/at/all
file "rootfs/odd \x1b\xff name" "x"
hardlink rootfs/link-to-symlink rootfs/bin
`

func TestEveryKindOfEntryIsUnpackedAsItWas(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := open(t)
	img := add(t, s, build(t, everything))
	layers, err := s.Layers(img)
	if err != nil || len(layers) != 1 {
		t.Fatal(layers, err)
	}
	for _, want := range []struct {
		path     string
		mode     uint32
		uid, gid uint32
		mtime    int64
		content  string // of a file, or a symlink's target
	}{
		{".", unix.S_IFDIR | 0o755, 0, 0, 1000, ""},
		{"etc", unix.S_IFDIR | 0o711, 3, 4, 2000, ""},
		{"etc/passwd", unix.S_IFREG | 0o640, 1, 42, 3000, "root:x:0:0"},
		{"usr", unix.S_IFDIR | 0o755, 0, 0, 0, ""},
		{"usr/bin", unix.S_IFDIR | 0o755, 0, 0, 4000, ""},
		{"bin", unix.S_IFLNK | 0o777, 7, 0, 5000, "usr/bin"},
		{"link-to-symlink", unix.S_IFLNK | 0o777, 7, 0, 5000, "usr/bin"},
		{"usr/bin/su", unix.S_IFREG | 0o4755, 0, 0, -6000, "setuid"},
		{"usr/bin/sudo", unix.S_IFREG | 0o4755, 0, 0, -6000, "setuid"},
		{"null", unix.S_IFCHR | 0o666, 0, 0, 7000, ""},
		{"disk", unix.S_IFBLK | 0o660, 0, 6, 8000, ""},
		{"pipe", unix.S_IFIFO | 0o600, 0, 0, 9000, ""},
		{"tmp", unix.S_IFDIR | 0o1777, 0, 0, 10000, ""},
		{"closed", unix.S_IFDIR, 0, 0, 11000, ""},
		{"closed/in", unix.S_IFREG, 0, 0, 0, "x"},
		{"precise", unix.S_IFREG | 0o644, 0, 0, 12000, "x"},
		{"empty", unix.S_IFREG | 0o644, 0, 0, 0, ""},
		{"dangling", unix.S_IFLNK | 0o777, 0, 0, 0, "/nowhere/at/all"},
		{"odd \x1b\xff name", unix.S_IFREG | 0o644, 0, 0, 0, "x"},
	} {
		path := filepath.Join(layers[0], want.path)
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			t.Errorf("%q: %v", want.path, err)
			continue
		}
		if st.Mode != want.mode || st.Uid != want.uid || st.Gid != want.gid || st.Mtim.Sec != want.mtime {
			t.Errorf("%q: mode %o, owner %d:%d, time %d; want %o, %d:%d, %d", want.path,
				st.Mode, st.Uid, st.Gid, st.Mtim.Sec, want.mode, want.uid, want.gid, want.mtime)
		}
		var content []byte
		switch want.mode & unix.S_IFMT {
		case unix.S_IFREG:
			content, _ = os.ReadFile(path)
		case unix.S_IFLNK:
			target, _ := os.Readlink(path)
			content = []byte(target)
		}
		if string(content) != want.content {
			t.Errorf("%q holds %q", want.path, content)
		}
	}
	details(t, layers[0])
}

// details are what stat alone does not show.
func details(t *testing.T, root string) {
	var st, other unix.Stat_t
	unix.Lstat(filepath.Join(root, "null"), &st)
	if st.Rdev != unix.Mkdev(1, 3) {
		t.Errorf("null is device %x", st.Rdev)
	}
	unix.Lstat(filepath.Join(root, "usr/bin/su"), &st)
	unix.Lstat(filepath.Join(root, "usr/bin/sudo"), &other)
	if st.Ino != other.Ino || st.Nlink != 2 {
		t.Error("su and sudo are two files")
	}
	unix.Lstat(filepath.Join(root, "precise"), &st)
	if st.Mtim.Nsec != 123456789 {
		t.Errorf("precise has %d ns", st.Mtim.Nsec)
	}
	for _, x := range []struct{ path, name, want string }{
		{"ping", "user.note", "with\nnewline"},
		{"ping", "security.capability", "\x01\x00\x00\x02\x00\x04" + strings.Repeat("\x00", 14)},
		{"marked", "trusted.mark", "1"},
	} {
		value := make([]byte, 100)
		n, err := unix.Lgetxattr(filepath.Join(root, x.path), x.name, value)
		if err != nil || string(value[:n]) != x.want {
			t.Errorf("%s of %s is %q, %v", x.name, x.path, value[:max(n, 0)], err)
		}
	}
}

func TestEveryCompressionGivesTheSameImage(t *testing.T) {
	t.Parallel()
	s := open(t)
	plain := build(t, "manifest\ndir rootfs mode=0755\nrepeat 50\nfile rootfs/f%d \"content of %d\"\n")
	first := add(t, s, plain)
	if want := "sha512-" + sum(plain); first.ID != want {
		t.Fatalf("the ID is %s, want %s", first.ID, want)
	}
	half := len(plain) / 2
	for name, packed := range map[string][]byte{
		"gzip":                     filter(t, plain, "gzip"),
		"gzip of several members":  append(filter(t, plain[:half], "gzip"), filter(t, plain[half:], "gzip")...),
		"bzip2":                    filter(t, plain, "bzip2"),
		"bzip2 of several streams": append(filter(t, plain[:half], "bzip2"), filter(t, plain[half:], "bzip2")...),
		"xz":                       filter(t, plain, "xz"),
		"xz of several streams":    append(filter(t, plain[:half], "xz"), filter(t, plain[half:], "xz")...),
		"zstd":                     filter(t, plain, "zstd"),
		"zstd of several frames":   append(filter(t, plain[:half], "zstd"), filter(t, plain[half:], "zstd")...),
		"zstd of a high level":     filter(t, plain, "zstd", "-19"),
	} {
		t.Run(name, func(t *testing.T) {
			img, fresh, err := s.Import(context.Background(), bytes.NewReader(packed), ImportOptions{})
			if err != nil || fresh || img.ID != first.ID {
				t.Errorf("got %s, fresh %v, %v", img.ID, fresh, err)
			}
		})
	}
}

func TestDamageInACompressedArchiveIsFound(t *testing.T) {
	t.Parallel()
	plain := build(t, "manifest\ndir rootfs mode=0755\nrepeat 50\nfile rootfs/f%d \"content of %d\"\n")
	for _, tool := range []string{"gzip", "bzip2", "xz", "zstd"} {
		t.Run(tool, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			packed := filter(t, plain, tool)
			for at := 10; at < len(packed); at += max(1, len(packed)/50) {
				broken := bytes.Clone(packed)
				broken[at] ^= 0x10
				img, _, err := s.Import(context.Background(), bytes.NewReader(broken), ImportOptions{})
				if err == nil && img.ID == "sha512-"+sum(plain) {
					continue // a byte without meaning, such as a flag of xz's index
				}
				var refused *ArchiveError
				if !errors.As(err, &refused) {
					t.Errorf("byte %d of %d: %v", at, len(packed), err)
				}
				if err != nil && strings.Contains(err.Error(), "\n") {
					t.Errorf("byte %d of %d: not one line: %v", at, len(packed), err)
				}
			}
		})
	}
}

// filter runs data through a program of the system, which compresses it.
func filter(t *testing.T, data []byte, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("NOT TESTED: there is no %s", name)
	}
	cmd := exec.Command(name, append(args, "-c")...)
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

func TestSecondImportFindsTheFirst(t *testing.T) {
	t.Parallel()
	s := open(t)
	archive := named(t, "example.com/a")
	first, fresh, err := s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{})
	if err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	before := remains(t, s)
	v := &Verification{By: "Carly Container", Key: "ABCD", At: time.Now().UTC()}
	second, fresh, err := s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{Verified: v})
	if err != nil || fresh {
		t.Fatal(fresh, err)
	}
	if second.ID != first.ID || second.Verified == nil || second.Verified.By != v.By || second.Verified.Key != v.Key {
		t.Errorf("got %+v", second)
	}
	if again, _ := s.Get(first.ID); again.Verified == nil || !again.Used.Equal(second.Used) {
		t.Errorf("got %+v", again)
	}
	if after := remains(t, s); len(after) != len(before) {
		t.Errorf("the store has %q, before %q", after, before)
	}
	// What was vouched for stays so, whoever imports it again.
	if third, _, _ := s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{}); third.Verified == nil {
		t.Error("the verification is lost")
	}
}

func TestConcurrentImportsOfOneImageMakeOne(t *testing.T) {
	t.Parallel()
	s := open(t)
	archive := build(t, "manifest\ndir rootfs mode=0755\nrepeat 200\nfile rootfs/f%d \"content of %d\"\ncompress gzip\n")
	path := filepath.Join(t.TempDir(), "image.aci")
	if err := os.WriteFile(path, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var lock sync.Mutex
	ids, fresh := map[string]int{}, 0
	report := func(id string, isFresh bool) {
		lock.Lock()
		defer lock.Unlock()
		ids[id]++
		if isFresh {
			fresh++
		}
	}
	for range 8 {
		group.Go(func() {
			img, isFresh, err := s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{})
			if err != nil {
				t.Error(err)
			}
			report(img.ID, isFresh)
		})
		group.Go(func() {
			out, err := spawn(s, "import", path, "").Output()
			if err != nil {
				t.Errorf("child: %v", err)
			}
			id, isFresh, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
			report(id, isFresh == "true")
		})
	}
	group.Wait()
	if len(ids) != 1 || fresh != 1 {
		t.Errorf("%d images, %d of them fresh: %v", len(ids), fresh, ids)
	}
	if left := remains(t, s); len(left) != 3 { // image, layer, index
		t.Errorf("the store has %q", left)
	}
}

func TestCancelledImportLeavesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	archive := build(t, "manifest\ndir rootfs\nrepeat 100\nfile rootfs/f%d \"content of %d\"\n")
	ctx, cancel := context.WithCancel(context.Background())
	half := io.MultiReader(bytes.NewReader(archive[:len(archive)/2]), readerFunc(func(p []byte) (int, error) {
		cancel()
		return 0, nil
	}))
	if _, _, err := s.Import(ctx, half, ImportOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	wantEmpty(t, s)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestTroubleOfTheSourceIsNotTheArchives(t *testing.T) {
	t.Parallel()
	trouble := errors.New("connection reset")
	archive := build(t, "manifest\ndir rootfs\nrepeat 100\nfile rootfs/f%d \"content of %d\"\n")
	for name, packed := range map[string][]byte{"plain": archive, "gzip": filter(t, archive, "gzip"), "zstd": filter(t, archive, "zstd"), "xz": filter(t, archive, "xz"), "bzip2": filter(t, archive, "bzip2")} {
		for _, n := range []int{0, 3, len(packed) / 2} {
			s := open(t)
			r := io.MultiReader(bytes.NewReader(packed[:n]), iotest.ErrReader(trouble))
			_, _, err := s.Import(context.Background(), r, ImportOptions{})
			var refused *ArchiveError
			if !errors.Is(err, trouble) || errors.As(err, &refused) {
				t.Errorf("%s at %d: got %v", name, n, err)
			}
			wantEmpty(t, s)
		}
	}
}

func TestProgressTellsEveryByte(t *testing.T) {
	t.Parallel()
	s := open(t)
	archive := build(t, "manifest\ndir rootfs\nfile rootfs/a\nzeros 2000000\n")
	archive = archive[:len(archive)-2000000]
	var last int64
	_, _, err := s.Import(context.Background(), iotest.HalfReader(bytes.NewReader(archive)), ImportOptions{
		Size: int64(len(archive)),
		Progress: func(read, total int64) {
			if read <= last || total != int64(len(archive)) {
				t.Errorf("%d of %d after %d", read, total, last)
			}
			last = read
		},
	})
	if err != nil || last != int64(len(archive)) {
		t.Errorf("told %d of %d, %v", last, len(archive), err)
	}
}

// Everything an archive brings counts for its ID, even what follows its end.
func TestGarbageAfterTheEndCounts(t *testing.T) {
	t.Parallel()
	s := open(t)
	plain := build(t, "manifest\ndir rootfs\n")
	garbage := append(bytes.Clone(plain), "garbage"...)
	a, b := add(t, s, plain), add(t, s, garbage)
	if a.ID == b.ID || b.ID != "sha512-"+sum(garbage) {
		t.Errorf("%s and %s", a.ID, b.ID)
	}
	if got := export(t, s, b.ID); !bytes.Equal(got, garbage) {
		t.Error("the export is another archive")
	}
}

func TestManifestIsKeptByteForByte(t *testing.T) {
	t.Parallel()
	s := open(t)
	text := strings.Replace(storetest.Manifest, ",", " ,\n\t", 1) + "\n\n"
	img := add(t, s, build(t, "dir rootfs\nmanifest $M\n", "M", text))
	got, err := s.ManifestJSON(img.ID)
	if err != nil || string(got) != text {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestDebootstrapLikeTreeUnpacksThroughItsSymlinks(t *testing.T) {
	t.Parallel()
	s := open(t)
	img := add(t, s, build(t, `
manifest
dir rootfs mode=0755
symlink rootfs/bin usr/bin
symlink rootfs/lib64 usr/lib64
dir rootfs/usr mode=0755
dir rootfs/usr/bin mode=0755
dir rootfs/usr/lib64 mode=0755
symlink rootfs/usr/lib64/up ../../usr/bin
file rootfs/bin/sh "shell"
file rootfs/usr/lib64/up/ls "list"
`))
	layers, _ := s.Layers(img)
	for _, name := range []string{"sh", "ls"} {
		if _, err := os.Lstat(filepath.Join(layers[0], "usr/bin", name)); err != nil {
			t.Error(err)
		}
	}
}

func TestDeepPaths(t *testing.T) {
	t.Parallel()
	s := open(t)
	deep := strings.Repeat("d/", 250)
	img := add(t, s, build(t, "manifest\ndir rootfs\nfile rootfs/$D/a x\nfile rootfs/$D/b y\nfile rootfs/d/c z\nfile rootfs/$D/e/f/g w\n", "D", deep))
	layers, _ := s.Layers(img)
	for _, path := range []string{deep + "a", deep + "b", "d/c", deep + "e/f/g"} {
		if _, err := os.Lstat(filepath.Join(layers[0], path)); err != nil {
			t.Error(err)
		}
	}
}

func TestCheckHasTheLastWord(t *testing.T) {
	t.Parallel()
	s := open(t)
	archive := named(t, "example.com/a")
	no := errors.New("another image was asked for")
	source := bytes.NewReader(archive)
	_, _, err := s.Import(context.Background(), source, ImportOptions{Check: func(img Image) error {
		if img.Name() != "example.com/a" || img.ID != idPrefix+sum(archive) || source.Len() != 0 {
			t.Errorf("asked about %s %s, with %d bytes to come", img.Name(), img.ID, source.Len())
		}
		return no
	}})
	if !errors.Is(err, no) {
		t.Errorf("got %v", err)
	}
	wantEmpty(t, s)
	add(t, s, archive)
	if _, _, err := s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{Check: func(Image) error { return no }}); !errors.Is(err, no) {
		t.Errorf("of an image that is here: got %v", err)
	}
}

// What follows the compressed data would be in no hash.
func TestGarbageBehindCompressedDataIsRefused(t *testing.T) {
	t.Parallel()
	plain := named(t, "example.com/a")
	for _, tool := range []string{"gzip", "bzip2", "xz", "zstd"} {
		t.Run(tool, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			packed := append(filter(t, plain, tool), "garbage that is long enough to be seen"...)
			_, _, err := s.Import(context.Background(), bytes.NewReader(packed), ImportOptions{})
			var refused *ArchiveError
			if !errors.As(err, &refused) {
				t.Errorf("got %v", err)
			}
			wantEmpty(t, s)
		})
	}
}
