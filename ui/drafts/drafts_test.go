package drafts

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"github.com/podtui/podtui/engine/spec"
)

func open(t testing.TB, dir string) *Drafts {
	t.Helper()
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func podOf(name string) spec.Pod { return spec.Pod{Apps: []spec.App{{Image: name}}} }
func draftOf(name string) Draft  { return Draft{Pod: podOf(name)} }
func uuidOf(i int) string        { return fmt.Sprintf("%08x-1111-4b0e-9c55-000000000000", i) }
func at(i int) time.Time         { return noon.Add(time.Duration(i) * time.Second) }
func nameOf(p spec.Pod) string {
	if len(p.Apps) == 0 {
		return ""
	}
	return p.Apps[0].Image
}

func runOf(i int) Run {
	pod := podOf(fmt.Sprint("run ", i))
	return Run{UUID: uuidOf(i), At: at(i), Who: "root", Pod: &pod}
}

// littleHistory is halved soon.
const littleHistory = 64 << 10

func bigRun(i int) Run {
	r := runOf(i)
	r.Pod.Apps[0].Args = []string{strings.Repeat("x", littleHistory/12)}
	return r
}

// goesOnWith opens a session and says what it goes on with.
func goesOnWith(t *testing.T, dir, want string) *Drafts {
	t.Helper()
	d := open(t, dir)
	draft, _, _ := d.TakeUp()
	if got := nameOf(draft.Pod); got != want {
		t.Fatalf("goes on with %q, want %q", got, want)
	}
	return d
}

// A draft outlasts its session, the next one goes on with it, and nobody else does
// meanwhile.
func TestASessionGoesOnWithWhatWasLeft(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "deep", "drafts")
	d := goesOnWith(t, dir, "")
	must(t, d.Keep(draftOf("one")))
	other := goesOnWith(t, dir, "")
	must(t, other.Keep(draftOf("two")))
	must(t, d.Keep(draftOf("one more")))
	d.Close()
	d = goesOnWith(t, dir, "one more")
	goesOnWith(t, dir, "")
	must(t, d.Drop())
	must(t, d.Drop())
	d.Close()
	other.Close()
	d = goesOnWith(t, dir, "two")
	must(t, d.Keep(draftOf("three")))
	must(t, d.Drop())
	must(t, d.Keep(draftOf("four")))
	d.Close()
	d = goesOnWith(t, dir, "four")
	must(t, d.Drop())
	d.Close()
	only(t, dir)
}

// What is typed comes back byte for byte.
func TestDraftsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "drafts")
	anyText := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	vars := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) spec.Var {
		return spec.Var{Name: anyText.Draw(t, "name"), Value: anyText.Draw(t, "value")}
	}), 1, 3)
	rapid.Check(t, func(t *rapid.T) {
		pod := spec.Pod{Apps: []spec.App{{
			Image: anyText.Draw(t, "image"), Args: rapid.SliceOfN(anyText, 1, 3).Draw(t, "args"), Env: vars.Draw(t, "env"),
		}}, Env: vars.Draw(t, "all")}
		want := Draft{Pod: pod, Typed: &Typed{[]byte("app 0"), []byte(anyText.Draw(t, "field")), []byte(anyText.Draw(t, "text")), podOf("before")}}
		d, err := Open(dir)
		if err == nil {
			err = errors.Join(d.Keep(want), d.Save("it", want, true), d.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		if d, err = Open(dir); err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		got, _, ok := d.TakeUp()
		saved := d.savedAs("it")
		if !ok || !sameDraft(got, want) || !reflect.DeepEqual(saved.Pod, pod) {
			t.Fatalf("%+v became\n%+v\n%+v", want, got, saved)
		}
	})
}

// sameDraft takes no bytes for none.
func sameDraft(a, b Draft) bool {
	return reflect.DeepEqual(a.Pod, b.Pod) && reflect.DeepEqual(a.Typed.Before, b.Typed.Before) &&
		string(a.Typed.Text) == string(b.Typed.Text) && string(a.Typed.Field) == string(b.Typed.Field)
}

// Whatever sessions do in whatever order, each draft is somebody's, is nobody else's,
// and is what was kept last.
func TestSessionsNeverShareADraft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "drafts")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		sessions := make([]*Drafts, 3)
		holds := make([]string, len(sessions)) // what each composes
		left := map[string]bool{}              // and what nobody does
		defer func() {
			for _, d := range sessions {
				if d != nil {
					d.Close()
				}
			}
		}()
		for step := range rapid.IntRange(1, 30).Draw(t, "steps") {
			i := rapid.IntRange(0, len(sessions)-1).Draw(t, "who")
			if sessions[i] == nil {
				d, err := Open(dir)
				if err != nil {
					t.Fatal(err)
				}
				sessions[i] = d
				draft, _, ok := d.TakeUp()
				if holds[i] = nameOf(draft.Pod); ok != (len(left) > 0) || ok && !left[holds[i]] {
					t.Fatalf("took up %q of %v", holds[i], left)
				}
				delete(left, holds[i])
				continue
			}
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				holds[i], err = fmt.Sprint("step ", step), sessions[i].Keep(draftOf(fmt.Sprint("step ", step)))
			case 1:
				holds[i], err = "", sessions[i].Drop()
			case 2:
				err = sessions[i].Sweep()
			case 3:
				err = sessions[i].Close()
				if sessions[i] = nil; holds[i] != "" {
					left[holds[i]] = true
				}
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestTheNewestIsGoneOnWithAndOthersAreListed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "drafts")
	var all []*Drafts
	for i := range 3 {
		d := open(t, dir)
		must(t, d.Keep(draftOf(fmt.Sprint(i))))
		id := d.session.id + draftEnd
		must(t, unix.UtimesNanoAt(d.open.fd(), id, []unix.Timespec{{Sec: noon.Unix()}, {Sec: at(i).Unix()}}, 0))
		all = append(all, d)
	}
	all[0].Close()
	all[1].Close()
	must(t, all[2].SetAside(draftOf("aside")))
	d := goesOnWith(t, dir, "1")
	var told []string
	for _, o := range d.Others() {
		told = append(told, fmt.Sprint(nameOf(o.Draft.Pod), " ", o.Live, " ", o.Aside))
		if err := d.Forget(o); errors.Is(err, ErrLive) != o.Live || err != nil != o.Live {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if want := []string{"aside false true", "2 true false", "0 false false"}; !slices.Equal(told, want) {
		t.Errorf("%q, want %q", told, want)
	}
	if left := d.Others(); len(left) != 1 || !left[0].Live {
		t.Errorf("left %+v", left)
	}
}

func TestOldDraftsGoWhenThereAreTooMany(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "drafts")
	live := open(t, dir)
	must(t, live.Keep(draftOf("live")))
	must(t, unix.UtimesNanoAt(live.open.fd(), live.session.id+draftEnd, []unix.Timespec{{Sec: 1}, {Sec: 1}}, 0)) // the oldest
	for i := range maxOpen + 5 {
		must(t, os.WriteFile(filepath.Join(dir, "open", fmt.Sprint("old", i, draftEnd)), []byte(`{"pod":{"version":1,"apps":null}}`), 0o600))
	}
	must(t, open(t, dir).Keep(draftOf("new")))
	all := live.drafts(live.open)
	kept, err := live.open.names()
	if len(all) > maxOpen+2 || err != nil || !strings.Contains(fmt.Sprint(kept), live.session.id+draftEnd) {
		t.Errorf("%d drafts, %v", len(all), err)
	}
}

func TestSavedPods(t *testing.T) {
	t.Parallel()
	d := open(t, filepath.Join(t.TempDir(), "drafts"))
	must(t, d.Save("web", draftOf("one"), false))
	if err := d.Save("web", draftOf("two"), false); !errors.Is(err, ErrExists) {
		t.Errorf("replaced: %v", err)
	}
	must(t, d.Save("web", draftOf("three"), true))
	must(t, d.Save("db", draftOf("four"), false))
	if err := d.Rename("db", "web"); !errors.Is(err, ErrExists) {
		t.Errorf("renamed over another: %v", err)
	}
	must(t, d.Rename("db", "store"))
	if err := d.Rename("db", "other"); err == nil || err.Error() != "no pod is saved as db" {
		t.Errorf("renamed nothing: %v", err)
	}
	all, err := d.Saved()
	if err != nil || len(all) != 2 || all[0].Name != "store" || nameOf(all[1].Pod) != "three" || all[1].At.IsZero() {
		t.Errorf("%+v, %v", all, err)
	}
	must(t, d.Remove(Saved{Name: "web"}))
	must(t, d.Remove(Saved{Name: "web"}))
	if all, _ = d.Saved(); len(all) != 1 {
		t.Errorf("%+v", all)
	}
	for _, name := range []string{"", ".", "..", "../open", "a/b", "Web", "a b", "-a", "\x1b[2J", strings.Repeat("a", 129), "0123abcd"} {
		if errors.Join(d.Save(name, draftOf("x"), true)) == nil || d.Remove(Saved{Name: name}) == nil || d.Rename("store", name) == nil || d.Rename(name, "x") == nil {
			t.Errorf("took the name %q", name)
		}
	}
}

// Sessions that append at once lose nothing, though the history is halved meanwhile.
func TestHistoryIsBoundedAndLosesNothingNew(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "drafts")
	const each, writers = 12, 3
	var wg sync.WaitGroup
	for w := range writers {
		d := open(t, dir)
		d.most = littleHistory
		wg.Go(func() {
			for i := range each {
				n := i*writers + w + 1
				if err := errors.Join(d.Ran(bigRun(n)), d.Ended(uuidOf(n), n, at(n))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	d := open(t, dir)
	d.most = littleHistory
	all, err := d.History()
	must(t, err)
	if len(all) < 5 {
		t.Fatalf("%d runs", len(all))
	}
	for i, r := range all[:5] {
		if n := each*writers - i; r.UUID != uuidOf(n) || r.Exit == nil || *r.Exit != n || r.Pod == nil || !r.At.Equal(at(n)) {
			t.Errorf("the %d. is %v, exit %v", n, r.UUID, r.Exit)
		}
	}
	must(t, d.ForgetRun(uuidOf(each*writers-1)))
	if left, err := d.History(); err != nil || len(left) != len(all)-1 || left[0].UUID != all[0].UUID || left[1].UUID != all[2].UUID || *left[1].Exit != *all[2].Exit {
		t.Errorf("%d runs left, %v", len(left), err)
	}
	info, err := os.Stat(filepath.Join(dir, "history"))
	if err != nil || info.Size() > littleHistory*3/2 {
		t.Errorf("%v, %v", info, err)
	}
	r := runOf(99)
	r.Pod.Apps[0].Args = []string{strings.Repeat("x", maxRecord)}
	must(t, d.Ran(r))
	if all, err = d.History(); err != nil || all[0].UUID != r.UUID || all[0].Pod != nil {
		t.Errorf("%+v, %v", all[0], err)
	}
	if err := d.Keep(Draft{Pod: spec.Pod{Apps: []spec.App{{Image: strings.Repeat("x", maxDraft)}}}}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("kept what is too large: %v", err)
	}
}
