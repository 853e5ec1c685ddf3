package drafts

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Whatever stands in the place of a file is passed over, and nothing waits for it,
// follows it or changes it.
func TestHostileFilesHarmNothing(t *testing.T) {
	t.Parallel()
	victim := filepath.Join(t.TempDir(), "victim")
	must(t, os.WriteFile(victim, []byte(`{"pod":{"version":1,"apps":[{"image":"stolen"}]}}`), 0o600))
	for name, put := range map[string]func(path string) error{
		"a link":          func(path string) error { return os.Symlink(victim, path) },
		"a pipe":          func(path string) error { return unix.Mkfifo(path, 0o600) },
		"a folder":        func(path string) error { return os.Mkdir(path, 0o700) },
		"a socket":        func(path string) error { return unix.Mknod(path, unix.S_IFSOCK|0o600, 0) },
		"an empty file":   func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"damage":          func(path string) error { return os.WriteFile(path, []byte(`{"pod":{"version":1,"ap`), 0o600) },
		"another version": func(path string) error { return os.WriteFile(path, []byte(`{"pod":{"version":9}}`), 0o600) },
		"a deep nest":     func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("[", 1<<20)), 0o600) },
		"a giant":         func(path string) error { return os.Truncate(path, 1<<40) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "drafts")
			d := open(t, dir)
			for _, place := range []string{"open/x.json", "open/y.lock", "open/y.json", "aside/z.json", "saved/web", "saved/.new", "history", ".new"} {
				path := filepath.Join(dir, place)
				if name == "a giant" {
					must(t, os.WriteFile(path, nil, 0o600))
				}
				must(t, put(path))
			}
			if draft, _, ok := d.TakeUp(); ok {
				t.Errorf("took up %+v", draft)
			}
			must(t, d.Keep(draftOf("kept")))
			must(t, d.Sweep())
			for _, o := range d.Others() {
				if o.Err == nil {
					t.Errorf("read %+v", o)
				}
			}
			all, err := d.Saved()
			if err != nil || len(all) != 1 || all[0].Err == nil {
				t.Errorf("%+v, %v", all, err)
			}
			if past, _ := d.History(); len(past) > 0 {
				t.Errorf("%+v", past)
			}
			_ = d.Ran(runOf(1))
			_ = d.Save("web", draftOf("saved"), true)
			d.Close()
			goesOnWith(t, dir, "kept")
		})
	}
	t.Cleanup(func() {
		if data, err := os.ReadFile(victim); err != nil || !strings.Contains(string(data), "stolen") {
			t.Errorf("the file that a link led to: %q, %v", data, err)
		}
	})
}

// Who could put something into the folder could put it into somebody's form.
func TestFoldersOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	for _, place := range []string{"", "open", "aside", "saved"} {
		for what, spoil := range map[string]func(path string) error{
			"can be written by others (mode 0770)": func(path string) error { return os.Chmod(path, 0o770) },
			"can be written by others (mode 0702)": func(path string) error { return os.Chmod(path, 0o702) },
			"belongs to user 65534":                func(path string) error { return os.Chown(path, 65534, -1) },
			"not a directory": func(path string) error {
				return errors.Join(os.RemoveAll(path), os.Symlink(os.TempDir(), path))
			},
		} {
			dir := filepath.Join(t.TempDir(), "drafts")
			open(t, dir).Close()
			if err := spoil(filepath.Join(dir, place)); err != nil {
				t.Skip(err)
			}
			if d, err := Open(dir); err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), filepath.Join(dir, place)) {
				t.Errorf("%q of %q: %v", what, place, err)
				if d != nil {
					d.Close()
				}
			}
		}
	}
}

func TestWhatOthersCouldReadIsClosed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "drafts")
	must(t, os.Mkdir(dir, 0o755))
	d := open(t, dir)
	must(t, d.Keep(draftOf("x")))
	must(t, d.Save("web", draftOf("x"), false))
	must(t, d.SetAside(draftOf("x")))
	must(t, d.Ran(runOf(1)))
	must(t, filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		return err
	}))
}

// Somebody who holds the history and stands still holds up nobody for long, and what
// somebody is writing is not swept away.
func TestNobodyWaitsForWhoStandsStill(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "drafts")
	d, other := open(t, dir), open(t, dir)
	file, err := other.history()
	must(t, err)
	writing, name, err := other.saved.temp()
	must(t, err)
	must(t, d.Sweep())
	d.patience = 10 * time.Millisecond
	if err := d.Ran(runOf(1)); !errors.Is(err, errBusy) {
		t.Errorf("appended: %v", err)
	}
	if !linked(writing) {
		t.Error("swept away what is being written")
	}
	release(file)
	release(writing)
	must(t, d.Ran(runOf(1)))
	must(t, d.Sweep())
	if _, err := os.Stat(filepath.Join(dir, "saved", name)); err == nil {
		t.Error("what nobody writes any more is still there")
	}
}

func FuzzHistory(f *testing.F) {
	f.Add([]byte(`{"uuid":"00000001-1111-4b0e-9c55-000000000000","at":"2026-03-04T12:00:00Z","pod":{"version":1,"apps":null}}` + "\n"))
	f.Add([]byte(`{"uuid":"00000001-1111-4b0e-9c55-000000000000","exit":3}` + "\n\n{\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var before time.Time
		for i, r := range runs(data) {
			if len(r.UUID) != 36 || r.At.IsZero() || i > 0 && r.At.After(before) {
				t.Fatalf("%+v", r)
			}
			before = r.At
		}
	})
}

func FuzzDraft(f *testing.F) {
	f.Add([]byte(`{"pod":{"version":1,"apps":[{"image":"a"}]},"typed":{"field":"eA==","text":"eA==","before":{"version":1,"apps":null}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		draft, err := decode(data)
		if err != nil {
			return
		}
		again, err := encode(draft)
		must(t, err)
		if back, err := decode(again); err != nil || back.Empty() != draft.Empty() {
			t.Fatalf("%s: %+v, %v", again, back, err)
		}
	})
}
