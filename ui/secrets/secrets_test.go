package secrets

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/podtui/podtui/engine/spec"
)

func folder(t *testing.T) *Folder {
	t.Helper()
	f, err := In(filepath.Join(t.TempDir(), "secrets"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWhatIsWrittenIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	f := folder(t)
	path, other := f.New(), f.New()
	if path == other || !f.Has(path) {
		t.Fatalf("%s, %s", path, other)
	}
	vars := []spec.Var{{Name: "DB_PASSWORD", Value: "pa ss=#'\"$x"}, {Name: "KEY", Value: "שלום 👩‍👩‍👧"}}
	if err := f.Write(path, Text(vars)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if got, err := f.Read(path); err != nil || !slices.Equal(got, vars) {
		t.Errorf("%v, %v", got, err)
	}
	if names, _ := os.ReadDir(filepath.Dir(path)); len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
}

func TestAFolderThatIsOpenToOthersIsRefused(t *testing.T) {
	t.Parallel()
	f := folder(t)
	path := f.New()
	if err := os.Mkdir(f.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(path, "A=b\n"); err == nil || !strings.Contains(err.Error(), "chmod 0700") {
		t.Error(err)
	}
	if names, _ := os.ReadDir(f.dir); len(names) != 0 {
		t.Errorf("written all the same: %v", names)
	}
}

func TestNothingElseIsReadOrWritten(t *testing.T) {
	t.Parallel()
	f := folder(t)
	path := f.New()
	if err := f.Write(path, "A=b\n"); err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(t.TempDir(), "x.env")
	if err := os.WriteFile(outside, []byte("A=outside\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := f.New()
	if err := os.Symlink(outside, link); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{outside, link, f.dir + "/../secrets/../x.env", f.New()} {
		if vars, err := f.Read(p); err == nil {
			t.Errorf("read %s: %v", p, vars)
		}
	}
	if err := f.Write(outside, "A=c\n"); err == nil {
		t.Error("written outside")
	}
	if err := f.Write(path, "A=other\n"); err == nil {
		t.Error("written over another")
	}
	if vars, err := f.Read(path); err != nil || vars[0].Value != "b" {
		t.Errorf("%v, %v", vars, err)
	}
	if names, _ := os.ReadDir(f.dir); len(names) != 2 {
		t.Errorf("left behind: %v", names)
	}
	if err := f.Write(f.New(), strings.Repeat("#", spec.MaxEnvFile+1)); err == nil {
		t.Error("written more than can be read")
	}
}

// What a file can hold comes out of it as it went in; what it can't is known before.
func TestWhatFitsComesOutAsItWentIn(t *testing.T) {
	t.Parallel()
	for _, v := range []spec.Var{{Name: "A", Value: "two\nlines"}, {Name: "A", Value: "cr\r"}, {Name: "A B", Value: "x"}, {Name: "", Value: "x"}, {Name: "A", Value: "\x00"}, {Name: "#A", Value: "x"}} {
		if Fits(v) {
			t.Errorf("%q fits", v)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		v := spec.Var{Name: rapid.StringMatching(`[A-Za-z_][A-Za-z0-9_.-]{0,8}`).Draw(t, "name"), Value: rapid.String().Draw(t, "value")}
		got, err := spec.ParseEnvFile("", []byte(Text([]spec.Var{v})), nil)
		if same := err == nil && slices.Equal(got, []spec.Var{v}); same != Fits(v) {
			t.Fatalf("%q: fits %v, read back as %q, %v", v, Fits(v), got, err)
		}
	})
}

// What was half written by who died is swept away; what is being written is not, and
// what has a name is somebody's.
func TestWhatIsHalfWrittenIsSweptAway(t *testing.T) {
	t.Parallel()
	f := folder(t)
	if err := f.Sweep(); err != nil {
		t.Error("there is nothing yet: ", err)
	}
	path := f.New()
	if err := f.Write(path, "A=b\n"); err != nil {
		t.Fatal(err)
	}
	root, err := f.open()
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	file, temp, err := begin(root)
	if err != nil {
		t.Fatal(err)
	}
	names := func() (all []string) {
		entries, _ := os.ReadDir(f.dir)
		for _, e := range entries {
			all = append(all, e.Name())
		}
		return all
	}
	if err := f.Sweep(); err != nil || !slices.Equal(names(), []string{temp, filepath.Base(path)}) {
		t.Errorf("while it is written: %q, %v", names(), err)
	}
	file.Close()
	if err := f.Sweep(); err != nil || !slices.Equal(names(), []string{filepath.Base(path)}) {
		t.Errorf("left %q, %v", names(), err)
	}
}
