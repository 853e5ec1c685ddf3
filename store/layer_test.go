package store

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func diffID(layer []byte) string {
	sum := sha256.Sum256(layer)
	return diffIDPrefix + hex.EncodeToString(sum[:])
}

func newDraft(t testing.TB, s *Store) *Draft {
	t.Helper()
	d, err := s.Draft()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// read reads a layer that is fine, and returns its folder.
func read(t testing.TB, d *Draft, layer []byte) string {
	t.Helper()
	if err := d.ReadLayer(context.Background(), bytes.NewReader(layer), LayerOptions{DiffID: diffID(layer)}); err != nil {
		t.Fatal(err)
	}
	return layerDir(t, d.s, layer)
}

func layerDir(t testing.TB, s *Store, layer []byte) string {
	t.Helper()
	id, err := layerID(diffID(layer))
	if err != nil {
		t.Fatal(err)
	}
	return s.path(layersDir, id)
}

// tree tells what is in a folder, a line for each name, sorted: what it is, its
// path, and what matters of it.
func tree(t testing.TB, root string) string {
	t.Helper()
	var lines []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		lines = append(lines, lineOf(t, path, name, info))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func lineOf(t testing.TB, path, name string, info fs.FileInfo) string {
	st := info.Sys().(*syscall.Stat_t)
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		var value [1]byte
		if n, err := unix.Lgetxattr(path, "trusted.overlay.opaque", value[:]); err == nil && n == 1 && value[0] == 'y' {
			return fmt.Sprintf("opaque %s %o", name, st.Mode&0o7777)
		}
		return fmt.Sprintf("dir %s %o", name, st.Mode&0o7777)
	case unix.S_IFCHR:
		if st.Rdev == 0 {
			return "whiteout " + name
		}
	case unix.S_IFLNK:
		target, _ := os.Readlink(path)
		return fmt.Sprintf("symlink %s %s", name, target)
	case unix.S_IFREG:
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("file %s %q %o", name, content, st.Mode&0o7777)
	}
	return fmt.Sprintf("%s %s", info.Mode().Type(), name)
}

// assembled is the layer's tar as its record and its tree give it back.
func assembled(t testing.TB, layer string) []byte {
	t.Helper()
	file, err := os.Open(filepath.Join(layer, archiveFile))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	skeleton, err := newSkeletonReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer skeleton.close()
	var out bytes.Buffer
	for {
		p, err := skeleton.next()
		if err == io.EOF {
			return out.Bytes()
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.literal != nil {
			io.Copy(&out, p.literal)
			continue
		}
		content, err := os.ReadFile(filepath.Join(layer, rootfsDir, p.path))
		if err != nil || int64(len(content)) != p.length {
			t.Fatalf("%s has %d bytes, not %d: %v", p.path, len(content), p.length, err)
		}
		out.Write(content)
	}
}

// A layer becomes what the specification and the field make of it; its tar can
// be put together again in every case.
func TestLayers(t *testing.T) {
	t.Parallel()
	needRoot(t)
	for _, test := range []struct {
		name, recipe, want string
		implicit           string
	}{
		{"plain", "dir a mode=0711\nfile a/f x\nsymlink l /a/f\n", `
			dir . 755
			dir a 711
			file a/f "x" 644
			symlink l /a/f`, "."},
		{"names from the root", "dir / mode=0700\ndir /a\nfile /a/f x\nhardlink /a/g /a/f\n", `
			dir . 700
			dir a 755
			file a/f "x" 644
			file a/g "x" 644`, ""},
		{"folders without entries", "file a/b/f x\nfile a/c/g y\ndir a/c mode=01777\n", `
			dir . 755
			dir a 755
			dir a/b 755
			file a/b/f "x" 644
			dir a/c 1777
			file a/c/g "y" 644`, ". a a/b"},
		{"whiteouts", "dir a\nfile a/.wh.gone\nfile .wh.all\n", `
			dir . 755
			dir a 755
			whiteout a/gone
			whiteout all`, "."},
		{"a whiteout of any type", "dir .wh.a\nsymlink .wh.b /etc\nfile .wh.c content\n", `
			dir . 755
			whiteout a
			whiteout b
			whiteout c`, "."},
		{"a whiteout below a folder without an entry", "file a/b/.wh.c\n", `
			dir . 755
			dir a 755
			dir a/b 755
			whiteout a/b/c`, ". a a/b"},
		{"an opaque folder", "dir a mode=0700\nfile a/.wh..wh..opq\nfile a/f x\n", `
			dir . 755
			opaque a 700
			file a/f "x" 644`, "."},
		{"opaque twice, and before its entry", "file a/.wh..wh..opq\nfile a/.wh..wh..opq\ndir a mode=0750\n", `
			dir . 755
			opaque a 750`, "."},
		{"an opaque root", "file .wh..wh..opq\nfile f x\n", `
			opaque . 755
			file f "x" 644`, "."},
		{"opaque through a symlink of its own", "dir real\nsymlink l real\nfile l/.wh..wh..opq\n", `
			dir . 755
			symlink l real
			opaque real 755`, "."},
		{"a whiteout of its own file hides only what is below", "file f x\nfile .wh.f\n", `
			dir . 755
			file f "x" 644`, "."},
		{"a whiteout before its own file", "file .wh.f\nfile f x\n", `
			dir . 755
			file f "x" 644`, "."},
		{"a whiteout of its own folder", "dir a\nfile a/f x\nfile .wh.a\n", `
			dir . 755
			opaque a 755
			file a/f "x" 644`, "."},
		{"a whiteout before its own folder", "file .wh.a\ndir a mode=0700\nfile a/f x\n", `
			dir . 755
			opaque a 700
			file a/f "x" 644`, "."},
		{"a whiteout before its own folder without an entry", "file .wh.a\nfile a/b/f x\n", `
			dir . 755
			opaque a 755
			dir a/b 755
			file a/b/f "x" 644`, ". a a/b"},
		{"a whiteout twice", "file .wh.a\nfile .wh.a\n", `
			dir . 755
			whiteout a`, "."},
		{"what aufs left", "dir .wh..wh.plnk\nfile .wh..wh.plnk/12.34 x\nfile .wh..wh.aufs y\ndir .wh..wh.orph\nfile f z\n", `
			dir . 755
			file f "z" 644`, "."},
		{"a name that begins like a whiteout", "file .why x\nfile a.wh.b y\n", `
			dir . 755
			file .why "x" 644
			file a.wh.b "y" 644`, "."},
		{"a file twice", "file f first\nfile f second mode=0600\n", `
			dir . 755
			file f "second" 600`, "."},
		{"a file three times, and none left", "file f 1\nfile f 22\nfile f 333\nsymlink f x\n", `
			dir . 755
			symlink f x`, "."},
		{"a file that was linked, twice", "file f first\nhardlink g f\nfile f second\n", `
			dir . 755
			file f "second" 644
			file g "first" 644`, "."},
		{"a folder twice", "dir a mode=0700\nfile a/f x\ndir a mode=0711\n", `
			dir . 755
			dir a 711
			file a/f "x" 644`, "."},
		{"a folder twice, the last as if unfinished", "dir a mode=0711\ndir a mode=01700\ndir b mode=01700\ndir b mode=0711\n", `
			dir . 755
			dir a 1700
			dir b 711`, "."},
		{"the root twice", "dir . mode=0700\ndir / mode=0711\n", `
			dir . 711`, ""},
		{"a folder that becomes a file", "dir a\nfile a/f x\ndir a/b\nfile a/b/g y\nfile a z\n", `
			dir . 755
			file a "z" 644`, "."},
		{"a folder that becomes a file and a folder again", "dir a mode=0700\nfile a/f x\nfile a z\ndir a mode=0711\nfile a/f y\n", `
			dir . 755
			dir a 711
			file a/f "y" 644`, "."},
		{"a folder that becomes a symlink", "dir a mode=0700\ndir a/s mode=0700\nfile a/s/f x\ndir b mode=0711\ndir b/s mode=0711\nsymlink a b\nfile a/s/g y\n", `
			dir . 755
			symlink a b
			dir b 711
			dir b/s 711
			file b/s/g "y" 644`, "."},
		{"a symlink that becomes a folder", "dir b\nsymlink a b\ndir a mode=0700\nfile a/f x\n", `
			dir . 755
			dir a 700
			file a/f "x" 644
			dir b 755`, "."},
		{"a file replaced through a symlink", "dir usr/bin\nsymlink bin usr/bin\nfile bin/f first\nfile usr/bin/f second\nfile bin/g first\nfile bin/g second\n", `
			dir . 755
			symlink bin usr/bin
			dir usr 755
			dir usr/bin 755
			file usr/bin/f "second" 644
			file usr/bin/g "second" 644`, ". usr"},
		{"through an absolute symlink", "dir run\nsymlink var/run /run\nfile var/run/f x\nsymlink up ../../../run\nfile up/g y\n", `
			dir . 755
			dir run 755
			file run/f "x" 644
			file run/g "y" 644
			symlink up ../../../run
			dir var 755
			symlink var/run /run`, ". var"},
		{"a file in a folder that moved before the file that moved last", "dir a\nfile a/f content1\nsymlink a nowhere\ndir a\nsymlink a/f q\nsymlink a/f r\n", `
			dir . 755
			dir a 755
			symlink a/f r`, "."},
		{"a file in a folder that moved, and empty ones after it", "dir a\nfile a/f content1\nsymlink a nowhere\ndir a\nfile a/f\nfile a/f\nfile a/f\n", `
			dir . 755
			dir a 755
			file a/f "" 644`, "."},
		{"a folder with a file that becomes a symlink", "dir b\ndir a\nfile a/f one\nsymlink a b\n", `
			dir . 755
			symlink a b
			dir b 755`, "."},
		{"a folder with a file that becomes a symlink to another such", "dir b\nfile b/f other\ndir a\nfile a/f one\nsymlink a b\n", `
			dir . 755
			symlink a b
			dir b 755
			file b/f "other" 644`, "."},
		{"a folder that becomes a file and an empty folder", "dir a\nfile a/f x\nfile a\ndir a\n", `
			dir . 755
			dir a 755`, "."},
		{"a symlink that things were made through, and that becomes a folder", "dir d\nsymlink e d\nsymlink l ../e\nfile l/f x\nfile l/.wh.g\nhardlink h l/f\ndir l/s\nfile l/s/.wh..wh..opq\ndir l\nfile e\n", `
			dir . 755
			dir d 755
			file d/f "x" 644
			whiteout d/g
			opaque d/s 755
			file e "" 644
			file h "x" 644
			dir l 755`, "."},
		{"a hard link into a folder that is replaced", "file d/a x\nhardlink b d/a\nfile d y\n", `
			dir . 755
			file b "x" 644
			file d "y" 644`, "."},
		{"a whiteout in a folder that becomes a symlink", "dir b\ndir a\nfile a/.wh.x\nsymlink a b\n", `
			dir . 755
			symlink a b
			dir b 755`, "."},
		{"a whiteout, then its own file, then a folder", "file .wh.a\nfile a x\ndir a\n", `
			dir . 755
			opaque a 755`, "."},
		{"its own file, then a whiteout, then a folder", "file a x\nfile .wh.a\ndir a\nfile a/f x\n", `
			dir . 755
			opaque a 755
			file a/f "x" 644`, "."},
		{"a whiteout of its own symlink, several times", "symlink a b\nfile .wh.a\nsymlink a c\nfile .wh.a\ndir a\nfile a\ndir a\n", `
			dir . 755
			opaque a 755`, "."},
		{"an opaque folder that becomes a file and a folder again", "dir a\nfile a/.wh..wh..opq\nfile a\ndir a\n", `
			dir . 755
			opaque a 755`, "."},
		{"a whiteout through a symlink, with a file and a folder", "dir usr\nsymlink bin usr\nfile bin/.wh.a\nfile usr/a x\ndir bin/a\n", `
			dir . 755
			symlink bin usr
			dir usr 755
			opaque usr/a 755`, "."},
		{"a covered whiteout in a folder that comes anew", "file d/.wh.a\nfile d/a x\nfile d\ndir d\ndir d/a\n", `
			dir . 755
			dir d 755
			dir d/a 755`, "."},
		{"a hard link to itself, and twice", "file f x\nhardlink f f\nhardlink g f\nhardlink g f\n", `
			dir . 755
			file f "x" 644
			file g "x" 644`, "."},
		{"a hard link in place of a file", "file f x\nfile g y\nhardlink g f\n", `
			dir . 755
			file f "x" 644
			file g "x" 644`, "."},
		{"nothing at all", "", `
			dir . 755`, "."},
		{"without an end", "file f x\nnoend\n", `
			dir . 755
			file f "x" 644`, "."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			layer := build(t, test.recipe)
			d := newDraft(t, s)
			dir := read(t, d, layer)
			want := strings.ReplaceAll(strings.TrimSpace(test.want), "\t", "")
			if got := tree(t, filepath.Join(dir, rootfsDir)); got != want {
				t.Errorf("\n got %s\n\nwant %s", got, want)
			}
			if got := assembled(t, dir); !bytes.Equal(got, layer) {
				t.Errorf("%d bytes came, %d come back", len(layer), len(got))
			}
			a, err := readAbout(dir)
			if err != nil || a.Kind != layerOfOCI || a.Size != int64(len(layer)) {
				t.Errorf("%+v, %v", a, err)
			}
			if hides := strings.Contains(test.want, "whiteout") || strings.Contains(test.want, "opaque"); hides && !a.Whiteouts {
				t.Errorf("%+v", a)
			}
			if a.Opaque != (test.name == "an opaque root") {
				t.Errorf("%+v", a)
			}
			slices.Sort(a.Implicit)
			for i, path := range a.Implicit {
				a.Implicit[i] = max(path, ".")
			}
			if got := strings.Join(a.Implicit, " "); got != test.implicit {
				t.Errorf("implicit are %q, want %q", got, test.implicit)
			}
			names, _ := readNames(dir)
			if slices.Sort(names); !slices.Equal(names, []string{aboutFile, archiveFile, freshFile, rootfsDir}) {
				t.Errorf("the layer has %q", names)
			}
			img, _, err := d.Commit(context.Background(), registryImage([]string{diffID(layer)}))
			if err != nil {
				t.Fatal(err)
			}
			if damage, err := s.Verify(context.Background(), img.ID, nil); err != nil || len(damage) != 0 {
				t.Errorf("found damaged: %+v, %v", damage, err)
			}
		})
	}
}

// Each attack is refused in these words, touches nothing outside, and leaves
// nothing.
func TestHostileLayers(t *testing.T) {
	t.Parallel()
	needRoot(t)
	for _, test := range []struct{ name, recipe, want string }{
		{"climbs out", "file ../x\n", `entry "../x" leaves the root filesystem`},
		{"climbs out from the root", "file /../../x\n", `entry "/../../x" leaves the root filesystem`},
		{"climbs within", "file a/../b\n", `entry "a/../b" leaves the root filesystem`},
		{"a whiteout that climbs out", "file ../.wh.x\n", `entry "../.wh.x" leaves the root filesystem`},
		{"a whiteout of nothing", "file .wh.\n", `entry ".wh." is a whiteout of ""`},
		{"a whiteout of the folder itself", "file a/.wh..\n", `entry "a/.wh.." is a whiteout of "."`},
		{"a whiteout of the folder above", "file .wh...\n", `entry ".wh..." is a whiteout of ".."`},
		{"below a whiteout", "file .wh.a\nfile .wh.a/f x\n", `entry ".wh.a/f" is below a whiteout`},
		{"an opaque folder that climbs out", "file ../.wh..wh..opq\n", `entry "../.wh..wh..opq" leaves the root filesystem`},
		{"opaque on a symlink to a file", "file f x\nsymlink l f\nfile l/.wh..wh..opq\n", `entry "l/.wh..wh..opq" is below something that is not a folder`},
		{"opaque on a symlink out", "symlink l $OUTSIDE\nfile l/.wh..wh..opq\n", `entry "l/.wh..wh..opq" goes through a symlink that leads nowhere`},
		{"a whiteout through a symlink out", "symlink l ../../../../$OUTSIDE\nfile l/.wh.secret\n", `entry "l/.wh.secret" goes through a symlink that leads nowhere`},
		{"a file through a symlink out", "symlink l $OUTSIDE\nfile l/secret mine\n", `entry "l/secret" goes through a symlink that leads nowhere`},
		{"a hard link out through a symlink", "symlink l $OUTSIDE\nhardlink f l/secret\n", `entry "f" goes through a symlink that leads nowhere`},
		{"a symlink loop", "symlink a b\nsymlink b a\nfile a/f x\n", `entry "a/f" goes through a symlink that leads nowhere`},
		{"a hard link to a whiteout", "file .wh.a\nhardlink b .wh.a\n", `entry "b" is a hard link to ".wh.a", a whiteout`},
		{"a hard link to what is hidden", "file .wh.a\nhardlink b a\n", `entry "b" is a hard link to "a", which the same layer deletes`},
		{"a hard link to a lower layer's file", "hardlink b a\n", `entry "b" is a hard link to "a", which does not come before it in its layer`},
		{"a hard link to its own way", "file a/f x\nhardlink a a/f\n", `entry "a" is a hard link to "a/f", which does not come before it in its layer`},
		{"a hard link that climbs", "hardlink b ../a\n", `entry "b" is a hard link to "../a", which is not in the root filesystem`},
		{"a hard link to a folder", "dir a\nhardlink b a\n", `entry "b" is a hard link to "a", which is a folder`},
		{"a hard link to the root", "hardlink b .\n", `entry "b" is a hard link to the root filesystem`},
		{"a whiteout device", "char a 0 0\n", `entry "a" is a character device 0:0, which overlayfs takes for a deleted file`},
		{"an attribute of overlayfs", "pax SCHILY.xattr.trusted.overlay.opaque y\ndir a\n", `entry "a" has the attribute "trusted.overlay.opaque", which belongs to overlayfs`},
		{"an attribute of overlayfs without root", "pax SCHILY.xattr.user.overlay.redirect /etc\ndir a\n", `entry "a" has the attribute "user.overlay.redirect", which belongs to overlayfs`},
		{"the root as a file", "file . x\n", `entry "." is the root filesystem but not a folder`},
		{"below a file", "file a x\nfile a/b y\n", `entry "a/b" is below something that is not a folder`},
		{"a global header", "global path a\nfile b x\n", `archive has a global header that sets "path"`},
		{"no tar", "bytes \"this is no tar file\"\nnoend\n", "archive is not a tar file"},
		{"cut", "file a content\ncut 1535\n", "archive is truncated"},
		{"cut when it was compressed", "file a content\ncompress gzip\ncutpacked 9\n", "archive is truncated"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			outside, s := t.TempDir(), open(t)
			if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
			before := snapshot(t, outside)
			layer := build(t, test.recipe, "OUTSIDE", outside)
			plain := build(t, strings.ReplaceAll(test.recipe, "compress gzip\ncutpacked 9\n", ""), "OUTSIDE", outside)
			d := newDraft(t, s)
			err := d.ReadLayer(context.Background(), bytes.NewReader(layer), LayerOptions{DiffID: diffID(plain)})
			var refused *ArchiveError
			if !errors.As(err, &refused) || err.Error() != test.want {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
			if snapshot(t, outside) != before {
				t.Error("something outside was touched")
			}
			if names, _ := readNames(d.st.dir); !slices.Equal(names, []string{keepsDir}) {
				t.Errorf("the draft still has %q", names)
			}
			d.Close()
			wantEmpty(t, s)
		})
	}
}

func TestLayerBounds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		layer   []byte
		options LayerOptions
		want    string
	}{
		{"a bomb", build(t, "file a\nzeros 50000000\n"), LayerOptions{MaxSize: 1 << 20}, "archive is larger than 1048576 bytes unpacked"},
		{"a flood of entries", build(t, "repeat 5000\nfile f%d\n"), LayerOptions{MaxEntries: 1000}, "archive has more than 1000 entries"},
		{"a flood of implied folders", deep(40, 100), LayerOptions{MaxEntries: 1000}, "is below one folder too many that has no entry of its own"},
		{"a flood of its own files that are hidden", build(t, "repeat 17000\nfile f%d\nrepeat 17000\nfile .wh.f%d\n"), LayerOptions{}, "is one path too many that comes twice, once as a whiteout"},
		{"a folder deep behind a symlink", behindSymlink("d", "dir", 200, 56), LayerOptions{}, tooDeep},
		{"a file deep behind a symlink", behindSymlink("d", "file", 200, 56), LayerOptions{}, tooDeep},
		{"an opaque folder deep behind a symlink", behindSymlink("d", "opaque", 200, 57), LayerOptions{}, tooDeep},
		{"implied folders deep behind a symlink", behindSymlink("d", "file", 200, 100), LayerOptions{}, tooDeep},
		{"a long path behind a symlink", behindSymlink(strings.Repeat("d", 250), "file", 10, 6), LayerOptions{}, tooDeep},
		{"long paths of implied folders", deep(140, 250), LayerOptions{}, "is below one folder too many that has no entry of its own"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := Open(filepath.Join(shm(t), "store")) // a hundred thousand folders take a disk minutes
			if err != nil {
				t.Fatal(err)
			}
			d := newDraft(t, s)
			test.options.DiffID = diffID(test.layer)
			err = d.ReadLayer(context.Background(), bytes.NewReader(test.layer), test.options)
			if err == nil || !strings.HasSuffix(err.Error(), test.want) {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
			d.Close()
			wantEmpty(t, s)
		})
	}
}

const tooDeep = "is, through symlinks, more than 256 folders deep or at a path longer than 4095 bytes"

// behindSymlink is a layer with an entry so many folders below a symlink to one
// that is deep itself.
func behindSymlink(name, kind string, depth, below int) []byte {
	typeflag := map[string]byte{"dir": tar.TypeDir}[kind]
	last := map[string]string{"opaque": opaqueName}[kind]
	path := strings.Repeat(name+"/", depth)
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []*tar.Header{
		{Typeflag: tar.TypeDir, Name: path, Mode: 0o755},
		{Typeflag: tar.TypeSymlink, Name: "l", Linkname: path},
		{Typeflag: typeflag, Name: "l/" + strings.Repeat(name+"/", below) + cmp.Or(last, name), Mode: 0o755},
	} {
		w.WriteHeader(h)
	}
	w.Close()
	return b.Bytes()
}

// deep is a layer of files so many folders deep, none of which has an entry.
func deep(files, depth int) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := range files {
		w.WriteHeader(&tar.Header{Name: fmt.Sprint(i, "/", strings.Repeat("d/", depth-1), "f"), Mode: 0o644})
	}
	w.Close()
	return b.Bytes()
}

func TestLayerInEveryCompression(t *testing.T) {
	t.Parallel()
	plain := build(t, "dir a mode=0755\nrepeat 50\nfile a/f%d \"content of %d\"\n")
	half := len(plain) / 2
	skippable := []byte("\x50\x2a\x4d\x18\x03\x00\x00\x00abc")
	for name, packed := range map[string][]byte{
		"plain":                       plain,
		"gzip":                        filter(t, plain, "gzip"),
		"gzip of several members":     append(filter(t, plain[:half], "gzip"), filter(t, plain[half:], "gzip")...),
		"zstd":                        filter(t, plain, "zstd"),
		"zstd of several frames":      append(filter(t, plain[:half], "zstd"), filter(t, plain[half:], "zstd")...),
		"zstd with a skippable frame": append(filter(t, plain, "zstd"), skippable...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			o := LayerOptions{DiffID: diffID(plain), Size: int64(len(packed))}
			var told int64
			o.Progress = func(read, _ int64) { told = read }
			if err := newDraft(t, s).ReadLayer(context.Background(), bytes.NewReader(packed), o); err != nil || told != o.Size {
				t.Errorf("told %d of %d, %v", told, o.Size, err)
			}
			if got := assembled(t, layerDir(t, s, plain)); !bytes.Equal(got, plain) {
				t.Error("another tar comes back")
			}
			if name == "plain" {
				return
			}
			d := newDraft(t, open(t))
			err := d.ReadLayer(context.Background(), bytes.NewReader(append(packed, "some extra bytes"...)), o)
			var refused *ArchiveError
			if !errors.As(err, &refused) {
				t.Errorf("with extra bytes: %v", err)
			}
		})
	}
}

func TestLayerOfAnotherDiffIDIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	asked, came := build(t, "file a x\n"), build(t, "file a y\n")
	d := newDraft(t, s)
	err := d.ReadLayer(context.Background(), bytes.NewReader(came), LayerOptions{DiffID: diffID(asked)})
	if want := "archive has the diff ID " + diffID(came) + ", not " + diffID(asked); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	for _, bad := range []string{"", "sha256:", "sha256:../../x", "sha512:" + strings.Repeat("0", 64), diffID(came) + "0", strings.ToUpper(diffID(came))} {
		if err := d.ReadLayer(context.Background(), bytes.NewReader(came), LayerOptions{DiffID: bad}); err == nil {
			t.Errorf("%q was accepted", bad)
		}
		if _, err := d.Keep(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
