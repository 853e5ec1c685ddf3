package compose

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/secrets"
)

// written is a form with a pod of a line, shown in other words.
func writtenForm(t *testing.T, line string) *Screen {
	t.Helper()
	said, err := spec.ReadLine(line)
	if err != nil {
		t.Fatal(err)
	}
	s := formOf(t, enginetest.NewScripted(worker), []engine.Entry{worker.Entry()}, said.Pod)
	s.Update(stroke('p'))
	return s
}

func stroke(key rune) tea.KeyPressMsg { return tea.KeyPressMsg{Code: key, Text: string(key)} }

// formCalled turns to a form by keys.
func formCalled(t *testing.T, s *Screen, name string) form {
	t.Helper()
	for range s.written.forms {
		if f := s.written.forms[s.written.at]; f.name == name {
			return f
		}
		s.Update(tea.KeyPressMsg{Code: tea.KeyTab})
	}
	t.Fatalf("no %s", name)
	return form{}
}

func TestThePodIsShownInOtherWords(t *testing.T) {
	const line = "podtui run --pod-name=web --set-env=A=b example.com/worker --exec=/bin/x -- 'a b'"
	s := writtenForm(t, line)
	for name, want := range map[string][]string{
		"command line": {"podtui --batch --insecure-options=image run --pod-name=web"},
		"pod manifest": {`"acKind": "PodManifest"`, `"a b"`, `"value": "b"`},
		"Kubernetes":   {"kind: Pod", "name: web", "- /bin/x", `- "a b"`},
		"systemd":      {"[Service]", `    -- "a b"`, "--set-env=A=b"},
	} {
		f := formCalled(t, s, name)
		for _, part := range want {
			if !strings.Contains(f.body, part) {
				t.Errorf("%s: no %s in\n%s", name, part, f.body)
			}
		}
		if copied, ok := s.Update(stroke('c')).Wish.(screen.Copy); !ok || copied.Text != f.body {
			t.Errorf("%s: copied %+v", name, copied)
		}
	}
	pod, err := spec.FromManifest([]byte(formCalled(t, s, "pod manifest").body))
	if err != nil || pod.Name != "web" {
		t.Errorf("%+v, %v", pod, err)
	}
	if s.Update(stroke('q')); s.written != nil || s.Writes() {
		t.Error("there is no way back")
	}
}

// What can't be written says why, is not copied and not saved; the command line always is.
func TestWhatCanNotBeWrittenSaysWhy(t *testing.T) {
	for line, want := range map[string][]string{
		"podtui run docker://registry.test/x:1":               {"pod manifest", "a pod manifest has images by their IDs, and docker://registry.test/x:1 is not here: fetch it first"},
		"podtui run example.com/worker --memory=1":            {"Kubernetes", "first mend what is wrong: memory 1 is less than 6Mi, without which no app starts"},
		"podtui run example.com/worker --exec=/x -- $'\\377'": {"Kubernetes", `argument "\xff" of app worker is not UTF-8, and YAML holds nothing else`},
		"podtui run example.com/worker -- 1":                  {"Kubernetes", "first mend what is wrong: image example.com/worker doesn't say what to execute; name it with --exec"},
		"podtui run --volume=v,kind=x example.com/worker":     {"systemd", "first mend what is wrong: volume v: kind x is neither host nor empty"},
	} {
		s := writtenForm(t, line)
		if f := s.written.forms[0]; f.body == "" {
			t.Errorf("%s: no command line", line)
		}
		f := formCalled(t, s, want[0])
		if f.body != "" || !slices.Equal(f.notes, want[1:]) {
			t.Errorf("%s: %q, %q; want %q", line, f.body, f.notes, want[1:])
		}
		for _, key := range "co" {
			if notice, ok := s.Update(stroke(key)).Wish.(screen.Notice); !ok || notice.Text != want[1] || !notice.Wrong {
				t.Errorf("%s: %c: %+v", line, key, notice)
			}
		}
	}
}

// What becomes known meanwhile shows.
func TestWhatIsWrittenFollowsTheImages(t *testing.T) {
	s := formOf(t, enginetest.NewScripted(worker), nil, spec.Pod{Apps: []spec.App{{Image: "example.com/worker", Exec: "/x"}}})
	s.Update(stroke('p'))
	if f := formCalled(t, s, "pod manifest"); f.body != "" {
		t.Fatal(f.body)
	}
	pump(s, s.SetImages([]engine.Entry{worker.Entry()}))
	if f := s.written.forms[s.written.at]; !strings.Contains(f.body, "example.com/worker") {
		t.Errorf("%+v", f)
	}
}

// saveTo answers the question for a file, and does the work.
func saveTo(t *testing.T, s *Screen, path string) screen.Wish {
	t.Helper()
	prompt, ok := s.Update(stroke('o')).Wish.(screen.Ask)
	if !ok {
		t.Fatal("no file is asked for")
	}
	return savedBy(s, prompt.Dialog.(*dialog.Prompt).Answer(path))
}

func savedBy(s *Screen, answer tea.Msg) screen.Wish {
	return s.Update(s.Update(answer).Cmd()).Wish
}

func TestWhatIsSavedIsForItsOwnerAloneIfValuesAreInIt(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		line string
		form string
		mode os.FileMode
	}{
		"plain.sh":       {"podtui run example.com/worker --exec=/x", "command line", 0o755},
		"secret.sh":      {"podtui run --set-env=A=b example.com/worker --exec=/x", "command line", 0o700},
		"plain.yaml":     {"podtui run example.com/worker --exec=/x", "Kubernetes", 0o644},
		"secret.yaml":    {"podtui run example.com/worker --exec=/x --environment=A=b", "Kubernetes", 0o600},
		"secret.json":    {"podtui run --inherit-env example.com/worker --exec=/x", "pod manifest", 0o600},
		"secret.service": {"podtui run example.com/worker --exec=/x --environment=A=b", "systemd", 0o600},
	} {
		said, err := spec.ReadLine(c.line)
		if err != nil {
			t.Fatal(err)
		}
		s := formOf(t, enginetest.NewScripted(worker), []engine.Entry{worker.Entry()}, said.Pod)
		s.options.Environ = []string{"INHERITED=x"}
		s.Update(stroke('p'))
		f := formCalled(t, s, c.form)
		path := filepath.Join(dir, name)
		if got, ok := saveTo(t, s, path).(screen.Notice); !ok || got.Text != f.what+" saved to "+path {
			t.Errorf("%s: %+v", name, got)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != c.mode {
			t.Errorf("%s: %v, %v; want %v", name, info.Mode(), err, c.mode)
		}
		data, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(data), strings.TrimPrefix(f.content(), "#!")) {
			t.Errorf("%s: %s, %v", name, data, err)
		}
	}
}

// A file that is there is replaced only if somebody says so, and what is no file never.
func TestNoFileIsReplacedWithoutAQuestion(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.sh")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := writtenForm(t, "podtui run example.com/worker --exec=/x")
	ask, ok := saveTo(t, s, path).(screen.Ask)
	if data, err := os.ReadFile(path); !ok || err != nil || string(data) != "mine" {
		t.Fatalf("%+v: %s, %v", ask, data, err)
	}
	d := ask.Dialog.(*dialog.Confirm)
	if d.Title != "Replace "+path+"?" {
		t.Error(d.Title)
	}
	savedBy(s, d.Yes)
	data, err := os.ReadFile(path)
	if info, _ := os.Stat(path); err != nil || !strings.Contains(string(data), "example.com/worker") || info.Mode() != 0o755 {
		t.Errorf("%s, %v, %v", data, info.Mode(), err)
	}
	for _, no := range []string{dir, "/dev/null", filepath.Join(dir, "no", "x")} {
		ask, ok := saveTo(t, s, no).(screen.Ask)
		if _, prompt := ask.Dialog.(*dialog.Prompt); !ok || !prompt {
			t.Errorf("%s: %+v", no, ask)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What the answer says of the disk was found out beside the loop, which waits for no disk.
func TestTheAnswerToASavedFormAsksNoDisk(t *testing.T) {
	s := writtenForm(t, "podtui run example.com/worker --exec=/x")
	m := formSaved{saving: saving{form: s.written.forms[0], path: "gone/x.sh"}, whole: "/mnt/gone/x.sh", err: fs.ErrExist}
	ask, _ := s.Update(m).Wish.(screen.Ask)
	if d, ok := ask.Dialog.(*dialog.Confirm); !ok || d.Title != "Replace /mnt/gone/x.sh?" {
		t.Errorf("%+v", ask)
	}
	m.other = true
	ask, _ = s.Update(m).Wish.(screen.Ask)
	if _, ok := ask.Dialog.(*dialog.Prompt); !ok {
		t.Errorf("%+v", ask)
	}
}

// A file that comes meanwhile is not replaced, and nobody finds half a file under the
// name: it comes there by a rename.
func TestASavedFormIsWholeOrNotThere(t *testing.T) {
	dir := t.TempDir()
	events, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(events)
	if _, err := unix.InotifyAddWatch(events, dir, unix.IN_CREATE|unix.IN_MOVED_TO); err != nil {
		t.Fatal(err)
	}
	work := saving{form: form{body: "whole", secret: true}, path: filepath.Join(dir, "x.json")}
	if err := work.write(); err != nil {
		t.Fatal(err)
	}
	seen := make([]byte, 4096)
	n, err := unix.Read(events, seen)
	if err != nil {
		t.Fatal(err)
	}
	came := uint32(0)
	for seen = seen[:n]; len(seen) > 0; {
		long := unix.SizeofInotifyEvent + binary.NativeEndian.Uint32(seen[12:])
		if strings.TrimRight(string(seen[unix.SizeofInotifyEvent:long]), "\x00") == "x.json" {
			came |= binary.NativeEndian.Uint32(seen[4:])
		}
		seen = seen[long:]
	}
	if came != unix.IN_MOVED_TO {
		t.Errorf("it came by %#x", came)
	}
	work.form.body = "another"
	if err := work.create(); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	if data, err := os.ReadFile(work.path); err != nil || string(data) != "whole" {
		t.Errorf("%s, %v", data, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Secrets stand neither in the line nor in what others read; in the manifest, which has no
// words for a file, they do, and are not seen on the screen.
func TestSecretsAreNotSeenInOtherWords(t *testing.T) {
	folder, err := secrets.In(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := formOf(t, enginetest.NewScripted(worker), []engine.Entry{worker.Entry()}, spec.Pod{
		Env: []spec.Var{{Name: "API_TOKEN", Value: "hunter2"}}, Apps: []spec.App{{Image: "example.com/worker", Exec: "/x"}},
	})
	s.options.Secrets = folder
	s.refresh()
	s.Update(stroke('p'))
	for name, has := range map[string]bool{"command line": false, "pod manifest": true, "Kubernetes": false, "systemd": false} {
		f := formCalled(t, s, name)
		if f.body == "" || strings.Contains(f.body, "hunter2") != has {
			t.Errorf("%s: %q in\n%s", name, f.notes, f.body)
		}
		if strings.Contains(s.Draw(120, 200), "hunter2") {
			t.Errorf("%s: it is on the screen\n%s", name, s.Draw(120, 200))
		}
		if has && f.mode() != 0o600 {
			t.Errorf("%s: a file would have mode %v", name, f.mode())
		}
	}
}
