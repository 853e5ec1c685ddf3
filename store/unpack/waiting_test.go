package unpack

import (
	"archive/tar"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// Folders come back as they went, in either direction, however many blocks they
// fill and whatever their attributes are.
func TestWaitingFoldersComeBack(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 100, 5000} {
		t.Run(fmt.Sprint(n, " folders"), func(t *testing.T) {
			t.Parallel()
			w := &waiting{scratch: filepath.Join(t.TempDir(), "folders")}
			defer w.close()
			want := make([]string, n)
			for i := range n {
				path, a := folderNumber(i)
				if err := w.add(path, a); err != nil {
					t.Fatal(err)
				}
				want[i] = fmt.Sprint(path, a)
			}
			var got []string
			collect := func(path string, a *attributes) error {
				got = append(got, fmt.Sprint(path, a))
				return nil
			}
			if err := w.forward(collect); err != nil || !slices.Equal(got, want) {
				t.Errorf("forward: %d of %d, %v", len(got), n, err)
			}
			got = nil
			slices.Reverse(want)
			if err := w.backward(collect); err != nil || !slices.Equal(got, want) {
				t.Errorf("backward: %d of %d, %v", len(got), n, err)
			}
			if exceeds := n == 5000; exceeds != (w.file != nil) {
				t.Errorf("%d blocks are in a file", len(w.blocks))
			}
			if _, err := os.Lstat(w.scratch); err == nil {
				t.Error("the file has a name")
			}
		})
	}
}

func folderNumber(i int) (string, *attributes) {
	path := fmt.Sprint("folder/", i, "/\xff")
	if i%3 == 0 {
		return path, nil
	}
	a := attributesOf(&tar.Header{
		Name: "./" + path, Mode: int64(i & 0o7777), Uid: i, Gid: -i, ModTime: time.Unix(int64(i)*-1e9, int64(i)),
		PAXRecords: map[string]string{"SCHILY.xattr.user.a": strings.Repeat("\x00", i%70), "other": "x"},
	})
	return path, &a
}

// A tree whose folders don't fit into memory is the one that its entries say.
func TestManyFoldersGetTheirAttributes(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	tree, err := New(root, Options{Scratch: filepath.Join(t.TempDir(), "folders"), Folders: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	const n = 3000
	add := func(path string, mode int64) {
		h := &tar.Header{Typeflag: tar.TypeDir, Name: path, Mode: mode, Uid: os.Geteuid(), Gid: os.Getegid(), ModTime: time.Unix(mode, 0)}
		if _, err := tree.Add(Entry{Header: h, Path: path}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		add(fmt.Sprintf("%d/a/%s", i%1000, strings.Repeat("n", 100)+fmt.Sprint(i)), 0o711)
	}
	for i := range 500 {
		add(fmt.Sprintf("%d/a", i), 0o1755)
	}
	var implicit []string
	if err := tree.Finish(func(path string) error {
		implicit = append(implicit, path)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if tree.waiting.file == nil {
		t.Error("all of them fit")
	}
	want := []string{""}
	for i := range 1000 {
		want = append(want, fmt.Sprint(i))
		if i >= 500 {
			want = append(want, fmt.Sprint(i, "/a"))
		}
	}
	slices.Sort(want)
	if slices.Sort(implicit); !reflect.DeepEqual(implicit, want) {
		t.Errorf("%d are implicit, want %d", len(implicit), len(want))
	}
	for path, want := range map[string]os.FileMode{
		"7": 0o755, "7/a": 0o755 | os.ModeSticky, "700/a": 0o755, "7/a/" + strings.Repeat("n", 100) + "2007": 0o711,
	} {
		info, err := os.Lstat(filepath.Join(root, path))
		if err != nil || info.Mode() != want|os.ModeDir {
			t.Errorf("%s: %v, %v", path, info, err)
			continue
		}
		if seconds := map[os.FileMode]int64{0o711: 0o711, 0o755: 0, 0o755 | os.ModeSticky: 0o1755}[want]; info.ModTime().Unix() != seconds {
			t.Errorf("%s has the time %v", path, info.ModTime())
		}
	}
}
