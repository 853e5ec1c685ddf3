package unpack

import (
	"archive/tar"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A folder that hands its group or its access list on hands nothing to what an
// archive brings.
func TestNothingIsInheritedFromTheFolderAbove(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: this needs root, to give a folder another group")
	}
	// user::rwx, user:7:rwx, group::rwx, mask::rwx, other::rwx
	list := "\x02\x00\x00\x00" + "\x01\x00\x07\x00\xff\xff\xff\xff" + "\x02\x00\x07\x00\x07\x00\x00\x00" +
		"\x04\x00\x07\x00\xff\xff\xff\xff" + "\x10\x00\x07\x00\xff\xff\xff\xff" + "\x20\x00\x07\x00\xff\xff\xff\xff"
	for name, harm := range map[string]func(dir string) error{
		"group": func(dir string) error {
			if err := os.Chown(dir, 0, 1234); err != nil {
				return err
			}
			return os.Chmod(dir, 0o777|os.ModeSetgid)
		},
		"access list": func(dir string) error { return unix.Setxattr(dir, "system.posix_acl_default", []byte(list), 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			above := t.TempDir()
			err := harm(above)
			if err == unix.EOPNOTSUPP {
				t.Skip("NOT TESTED: this disk has no access lists")
			}
			root := filepath.Join(above, "root")
			if err == nil {
				err = os.Mkdir(root, 0o700)
			}
			if err != nil {
				t.Fatal(err)
			}
			fillWithEveryKind(t, root)
			for _, path := range []string{"", "d", "d/f", "d/l", "d/p", "implied", "implied/f"} {
				wantNothingInherited(t, root, path)
			}
		})
	}
}

func fillWithEveryKind(t *testing.T, root string) {
	t.Helper()
	tree, err := New(root, Options{Scratch: root + ".scratch", Folders: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	for _, h := range []*tar.Header{
		{Typeflag: tar.TypeDir, Name: "d", Mode: 0o755},
		{Typeflag: tar.TypeReg, Name: "d/f", Mode: 0o644},
		{Typeflag: tar.TypeSymlink, Name: "d/l", Linkname: "f"},
		{Typeflag: tar.TypeFifo, Name: "d/p", Mode: 0o644},
		{Typeflag: tar.TypeReg, Name: "implied/f", Mode: 0o644},
	} {
		if _, err := tree.Add(Entry{Header: h, Path: h.Name, Content: nothing{}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := tree.Finish(func(string) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

type nothing struct{}

func (nothing) Next() ([]byte, error) { return nil, io.EOF }

func wantNothingInherited(t *testing.T, root, path string) {
	t.Helper()
	full := filepath.Join(root, path)
	var st unix.Stat_t
	if err := unix.Lstat(full, &st); err != nil {
		t.Fatal(err)
	}
	want := uint32(0o755)
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		want = 0o644
	}
	if st.Gid != 0 || st.Mode&unix.S_IFMT != unix.S_IFLNK && st.Mode&0o7777 != want {
		t.Errorf("%q has the group %d and the mode %04o", path, st.Gid, st.Mode&0o7777)
	}
	for _, name := range []string{"system.posix_acl_default", "system.posix_acl_access"} {
		if n, err := unix.Lgetxattr(full, name, nil); err == nil {
			t.Errorf("%q has %d bytes of %s", path, n, name)
		}
	}
}
