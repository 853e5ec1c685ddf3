package pods

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
)

// exporter writes half an image, waits for what else goes on in that moment, and writes
// the other half.
type exporter func() error

func (between exporter) ExportPod(_ context.Context, _, _ string, w io.Writer, _ func(string)) (string, error) {
	if _, err := io.WriteString(w, "half and "); err != nil {
		return "", err
	}
	if err := between(); err != nil {
		return "", err
	}
	_, err := io.WriteString(w, "half")
	return "", err
}

// A root has its name when it is whole, or not at all, and takes nobody else's.
func TestARootIsSavedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	nothing := func(string) error { return nil }
	theirs := func(path string) error { return os.WriteFile(path, []byte("theirs"), 0o600) }
	nameless := func(path string) error {
		if _, err := os.Lstat(path); err == nil {
			return errors.New("half of it has the name")
		}
		return nil
	}
	link := func(path string) error { return os.Symlink("/nowhere", path) }
	fail := func(string) error { return errors.New("no space") }
	for name, c := range map[string]struct {
		before, between func(path string) error
		leaves, fails   string
	}{
		"whole":          {nothing, nameless, "half and half", ""},
		"torn":           {nothing, fail, "", "no space"},
		"there before":   {theirs, fail, "theirs", "exists, and is not replaced"},
		"there by then":  {nothing, theirs, "theirs", "exists, and is not replaced"},
		"a link by then": {nothing, link, "", "exists, and is not replaced"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			to := savePath{rootOf{"3f1c9a2e", "etcd", "etcd-main"}, filepath.Join(dir, "it.aci")}
			if err := c.before(to.path); err != nil {
				t.Fatal(err)
			}
			err := to.save(t.Context(), exporter(func() error { return c.between(to.path) }))
			if (err == nil) != (c.fails == "") || err != nil && !strings.HasSuffix(err.Error(), c.fails) {
				t.Errorf("says %v", err)
			}
			if got, _ := os.ReadFile(to.path); string(got) != c.leaves {
				t.Errorf("the file has %q", got)
			}
			if info, err := os.Stat(to.path); err == nil && info.Mode().Perm() != 0o600 {
				t.Errorf("it has the mode %v", info.Mode())
			}
			if others, _ := filepath.Glob(filepath.Join(dir, ".*")); len(others) > 0 {
				t.Errorf("left is %q", others)
			}
		})
	}
}

// Of a pod that has ended a root can be saved, of several apps the one that is meant; a
// file that is there is kept, and another one asked for.
func TestTheRootOfAnAppThatHasEndedIsSaved(t *testing.T) {
	t.Parallel()
	s := screenWith(t, poddir.Status{UUID: "9e11d0c4-1111", Name: "nightly", State: poddir.Exited, Apps: []poddir.AppStatus{{Name: "dump"}, {Name: "upload"}}})
	asks := func(out screen.Out) dialog.Dialog {
		t.Helper()
		ask, ok := out.Wish.(screen.Ask)
		if !ok {
			t.Fatalf("asks nothing: %+v", out)
		}
		return ask.Dialog
	}
	which, ok := asks(s.ActOn(keymap.PodEnter, "9e11d0c4-1111", "")).(*dialog.Choice)
	if !ok || len(which.Among) != 2 {
		t.Fatalf("asks %+v", which)
	}
	asked := asks(s.Update(which.Answer(1))).(*dialog.Prompt)
	if asked.Title != "Save the root of upload to which file?" {
		t.Errorf("asks %q", asked.Title)
	}
	path := filepath.Join(t.TempDir(), "upload.aci")
	saved := s.Update(asked.Answer(path)).Cmd()
	if notice, ok := s.Update(saved).Wish.(screen.Notice); !ok || notice.Wrong {
		t.Errorf("says %+v", notice)
	}
	if got, _ := os.ReadFile(path); string(got) != "the root of upload\n" {
		t.Errorf("the file has %q", got)
	}
	again := asks(s.Update(s.Update(asked.Answer(path)).Cmd())).(*dialog.Prompt)
	if again.Title != asked.Title {
		t.Errorf("asks %q", again.Title)
	}
}
