package ui_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/uitest"
)

// shelf is a folder of drafts, and sessions over it.
type shelf struct {
	t   *testing.T
	dir string
	e   *enginetest.Scripted
}

func newShelf(t *testing.T, e *enginetest.Scripted) *shelf {
	t.Helper()
	return &shelf{t, filepath.Join(t.TempDir(), "drafts"), e}
}

// session walks through a session. It ends without a word, as kill -9 ends it:
// nothing that has not been written yet will be.
func (s *shelf) session(o ui.Options, journey func(d *uitest.Driver)) {
	s.t.Helper()
	all, err := drafts.Open(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	defer all.Close()
	o.Drafts = all
	uitest.Run(s.t, uitest.Setup{W: 100, H: 40, Engine: s.e, Options: o}, journey)
}

// look reads what is on disk.
func (s *shelf) look(f func(d *drafts.Drafts)) {
	s.t.Helper()
	all, err := drafts.Open(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	defer all.Close()
	f(all)
}

const again, twoShows = "is in the form again", "2 shows it, u there gives it up"

// What is composed is there when podtui is started again, whatever became of it, and
// one key gives it up; giving it up can be undone, and outlasts the program too.
func TestWhatIsComposedOutlastsTheProgram(t *testing.T) {
	s := newShelf(t, recordings(t))
	s.session(ui.Options{}, func(d *uitest.Driver) {
		d.Sees("5 images").SeesNot(again).Press(keymap.ImagesFilter).Type("reduce-worker").Press(keymap.EditAccept, keymap.ImagesChoose).
			Sees("verified by").Press(keymap.ComposeEdit, keymap.ComposeEdit).Type("/bin/one").Press(keymap.EditAccept).Pass(600 * time.Millisecond)
	})
	s.session(ui.Options{}, func(d *uitest.Driver) {
		d.Sees("5 images", again, twoShows).Press(keymap.GoCompose).Sees("--exec=/bin/one").
			Press(keymap.ComposeUndo).SeesNot("/bin/one").Press(keymap.ComposeRedo).Sees("--exec=/bin/one").
			Press(keymap.ComposeUndo).Pass(600 * time.Millisecond)
	})
	s.session(ui.Options{}, func(d *uitest.Driver) { d.Sees("5 images").SeesNot(again) })
}

// A field that is half typed is open again, with what stood in it, though no pod
// could hold that.
func TestAFieldThatIsHalfTypedIsOpenAgain(t *testing.T) {
	s := newShelf(t, recordings(t))
	const half = `-v 'two words`
	s.session(composing(reduceWorker), func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeEdit, keymap.ComposeEdit).Type("/bin/x").Press(keymap.EditNext).Type(half).
			Sees(half).Pass(600 * time.Millisecond)
	})
	s.session(ui.Options{}, func(d *uitest.Driver) {
		d.Sees(again).Press(keymap.GoCompose).Sees(half).Type("'").Sees(half + "'").Press(keymap.EditAccept).Sees("-- -v 'two words'").
			Press(keymap.ComposeUndo).Sees("--exec=/bin/x").SeesNot("-- -v").Press(keymap.ComposeRedo).Pass(600 * time.Millisecond)
	})
	s.session(ui.Options{}, func(d *uitest.Driver) {
		d.Sees(again).Press(keymap.GoCompose).Sees("-- -v 'two words'", "edit")
	})
}

// A field of the image is there only once the image was read.
func TestAFieldOfTheImageIsOpenAgain(t *testing.T) {
	s := newShelf(t, recordings(t))
	s.session(composing(reduceWorker), func(d *uitest.Driver) {
		d.Sees("verified by", "work → /var/lib/work").Press(keymap.ComposeEdit, keymap.End, keymap.Up, keymap.Up, keymap.Up, keymap.Up, keymap.ComposeEdit).
			Type("/no/such").Pass(time.Second).Sees("/no/such does not exist")
	})
	s.session(ui.Options{}, func(d *uitest.Driver) {
		d.Sees(again).Press(keymap.GoCompose).Sees("/no/such").Type("/folder").Press(keymap.EditAccept).Sees("source=/no/such/folder")
	})
}

// At most one write each half second, and none where nothing changes.
func TestDraftsAreWrittenOnceTheyRest(t *testing.T) {
	s := newShelf(t, recordings(t))
	s.session(composing(reduceWorker), func(d *uitest.Driver) {
		d.Sees("verified by").Pass(time.Second).Press(keymap.ComposeEdit, keymap.ComposeEdit)
		kept := func() (args string) {
			s.look(func(all *drafts.Drafts) {
				for _, o := range all.Others() {
					args += string(o.Draft.Typed.Text) + ";"
				}
			})
			return args
		}
		var seen []string
		for range 10 {
			d.Type("x").Pass(100 * time.Millisecond)
			if k := kept(); len(seen) == 0 || seen[len(seen)-1] != k {
				seen = append(seen, k)
			}
		}
		if len(seen) != 3 || seen[0] != "" {
			t.Errorf("%d writes in a second: %q", len(seen)-1, seen)
		}
	})
}

// What was run is remembered, with its end, and is no draft any more; what could not
// be started is one still.
func TestWhatWasRunIsRememberedAndIsNoDraft(t *testing.T) {
	e := recordings(t, "two-apps")
	s := newShelf(t, e)
	pod := alone()
	pod.Network.Names, pod.Ports = []string{"default"}, []spec.Port{{Name: "http", HostPort: 8080}}
	s.session(ui.Options{Start: ui.StartCompose, Pod: pod, Environ: []string{"SUDO_USER=ada", "USER=root"}}, func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeEdit, keymap.ComposeEdit).Type("/bin/one").Press(keymap.EditAccept)
		e.Take(spec.TCP, 8080, "pod web")
		d.Press(keymap.ComposeRun).Sees("taken by pod web", "back to the form").Pass(time.Second)
		s.look(func(all *drafts.Drafts) {
			if past, _ := all.History(); len(past) > 0 || len(all.Others()) != 1 {
				t.Errorf("after a start that failed: %+v, %+v", past, all.Others())
			}
		})
		e.Take(spec.TCP, 8080, "")
		d.Press(keymap.WatchForm, keymap.ComposeRun).Sees("exited 0").Pass(time.Second)
	})
	s.look(func(all *drafts.Drafts) {
		past, err := all.History()
		if err != nil || len(past) != 1 || past[0].Who != "ada" || past[0].Pod.Apps[0].Exec != "/bin/one" || past[0].Exit == nil || *past[0].Exit != 0 {
			t.Errorf("%+v, %v", past, err)
		}
	})
	s.session(ui.Options{}, func(d *uitest.Driver) { d.Sees("5 images").SeesNot(again) })
}

// A pod that was asked for is the one in the form; the older draft waits.
func TestAPodThatIsAskedForComesFirst(t *testing.T) {
	s := newShelf(t, recordings(t))
	s.session(composing(reduceWorker), func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeEdit, keymap.ComposeEdit).Type("/bin/one").Press(keymap.EditAccept).Pass(time.Second)
	})
	s.session(composing(workerBackup), func(d *uitest.Driver) {
		d.Sees("worker-backup").SeesNot(again).SeesNot("/bin/one").Pass(time.Second)
	})
	s.session(ui.Options{}, func(d *uitest.Driver) { d.Sees(again).Press(keymap.GoCompose).Sees("--exec=/bin/one") })
}

// Quitting asks about a draft only where nothing can be kept.
func TestQuittingAsksAboutADraftOnlyWhereNothingIsKept(t *testing.T) {
	change := func(d *uitest.Driver) *uitest.Driver {
		return d.Sees("verified by").Press(keymap.ComposeEdit, keymap.ComposeEdit).Type("/bin/one").Press(keymap.EditAccept).Pass(time.Second).
			Press(keymap.Quit, keymap.Quit, keymap.Quit)
	}
	newShelf(t, recordings(t)).session(composing(reduceWorker), func(d *uitest.Driver) { change(d).HasQuit(true) })
	uitest.Run(t, uitest.Setup{Engine: recordings(t), Options: composing(reduceWorker)}, func(d *uitest.Driver) {
		change(d).HasQuit(false).Sees("would be lost")
	})
	s := newShelf(t, recordings(t))
	s.session(composing(reduceWorker), func(d *uitest.Driver) {
		d.Sees("verified by")
		spoil(t, s.dir)
		change(d).HasQuit(false).Sees("would be lost")
	})
}

// spoil has nothing be kept any more.
func spoil(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
}
