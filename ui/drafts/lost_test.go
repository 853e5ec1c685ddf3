package drafts

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// What somebody said of secrets goes with a saved pod; one that was saved before that
// was kept is read as ever.
func TestSavedPodsKeepWhatWasSaidOfSecrets(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "drafts")
	d := open(t, dir)
	marks := map[string]bool{"DATABASE_URL": true, "KEY": false}
	must(t, d.Save("web", Draft{Pod: podOf("x"), Marks: marks}, false))
	if got := d.savedAs("web"); !reflect.DeepEqual(got.Marks, marks) || nameOf(got.Pod) != "x" || got.Err != nil {
		t.Errorf("%+v", got)
	}
	must(t, os.WriteFile(filepath.Join(dir, "saved", "old"), []byte(`{"version":1,"apps":[{"image":"y"}]}`), 0o600))
	if got := d.savedAs("old"); nameOf(got.Pod) != "y" || got.Err != nil {
		t.Errorf("%+v", got)
	}
}

// Whoever removes something has seen it: what took its place meanwhile stays.
func TestNothingNewerIsRemoved(t *testing.T) {
	t.Parallel()
	d := open(t, filepath.Join(t.TempDir(), "drafts"))
	left := open(t, d.top.path)
	must(t, left.Keep(draftOf("left")))
	must(t, left.Close())
	must(t, d.SetAside(draftOf("aside")))
	must(t, d.Save("web", draftOf("one"), false))
	saved, others := d.savedAs("web"), d.Others()
	touch := func(f *folder, name string) {
		must(t, unix.UtimesNanoAt(f.fd(), name, []unix.Timespec{{Sec: 1}, {Sec: 1}}, 0))
	}
	touch(d.saved, "web")
	if err := d.Remove(saved); !errors.Is(err, errChanged) {
		t.Errorf("web: %v", err)
	}
	must(t, d.Remove(d.savedAs("web")))
	for _, o := range others {
		touch(map[bool]*folder{true: d.aside, false: d.open}[o.Aside], o.ID+draftEnd)
		if err := d.Forget(o); !errors.Is(err, errChanged) {
			t.Errorf("%s: %v", nameOf(o.Draft.Pod), err)
		}
	}
	if others = d.Others(); len(others) != 2 {
		t.Fatalf("%+v", others)
	}
	for _, o := range others {
		must(t, d.Forget(o))
	}
	if others = d.Others(); len(others) != 0 {
		t.Errorf("%+v", others)
	}
}

// A line that this podtui can't read is another's: it outlasts forgetting, and halving
// as long as it is among the newer ones.
func TestWhatCantBeReadStaysInTheHistory(t *testing.T) {
	t.Parallel()
	d := open(t, filepath.Join(t.TempDir(), "drafts"))
	d.most = littleHistory
	newer := `{"uuid":"` + uuidOf(9) + `","at":"2026-03-04T13:00:00Z","pod":{"version":9,"apps":null}}`
	history := func() string {
		data, err := os.ReadFile(filepath.Join(d.top.path, historyFile))
		must(t, err)
		return string(data)
	}
	must(t, d.append([]byte(newer)))
	must(t, errors.Join(d.Ran(runOf(1)), d.Ended(uuidOf(1), 0, noon)))
	must(t, d.ForgetRun(uuidOf(1)))
	if got := history(); got != newer+"\n" {
		t.Errorf("left %q", got)
	}
	must(t, d.ForgetRun(uuidOf(9)))
	if got := history(); got != "" {
		t.Errorf("left %q", got)
	}
	for i := range 11 {
		must(t, d.Ran(bigRun(i)))
	}
	must(t, d.append([]byte(newer)))
	must(t, d.Ran(bigRun(12)))
	if got := history(); !strings.Contains(got, newer) || strings.Contains(got, uuidOf(1)) || len(got) > littleHistory {
		t.Errorf("%d bytes left", len(got))
	}
}

// What a program crashed with is not gone on with, and is told of once.
func TestWhatCrashedIsNotGoneOnWith(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "drafts")
	d := open(t, dir)
	must(t, d.PutAside()) // nothing
	must(t, d.Keep(draftOf("deadly")))
	must(t, d.PutAside())
	must(t, d.Close())
	d = goesOnWith(t, dir, "")
	if !d.Crashed() || d.Crashed() {
		t.Error("it is not told once")
	}
	all := d.Others()
	if len(all) != 1 || !all[0].Aside || nameOf(all[0].Draft.Pod) != "deadly" {
		t.Fatalf("%+v", all)
	}
	must(t, d.Forget(all[0]))
	d.Close()
	only(t, dir)
}
