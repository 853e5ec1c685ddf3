package store

import (
	"bytes"
	"context"
	"crypto/sha512"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func verify(t testing.TB, s *Store, id string) []Damage {
	t.Helper()
	found, err := s.Verify(context.Background(), id, nil)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// gallery has an image of every kind, with layers of every kind.
func gallery(t testing.TB, s *Store) map[string]Image {
	t.Helper()
	base := addOn(t, s, manifestWith("example.com/base", 0), "dir rootfs\ndir rootfs/tmp mode=01777\nfile rootfs/a \"the content of a\"\nsymlink rootfs/l a")
	top := addOn(t, s, manifestWith("example.com/top", 1), "dir rootfs\nfile rootfs/tmp/x \"the content of x\"", base.ID)
	return map[string]Image{
		"aci":     add(t, s, build(t, everything)),
		"base":    base,
		"parents": top,
		"flat":    addOn(t, s, manifestWith("example.com/flat", 1, "/tmp/x", "/a"), "dir rootfs", top.ID),
		"layers":  addLayers(t, s, layersOfRegistry...),
	}
}

func TestSoundImagesHaveNoDamage(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := open(t)
	images := gallery(t, s)
	tree := t.TempDir()
	gnuTree(t, tree)
	for i, args := range [][]string{{"--format=gnu", "--sparse"}, {"--format=pax", "--sparse"}, {"--format=ustar"}, {"--format=pax", "--transform=s,^,./,S"}} {
		images[fmt.Sprint("gnu tar ", i)] = add(t, s, gnuTar(t, tree, args...))
	}
	images["replaced"] = addLayers(t, s, `file a one
file a two mode=0600
dir d mode=0700
file d/x x
file d now-a-file
hardlink h a
file a three
symlink bin usr
dir usr
file bin/tool tool
file .wh.own
dir own
file own/x x
file own2
file .wh.own2
`)
	images["labels of a host"] = add(t, s, build(t, "manifest\ndir rootfs\npax SCHILY.xattr.security.selinux system_u:object_r:bin_t:s0\nfile rootfs/f x\npax SCHILY.xattr.security.ima abc\ndir rootfs/d\n"))
	for name, img := range images {
		if found := verify(t, s, img.ID); len(found) > 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
	if found, err := s.VerifyRest(context.Background()); err != nil || len(found) > 0 {
		t.Errorf("the rest: %v, %v", found, err)
	}
}

// Every byte that is stored is looked at: of each file of the store one is
// flipped at its begin, in its middle and at its end, and each time that file is
// named.
func TestFlippedByteIsFoundAndItsFileNamed(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := open(t)
	images := gallery(t, s)
	if err := s.Remember(Remembered{Reference: "docker://example.com/a", ID: images["layers"].ID}); err != nil {
		t.Fatal(err)
	}
	p, err := s.Partial(context.Background(), "key", nil)
	if err == nil {
		err = errors.Join(p.SetValidator(Validator{ETag: "x"}), p.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	err = filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		file, _ := filepath.Rel(s.dir, path)
		content, err := os.ReadFile(path)
		if err != nil || len(content) == 0 || strings.HasSuffix(file, "/data") {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		for _, offset := range []int{0, len(content) / 2, len(content) - 1} {
			flip(t, path, offset, info.ModTime())
			if named := damagedFiles(t, s, images); !slices.ContainsFunc(named, func(n string) bool {
				other, err := os.Lstat(filepath.Join(s.dir, n)) // a hard link is as good
				return err == nil && os.SameFile(info, other)
			}) {
				t.Errorf("byte %d of %s was flipped, and named is %q", offset, file, named)
			}
			flip(t, path, offset, info.ModTime())
		}
		kinds[strings.Split(file, "/")[0]+filepath.Base(file)] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if named := damagedFiles(t, s, images); len(named) > 0 || len(kinds) < 10 {
		t.Errorf("afterwards %q is damaged; of the kinds %v", named, kinds)
	}
}

func flip(t *testing.T, path string, offset int, modified time.Time) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	// Writing takes them away, which a disk that errs does not.
	capability := make([]byte, 100)
	n, _ := unix.Fgetxattr(int(f.Fd()), "security.capability", capability)
	defer func() {
		if n > 0 {
			unix.Setxattr(path, "security.capability", capability[:n], 0)
		}
	}()
	b := make([]byte, 1)
	f.ReadAt(b, int64(offset))
	b[0] ^= 1
	f.WriteAt(b, int64(offset))
	if err := os.Chtimes(path, time.Time{}, modified); err != nil { // a disk tells nobody
		t.Fatal(err)
	}
}

// damagedFiles are the paths in the store that any verification names.
func damagedFiles(t *testing.T, s *Store, images map[string]Image) (files []string) {
	t.Helper()
	found, err := s.VerifyRest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, img := range images {
		found = append(found, verify(t, s, img.ID)...)
	}
	for _, d := range found {
		if strings.HasPrefix(d.File, "/") {
			d.File = filepath.Join(layersDir, d.Layer, rootfsDir, d.File)
		}
		if d.What == "" || strings.Contains(d.String(), "\n") {
			t.Errorf("not one line: %q", d)
		}
		files = append(files, d.File)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// What is not content: each line is a harm, and what Verify says of it.
func TestVerifyComparesTheTree(t *testing.T) {
	t.Parallel()
	needRoot(t)
	const recipe = `manifest
dir rootfs mode=0755
dir rootfs/d mode=0750 uid=3
pax SCHILY.xattr.user.note hello
file rootfs/d/a "some content" mode=04755 mtime=100
hardlink rootfs/b rootfs/d/a
symlink rootfs/l d/a
char rootfs/null 1 3
fifo rootfs/p
file rootfs/implied/x x
`
	for name, test := range map[string]struct {
		harm func(root string) error
		want string // all damages, file and what
	}{
		"mode":                         {func(r string) error { return os.Chmod(r+"/d", 0o755) }, `"/d" has the mode 0755, not 0750`},
		"setuid gone":                  {func(r string) error { return os.Chmod(r+"/d/a", 0o755) }, `"/d/a" has the mode 0755, not 4755`},
		"owner":                        {func(r string) error { return os.Chown(r+"/d", 4, 0) }, `"/d" belongs to 4:0, not to 3:0`},
		"the root's mode":              {func(r string) error { return os.Chmod(r, 0o700) }, `"/" has the mode 0700, not 0755`},
		"time":                         {func(r string) error { return os.Chtimes(r+"/d/a", time.Time{}, time.Unix(101, 0)) }, `"/d/a" was changed since it was unpacked, its time says`},
		"an implied folder":            {func(r string) error { return os.Chmod(r+"/implied", 0o700) }, `"/implied" has the mode 0700, not 0755`},
		"attribute lost":               {func(r string) error { return unix.Removexattr(r+"/d/a", "user.note") }, `"/d/a" has lost the attribute "user.note"`},
		"attribute changed":            {func(r string) error { return unix.Setxattr(r+"/d/a", "user.note", []byte("x"), 0) }, `"/d/a" has another value of the attribute "user.note"`},
		"attribute added":              {func(r string) error { return unix.Setxattr(r+"/d", "user.more", []byte("x"), 0) }, `"/d" has the attribute "user.more", which it had not`},
		"made opaque":                  {func(r string) error { return unix.Setxattr(r+"/d", "trusted.overlay.opaque", []byte("y"), 0) }, `"/d" hides what is below it, which it did not`},
		"planted for overlayfs":        {func(r string) error { return unix.Setxattr(r+"/d/a", "trusted.overlay.redirect", []byte("/x"), 0) }, `"/d/a" has the attribute "trusted.overlay.redirect", which it had not`},
		"a file planted as opaque":     {func(r string) error { return unix.Setxattr(r+"/d/a", "trusted.overlay.opaque", []byte("y"), 0) }, `"/d/a" has the attribute "trusted.overlay.opaque", which it had not`},
		"opaque in another way":        {func(r string) error { return unix.Setxattr(r+"/d", "trusted.overlay.opaque", []byte("x"), 0) }, `"/d" has the attribute "trusted.overlay.opaque", which it had not`},
		"planted on an implied folder": {func(r string) error { return unix.Setxattr(r+"/implied", "trusted.overlay.redirect", []byte("/x"), 0) }, `"/implied" has the attribute "trusted.overlay.redirect", which it had not`},
		"a link's target": {func(r string) error {
			return errors.Join(os.Remove(r+"/l"), os.Symlink("d/b", r+"/l"), lutimes(r+"/l"), times(r))
		}, `"/l" links to "d/b", not to "d/a"`},
		"a device's number": {func(r string) error {
			return errors.Join(os.Remove(r+"/null"), unix.Mknod(r+"/null", unix.S_IFCHR|0o644, int(unix.Mkdev(1, 5))), os.Chmod(r+"/null", 0o644), lutimes(r+"/null"), times(r))
		}, `"/null" is the device 1:5, not 1:3`},
		"a file gone": {func(r string) error { return errors.Join(os.Remove(r+"/p"), times(r)) }, `"/p" is missing`},
		"a hard link is a copy": {func(r string) error {
			return errors.Join(os.Rename(r+"/b", r+"/c"), os.WriteFile(r+"/b", []byte("some content"), 0o755), os.Remove(r+"/c"), times(r))
		}, `"/b" is no hard link to "/d/a" any more`},
		"a fifo instead of a file": {func(r string) error {
			return errors.Join(os.Remove(r+"/implied/x"), unix.Mkfifo(r+"/implied/x", 0o644), os.Chtimes(r+"/implied", time.Unix(0, 0), time.Unix(0, 0)))
		}, `"/implied/x" is a fifo, not a regular file; is cut off`},
		"a symlink out instead of a file": {func(r string) error {
			return errors.Join(os.Remove(r+"/implied/x"), os.Symlink("/etc/passwd", r+"/implied/x"), os.Chtimes(r+"/implied", time.Unix(0, 0), time.Unix(0, 0)))
		}, `"/implied/x" can't be opened: too many levels of symbolic links; is a symlink, not a regular file`},
		"something more": {func(r string) error { return errors.Join(os.WriteFile(r+"/new", nil, 0o600), times(r)) }, `"/new" is a regular file that was not there`},
		"a folder more":  {func(r string) error { return errors.Join(os.MkdirAll(r+"/n/e/w", 0o700), times(r)) }, `"/n" is a folder that was not there`},
		"a longer file":  {func(r string) error { return appendTo(r+"/implied/x", time.Unix(0, 0)) }, `"/implied/x" has 2 bytes, not 1`},
		"a shorter file": {func(r string) error {
			return errors.Join(os.Truncate(r+"/d/a", 3), os.Chtimes(r+"/d/a", time.Time{}, time.Unix(100, 0)))
		}, `"/d/a" has 3 bytes, not 12; is cut off`},
		"a whiteout":         {func(r string) error { return errors.Join(unix.Mknod(r+"/w", unix.S_IFCHR, 0), times(r)) }, `"/w" is a character device that was not there`},
		"everything is gone": {os.RemoveAll, `"layers/ID/rootfs" no such file or directory`},
		"the record is gone": {func(r string) error { return os.Remove(filepath.Dir(r) + "/archive") }, `"layers/ID/archive" no such file or directory`},
		"the record is cut":  {func(r string) error { return os.Truncate(filepath.Dir(r)+"/archive", 60) }, `"layers/ID/archive" its archive record can't be read: unexpected EOF`},
		"no record of the layer": {func(r string) error { return os.WriteFile(filepath.Dir(r)+"/about", nil, 0o600) },
			`"layers/ID/about" layer ID: its record is cut off`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			img := add(t, s, build(t, recipe))
			if err := test.harm(s.path(layersDir, img.ID, rootfsDir)); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range verify(t, s, img.ID) {
				got = append(got, d.String())
			}
			text := strings.ReplaceAll(strings.ReplaceAll(strings.Join(got, "\n"), img.ID, "ID"), short(img.ID), "ID")
			if text != test.want {
				t.Errorf("got  %s\nwant %s", text, test.want)
			}
		})
	}
}

// times and lutimes undo what a harm did to the time of a folder or a symlink.
func times(path string) error { return os.Chtimes(path, time.Unix(0, 0), time.Unix(0, 0)) }

func lutimes(path string) error {
	return unix.UtimesNanoAt(unix.AT_FDCWD, path, make([]unix.Timespec, 2), unix.AT_SYMLINK_NOFOLLOW)
}

func appendTo(path string, modified time.Time) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString("x")
	return errors.Join(err, f.Close(), os.Chtimes(path, time.Time{}, modified))
}

func TestVerifyNamesWhatTheIndexLacks(t *testing.T) {
	t.Parallel()
	s := open(t)
	a, b := add(t, s, named(t, "example.com/a")), add(t, s, named(t, "example.com/b"))
	wrong := b.Entry()
	wrong.Size++
	if err := errors.Join(os.Remove(s.path(indexFile)), s.addToIndex(wrong)); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		a.ID: `"index" has no sound line of the image`,
		b.ID: `"index" says something else of the image than its record`,
	} {
		if found := verify(t, s, id); len(found) != 1 || found[0].String() != want || found[0].Image != id {
			t.Errorf("got %v, want %s", found, want)
		}
	}
}

// A line of the index may be longer than a manifest.
func TestLongestLineOfTheIndexIsSound(t *testing.T) {
	t.Parallel()
	s := open(t)
	add(t, s, named(t, "example.com/a", "version="+strings.Repeat("/", 1_000_000)))
	if found, err := s.VerifyRest(context.Background()); err != nil || len(found) > 0 {
		t.Errorf("found %.300v, %v", found, err)
	}
}

func TestVerifyEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := open(t)
	img := add(t, s, build(t, "manifest\ndir rootfs\nfile rootfs/a "+strings.Repeat("x", 4<<20)))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var last, total int64
	_, err := s.Verify(ctx, img.ID, func(read, all int64) {
		last, total = read, all
		cancel()
	})
	if !errors.Is(err, context.Canceled) || last == 0 || last > img.Size || total != img.Size {
		t.Errorf("after %d of %d bytes: %v", last, total, err)
	}
	if found, err := s.Verify(context.Background(), idPrefix+sum(nil), nil); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, %v", found, err)
	}
}

// A forged skeleton makes Verify and Export read nothing outside the layer, and both
// end.
func TestHostileSkeleton(t *testing.T) {
	t.Parallel()
	for name, parts := range map[string][]part{
		"a path out":          {{length: 5, path: "../../../../../../etc/passwd"}},
		"an absolute path":    {{length: 5, path: "/etc/passwd"}},
		"a symlink out":       {{length: 5, path: "out"}},
		"through one":         {{length: 5, path: "dir/passwd"}},
		"a fifo":              {{length: 5, path: "fifo"}},
		"a folder":            {{length: 5, path: "."}},
		"no path":             {{length: 5, path: ""}},
		"longer than it is":   {{length: 1 << 20, path: "a"}},
		"many parts":          slices.Repeat([]part{{length: 1, path: "a"}}, 50_000),
		"a NUL in a path":     {{length: 1, path: "a\x00b"}},
		"a literal that ends": {{length: 1 << 40, path: ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			img := add(t, s, build(t, "manifest\ndir rootfs\nfile rootfs/a x\nsymlink rootfs/out /etc/passwd\nsymlink rootfs/dir /etc\nfifo rootfs/fifo"))
			var forged bytes.Buffer
			w, err := newSkeletonWriter(&forged)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range parts {
				if name == "a literal that ends" {
					w.uvarint(uint64(p.length) << 1)
				} else {
					w.part(p)
				}
			}
			if err := errors.Join(w.close(), os.WriteFile(s.path(layersDir, img.ID, archiveFile), forged.Bytes(), 0o600)); err != nil {
				t.Fatal(err)
			}
			if found := verify(t, s, img.ID); len(found) == 0 || len(found) > 10 {
				t.Errorf("found %v", found)
			}
			var out bytes.Buffer
			var damaged *DamagedError
			if _, err := s.Export(context.Background(), img.ID, &out); !errors.As(err, &damaged) || strings.Contains(out.String(), "root:") {
				t.Errorf("exported %d bytes, %v", out.Len(), err)
			}
		})
	}
}

// BenchmarkVerify verifies an image of what this machine has installed, and
// reports how that compares with one pass of SHA-512 over as many bytes.
func BenchmarkVerify(b *testing.B) {
	dir := shm(b)
	archive := filepath.Join(dir, "image.aci")
	benchArchive(b, archive)
	importOnce(b, archive, filepath.Join(dir, "store"))
	s, err := Open(filepath.Join(dir, "store"))
	if err != nil {
		b.Fatal(err)
	}
	img := mustFirst(b, s)
	b.SetBytes(img.Size)
	zeros := make([]byte, chunkSize)
	var hashing, verifying time.Duration
	for b.Loop() {
		hashing += timed(func() {
			h := sha512.New()
			for n := int64(0); n < img.Size; n += chunkSize {
				h.Write(zeros)
			}
		})
		verifying += timed(func() {
			if found := verify(b, s, img.ID); len(found) > 0 {
				b.Fatal(found)
			}
		})
	}
	b.ReportMetric(verifying.Seconds()/hashing.Seconds(), "ratio")
}

func mustFirst(t testing.TB, s *Store) Entry {
	t.Helper()
	list, err := s.List()
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	return list[0]
}
