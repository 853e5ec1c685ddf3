package store

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/union"
)

// manifestWith is a manifest with dependencies and a whitelist.
func manifestWith(name string, dependencies int, whitelist ...string) string {
	var deps []string
	for i := range dependencies {
		deps = append(deps, fmt.Sprintf(`{"imageName":"example.com/dep-%d"}`, i))
	}
	for i, path := range whitelist {
		whitelist[i] = fmt.Sprintf("%q", path)
	}
	return fmt.Sprintf(`{"acKind":"ImageManifest","acVersion":"0.8.11","name":%q,"dependencies":[%s],"pathWhitelist":[%s]}`,
		name, strings.Join(deps, ","), strings.Join(whitelist, ","))
}

// addOn imports an image on others. The recipe is what comes after its manifest.
func addOn(t testing.TB, s *Store, manifest, recipe string, dependencies ...string) Image {
	t.Helper()
	d, err := s.Draft()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	archive := build(t, fmt.Sprintf("file manifest %q\n%s\n", manifest, recipe))
	if _, err := d.ReadACI(context.Background(), bytes.NewReader(archive), ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	img, _, err := d.Commit(context.Background(), CommitOptions{Dependencies: dependencies})
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// look tells the merged root of an image as overlayfs shows it, a line a path.
func look(t testing.TB, s *Store, img Image) map[string]string {
	t.Helper()
	dirs, err := s.Layers(img)
	if err != nil {
		t.Fatal(err)
	}
	return tell(t, mounted(t, dirs))
}

// mounted stacks layers in an overlay that is no namespace's.
func mounted(t testing.TB, dirs []string) string {
	t.Helper()
	needRoot(t)
	f, err := unix.Fsopen("overlay", unix.FSOPEN_CLOEXEC)
	if err != nil {
		t.Skip("NOT TESTED: no overlayfs here: ", err)
	}
	defer unix.Close(f)
	var lower []string
	for _, dir := range append(slices.Clone(dirs), t.TempDir()) {
		d, err := os.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		lower = append(lower, fmt.Sprint("/proc/self/fd/", d.Fd()))
	}
	err = unix.FsconfigSetString(f, "lowerdir", strings.Join(lower, ":"))
	if err == nil {
		err = unix.FsconfigCreate(f)
	}
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Fsmount(f, unix.FSMOUNT_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fmt.Sprintf("/proc/self/fd/%d/.", fd)
}

// tell tells everything below a folder: kind, mode, owner, time, attributes,
// content, and which names are links of each other.
func tell(t testing.TB, root string) map[string]string {
	t.Helper()
	told, first := map[string]string{}, map[uint64]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		detail := ""
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			detail = string(content)
			if len(content) > 100 {
				detail = sum(content)
			}
		case unix.S_IFLNK:
			if detail, err = os.Readlink(path); err != nil {
				return err
			}
		case unix.S_IFCHR, unix.S_IFBLK:
			detail = fmt.Sprint(st.Rdev)
		}
		if st.Mode&unix.S_IFMT != unix.S_IFDIR && st.Nlink > 1 {
			if first[st.Ino] != "" {
				detail += " = " + first[st.Ino]
			} else {
				first[st.Ino] = name
			}
		}
		f, err := unix.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		file := os.NewFile(uintptr(f), path)
		defer file.Close()
		attributes, err := union.Attributes(file)
		told[name] = strings.TrimSpace(fmt.Sprintf("%o %d:%d %d.%d %q %s", st.Mode, st.Uid, st.Gid, st.Mtim.Sec, st.Mtim.Nsec, attributes, detail))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return told
}

// names are the paths of what was told.
func names(told map[string]string) string {
	return strings.Join(slices.Sorted(maps.Keys(told)), " ")
}

// Each rule of ace.md on a real overlay of the layers that the store hands out.
func TestDependenciesAreRenderedAsACESays(t *testing.T) {
	t.Parallel()
	needRoot(t)
	const tree = "dir rootfs mode=0755\n"
	for name, test := range map[string]struct {
		dependencies []string // recipes, in the manifest's order
		own          string
		want         map[string]string // a path and how what is told ends; "-" nothing
	}{
		"what comes later counts": {
			[]string{tree + "file rootfs/a one\nfile rootfs/b one", tree + "file rootfs/a two\nfile rootfs/b two"},
			tree + "file rootfs/b own",
			map[string]string{"a": "two", "b": "own"},
		},
		"folders are merged": {
			[]string{tree + "dir rootfs/d\nfile rootfs/d/a one", tree + "dir rootfs/d mode=0700\nfile rootfs/d/b two"}, tree,
			map[string]string{"d/a": "one", "d/b": "two"},
		},
		"a link to a folder is replaced, not followed": {
			[]string{tree + "dir rootfs/real\nfile rootfs/real/a one\nsymlink rootfs/d real"},
			tree + "dir rootfs/d\nfile rootfs/d/b own",
			map[string]string{"d/b": "own", "d/a": "-", "real/b": "-", "real/a": "one"},
		},
		"a folder is replaced by a link": {
			[]string{tree + "dir rootfs/d\nfile rootfs/d/a one\ndir rootfs/e"},
			tree + "symlink rootfs/d e",
			map[string]string{"d": "e", "d/a": "-"},
		},
		"a folder is replaced by a file": {
			[]string{tree + "dir rootfs/d\nfile rootfs/d/a one"}, tree + "file rootfs/d own",
			map[string]string{"d": "own", "d/a": "-"},
		},
		"a file is replaced by a folder": {
			[]string{tree + "file rootfs/d one"}, tree + "dir rootfs/d\nfile rootfs/d/a own",
			map[string]string{"d/a": "own"},
		},
		"a folder that is only implied keeps what a dependency says": {
			[]string{tree + "dir rootfs/tmp mode=01777 uid=7 mtime=1000"}, tree + "file rootfs/tmp/x/y own",
			map[string]string{"tmp": `41777 7:0 1000.0 []`, "tmp/x": `40755 0:0 0.0 []`, "tmp/x/y": "own"},
		},
		"so does the root": {
			[]string{"dir rootfs mode=0711 gid=5\nfile rootfs/a one"}, "file rootfs/b own",
			map[string]string{".": `40711 0:5 0.0 []`, "a": "one", "b": "own"},
		},
		"and one that a dependency implies, of the next": {
			[]string{tree + "dir rootfs/v mode=0700", tree + "file rootfs/v/w/a two"}, tree + "file rootfs/v/w/b own",
			map[string]string{"v": `40700 0:0 0.0 []`, "v/w/a": "two", "v/w/b": "own"},
		},
		"but what it is told above counts": {
			[]string{tree + "dir rootfs/tmp mode=01777", tree + "dir rootfs/tmp mode=0750"}, tree + "file rootfs/tmp/x own",
			map[string]string{"tmp": `40750 0:0 0.0 []`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			var ids []string
			for i, recipe := range test.dependencies {
				ids = append(ids, addOn(t, s, manifestWith(fmt.Sprint("example.com/dep-", i), 0), recipe).ID)
			}
			told := look(t, s, addOn(t, s, manifestWith("example.com/app", len(ids)), test.own, ids...))
			for path, want := range test.want {
				got, ok := told[path]
				if want == "-" && ok || want != "-" && !strings.HasSuffix(got, want) {
					t.Errorf("%s is %q, want %q", path, got, want)
				}
			}
		})
	}
}

// A parents layer is told by what it was made of, so another stack on top of it
// still finds what is told further below.
func TestUntoldFolderOfADependencysDependency(t *testing.T) {
	t.Parallel()
	s := open(t)
	base := addOn(t, s, manifestWith("example.com/base", 0), "dir rootfs\ndir rootfs/a mode=0701\ndir rootfs/a/b mode=0702")
	one := addOn(t, s, manifestWith("example.com/one", 0), "dir rootfs\ndir rootfs/a/b mode=0703")
	two := addOn(t, s, manifestWith("example.com/two", 1), "dir rootfs\nfile rootfs/a/b/c x", one.ID)
	top := addOn(t, s, manifestWith("example.com/top", 2), "dir rootfs\nfile rootfs/z x", base.ID, two.ID)
	told := look(t, s, top)
	if !strings.HasPrefix(told["a"], "40701 ") || !strings.HasPrefix(told["a/b"], "40703 ") {
		t.Errorf("a is %s, a/b %s", told["a"], told["a/b"])
	}
}

func TestWhitelist(t *testing.T) {
	t.Parallel()
	needRoot(t)
	const base = `dir rootfs mode=0750 mtime=5
dir rootfs/etc mode=0700 uid=3 mtime=7
pax SCHILY.xattr.user.note hello
file rootfs/etc/a a mode=04755 uid=9 mtime=11
file rootfs/etc/b b
dir rootfs/usr/share
file rootfs/usr/share/x x
symlink rootfs/usr/link share
hardlink rootfs/usr/hard rootfs/etc/a
hardlink rootfs/usr/other rootfs/etc/a
fifo rootfs/fifo mode=0600
char rootfs/null 1 3 mode=0666
`
	for name, test := range map[string]struct {
		list []string
		want string // paths; the root is "."
	}{
		"a file":                           {[]string{"/etc/a"}, ". etc etc/a"},
		"without a leading slash":          {[]string{"etc/a"}, ". etc etc/a"},
		"a folder does not bring its own":  {[]string{"/etc/", "/usr/share/"}, ". etc usr usr/share"},
		"hard links stay links":            {[]string{"/etc/a", "/usr/hard"}, ". etc etc/a usr usr/hard"},
		"everything that is no file":       {[]string{"/fifo", "/null", "/usr/link"}, ". fifo null usr usr/link"},
		"a path through a link is another": {[]string{"/usr/link/x"}, "."},
		"what nobody has":                  {[]string{"/none", "/etc/a/b"}, "."},
		"the root":                         {[]string{"/"}, "."},
		"what leads out":                   {[]string{"/../../etc/a"}, ". etc etc/a"},
		"twice":                            {[]string{"/etc/a", "/etc/a", "//etc/./a"}, ". etc etc/a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			whole := addOn(t, s, manifestWith("example.com/base", 0), base)
			listed := addOn(t, s, manifestWith("example.com/app", 1, slices.Clone(test.list)...), "dir rootfs mode=0750 mtime=5", whole.ID)
			all, got := look(t, s, whole), look(t, s, listed)
			if names(got) != test.want {
				t.Errorf("got %s, want %s", names(got), test.want)
			}
			for path, told := range got {
				if want, _, _ := strings.Cut(all[path], " = "); !strings.HasPrefix(told, want) {
					t.Errorf("%s is %s, was %s", path, told, want)
				}
			}
			if name == "hard links stay links" && !strings.HasSuffix(got["usr/hard"], " = etc/a") {
				t.Errorf("usr/hard is %s", got["usr/hard"])
			}
		})
	}
}

// A whitelist is about the image that has it: neither its sibling nor who comes
// after loses anything.
func TestWhitelistDoesNotLeak(t *testing.T) {
	t.Parallel()
	s := open(t)
	base := addOn(t, s, manifestWith("example.com/base", 0), "dir rootfs\nfile rootfs/a base\nfile rootfs/b base")
	one := addOn(t, s, manifestWith("example.com/one", 1, "/a", "/one"), "dir rootfs\nfile rootfs/one 1", base.ID)
	two := addOn(t, s, manifestWith("example.com/two", 1), "dir rootfs\nfile rootfs/two 2", base.ID)
	top := addOn(t, s, manifestWith("example.com/top", 2), "dir rootfs", one.ID, two.ID)
	for _, test := range []struct {
		img  Image
		want string
	}{
		{base, ". a b"}, {one, ". a one"}, {two, ". a b two"}, {top, ". a b one two"},
	} {
		if got := names(look(t, s, test.img)); got != test.want {
			t.Errorf("%s has %s, want %s", test.img.Name(), got, test.want)
		}
	}
	if len(one.layers) != 1 || !strings.HasPrefix(one.layers[0], layerFlat+"-") {
		t.Errorf("its layers are %q", one.layers)
	}
}

// The same stack and list are rendered once, and always get the same name.
func TestDerivedLayersAreMadeOnce(t *testing.T) {
	t.Parallel()
	s, other := open(t), open(t)
	var layers [][]string
	for _, s := range []*Store{s, other} {
		base := addOn(t, s, manifestWith("example.com/base", 0), "dir rootfs\ndir rootfs/tmp mode=01777")
		top := addOn(t, s, manifestWith("example.com/top", 1), "dir rootfs\nfile rootfs/tmp/x x", base.ID)
		flat := addOn(t, s, manifestWith("example.com/flat", 1, "/tmp/x"), "dir rootfs", top.ID)
		layers = append(layers, append(top.layers, flat.layers...))
	}
	if !slices.Equal(layers[0], layers[1]) || len(layers[0]) != 4 {
		t.Errorf("%q and %q", layers[0], layers[1])
	}
	if layers[0][0] == layers[0][1] {
		t.Error("two kinds have one name")
	}
	before := snapshot(t, s.path(layersDir, layers[0][3], rootfsDir))
	list := mustList(t, s) // base, flat, top
	if err := os.Remove(s.path(imagesDir, list[1].ID)); err != nil {
		t.Fatal(err)
	}
	addOn(t, s, manifestWith("example.com/flat", 1, "/tmp/x"), "dir rootfs", list[2].ID)
	if after := snapshot(t, s.path(layersDir, layers[0][3], rootfsDir)); after != before {
		t.Errorf("a layer that is there was made anew: it was\n%s and is\n%s", before, after)
	}
}

// Deep folders that only their files tell of cost a look each, not a way each,
// and whoever cancels need not wait for them.
func TestDeepFoldersAreDerivedAndCancelled(t *testing.T) {
	t.Parallel()
	s := open(t)
	const files, deep = 4, 249
	var low, high strings.Builder
	for i := range files {
		path := fmt.Sprintf("%d/%s", i, strings.Repeat("d/", deep))
		fmt.Fprintf(&low, "dir %d mode=0701\nfile %slow x\n", i, path)
		fmt.Fprintf(&high, "file %shigh x\n", path)
	}
	d := newDraft(t, s)
	layers := [][]byte{build(t, low.String()), build(t, high.String())}
	for _, layer := range layers {
		read(t, d, layer)
	}
	o := registryImage([]string{diffID(layers[0]), diffID(layers[1])})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := d.Commit(gone, o); err != context.Canceled {
		t.Errorf("cancelled, got %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(d.st.dir, layersDir, "*")); err != nil || len(left) > 0 {
		t.Errorf("after it was cancelled it made %q, %v", left, err)
	}
	img, _, err := d.Commit(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := s.Layers(img)
	if err != nil || len(dirs) != 3 {
		t.Fatal(dirs, err)
	}
	for i := range files {
		info, err := os.Lstat(filepath.Join(dirs[0], fmt.Sprint(i)))
		if err != nil || info.Mode().Perm() != 0o701 {
			t.Fatalf("folder %d: %v, %v", i, info, err)
		}
	}
}
