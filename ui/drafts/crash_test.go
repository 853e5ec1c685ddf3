package drafts

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
)

// crashRole is this test binary as a session that dies.
const crashRole = "PODTUI_TEST_DRAFTS"

// crashMain does something, and dies as it reaches a point for the nth time. What it
// found and did is on its output, so that it is known what may be there.
func crashMain(dir string) {
	nth, _ := strconv.Atoi(os.Args[2])
	crash.Hook = func(p crash.Point) {
		if string(p) != os.Args[1] {
			return
		}
		if nth--; nth == 0 {
			_ = unix.Kill(os.Getpid(), unix.SIGKILL)
			select {}
		}
	}
	d, err := Open(dir)
	if err == nil {
		d.most = littleHistory
		err = crashDo(d, os.Args[3])
	}
	if err != nil {
		fmt.Println(err)
	}
	os.Exit(1)
}

func crashDo(d *Drafts, doing string) error {
	draft, _, _ := d.TakeUp()
	if draft.Empty() {
		draft = draftOf("begun")
	}
	switch doing {
	case "keep":
		return first(d.Keep(draft), d.Keep(draftOf("second")), d.Keep(draftOf("third")))
	case "drop":
		return first(d.Keep(draft), d.Drop())
	case "aside":
		return first(d.Keep(draft), d.SetAside(draft), d.Keep(draftOf("second")))
	case "save":
		return first(d.Save("web", draftOf("second"), true))
	case "ran":
		return first(d.Ran(runOf(2)), d.Ended(uuidOf(2), 3, noon))
	case "halve":
		for i := 2; ; i++ {
			if err := d.Ran(bigRun(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

var crashes = []struct {
	point string
	nth   int
	doing string
	draft string // that the next session goes on with
	saved string // of web
	runs  int    // at least; -1: the rest of many
}{
	{"draft begun", 1, "keep", "", "", 1},
	{"draft file written", 1, "keep", "", "", 1},
	{"draft file in place", 1, "keep", "begun", "", 1},
	{"draft file written", 2, "keep", "begun", "", 1},
	{"draft file in place", 2, "keep", "second", "", 1},
	{"draft file written", 3, "keep", "second", "", 1},
	{"draft file in place", 3, "keep", "third", "", 1},
	{"draft dropped", 1, "drop", "", "", 1},
	{"draft file written", 2, "aside", "begun", "", 1},
	{"draft file in place", 2, "aside", "begun", "", 1},
	{"draft file written", 3, "aside", "begun", "", 1},
	{"draft file written", 1, "save", "", "", 1},
	{"draft file in place", 1, "save", "", "second", 1},
	{"run remembered", 1, "ran", "", "", 2},
	{"run remembered", 2, "ran", "", "", 2},
	{"draft file written", 1, "halve", "", "", -1},
	{"draft file in place", 1, "halve", "", "", -1},
}

// Whoever dies at any point leaves the old or the new, whole, and nothing that the
// next session does not sweep away.
func TestProcessDiesAtEachPoint(t *testing.T) {
	t.Parallel()
	for _, c := range crashes {
		t.Run(fmt.Sprint(c.doing, " ", c.point, " ", c.nth), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "drafts")
			d := open(t, dir)
			must(t, d.Ran(runOf(1)))
			d.Close()
			die(t, dir, c.point, c.nth, c.doing)

			d = open(t, dir)
			must(t, d.Sweep())
			draft, _, ok := d.TakeUp()
			if got := nameOf(draft.Pod); ok != (c.draft != "") || got != c.draft {
				t.Errorf("goes on with %q, want %q", got, c.draft)
			}
			if got := nameOf(d.savedAs("web").Pod); got != c.saved {
				t.Errorf("web is %q, want %q", got, c.saved)
			}
			checkRuns(t, d, c.runs)
			if !ok {
				must(t, d.Keep(draftOf("after")))
				must(t, d.Drop())
				d.Close()
				only(t, dir, "history", "saved/web", "aside/")
			}
		})
	}
}

// die has a session die at a point, by its own hand and no other way.
func die(t *testing.T, dir, point string, nth int, doing string) {
	t.Helper()
	child := exec.Command(os.Args[0], point, strconv.Itoa(nth), doing)
	child.Env = append(os.Environ(), crashRole+"="+dir)
	out, _ := child.CombinedOutput()
	if status, ok := child.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		t.Fatalf("did not die: %s", out)
	}
}

func checkRuns(t *testing.T, d *Drafts, want int) {
	t.Helper()
	all, err := d.History()
	must(t, err)
	if want == -1 {
		if len(all) < 3 || all[0].Pod == nil {
			t.Errorf("%d runs left", len(all))
		}
		return
	}
	if len(all) != want || all[len(all)-1].UUID != uuidOf(1) {
		t.Errorf("runs %+v, want %d", all, want)
	}
}

// only holds the folder to what may be in it.
func only(t *testing.T, dir string, allowed ...string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, _ = filepath.Rel(dir, name)
		for _, a := range allowed {
			if name == a || strings.HasSuffix(a, "/") && strings.HasPrefix(name, a) && !strings.HasPrefix(filepath.Base(name), ".") {
				return nil
			}
		}
		t.Errorf("%s was left", name)
		return nil
	})
	must(t, err)
}

// Every point of the code has somebody who dies at it.
func TestSomebodyDiesAtEachPoint(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, c := range crashes {
		tried[c.point] = true
	}
	files, err := filepath.Glob("*.go")
	must(t, err)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		must(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Here" {
				point, _ := strconv.Unquote(call.Args[0].(*ast.BasicLit).Value)
				if !tried[point] {
					t.Errorf("nobody dies at %q", point)
				}
			}
			return true
		})
	}
}

// A line that was not written to its end takes no other along, wherever it ends.
func TestALineThatIsCutTakesNoOtherAlong(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "drafts")
	d := open(t, dir)
	must(t, d.Ran(runOf(1)))
	must(t, d.Ran(runOf(2)))
	whole, err := os.ReadFile(filepath.Join(dir, "history"))
	must(t, err)
	one := strings.IndexByte(string(whole), '\n') + 1
	for end := one; end <= len(whole); end++ {
		must(t, os.WriteFile(filepath.Join(dir, "history"), whole[:end], 0o600))
		must(t, d.Ended(uuidOf(1), 7, noon))
		must(t, d.Ran(runOf(3)))
		all, err := d.History()
		must(t, err)
		want := 2
		if end >= len(whole)-1 { // only its end was missing
			want = 3
		}
		if len(all) != want || all[0].UUID != uuidOf(3) || *all[want-1].Exit != 7 {
			t.Fatalf("cut at %d: %+v", end, all)
		}
	}
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
