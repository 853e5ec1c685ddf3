package compose

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
)

var worker = enginetest.ScriptedImage("example.com/worker", "1.0", "9f", nil)

// pastedInto is what comes of a paste, when all that it asks for has been done.
func pastedInto(s *Screen, content string) screen.Wish {
	out := s.Update(tea.PasteMsg{Content: content})
	for out.Wish == nil && out.Cmd != nil {
		out = s.Update(out.Cmd())
	}
	pump(s, out.Cmd)
	return out.Wish
}

func emptyForm(t *testing.T) *Screen {
	return formOf(t, enginetest.NewScripted(worker), []engine.Entry{worker.Entry()}, spec.Pod{})
}

// said is the text of a notice.
func said(t *testing.T, w screen.Wish, wrong bool) string {
	t.Helper()
	notice, ok := w.(screen.Notice)
	if !ok || notice.Wrong != wrong {
		t.Fatalf("got %+v", w)
	}
	return notice.Text
}

func TestAPastedLineBecomesTheForm(t *testing.T) {
	s := emptyForm(t)
	got := said(t, pastedInto(s, "# Run it\r# rkt --insecure-skip-verify --dir=/d run example.com/worker \\\r  --exec /bin/date\rhello\r"), false)
	if want := "the form is the pasted pod; u takes it back · Not --insecure-skip-verify: the form asks about each image that nobody vouches for. · Not --dir=/d: that is said when podtui is called."; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if want := (spec.Pod{Apps: []spec.App{{Image: "example.com/worker", Exec: "/bin/date"}}}); !same(s.draft.pod, want) {
		t.Errorf("%+v", s.draft.pod)
	}
	if k := s.of(0); !k.found {
		t.Errorf("nobody looked for its image: %+v", k)
	}
	s.Update(tea.KeyPressMsg{Code: 'u', Text: "u"})
	if !same(s.draft.pod, spec.Pod{}) {
		t.Errorf("undone it is %+v", s.draft.pod)
	}
}

// What stands in the form is told before another pod takes its place, and comes back
// with one undo.
func TestAPasteSaysWhatItReplaces(t *testing.T) {
	s := emptyForm(t)
	before := spec.Pod{Name: "old", Apps: []spec.App{{Image: "example.com/worker", Name: "first"}}}
	s.draft.replace(clone(before))
	ask, ok := pastedInto(s, "podtui prepare --private-net ./x.aci docker://a/b -- 1").(screen.Ask)
	if !ok || !same(s.draft.pod, before) {
		t.Fatalf("%+v, %+v", ask, s.draft.pod)
	}
	d := ask.Dialog.(*dialog.Confirm)
	want := []string{"It has ./x.aci, docker://a/b, and takes the place of first.", "u brings back what is there now.", "Not prepare, which runs nothing: a pod of the form is run."}
	if d.Title != "Put the pasted pod into the form?" || !reflect.DeepEqual(d.Body, want) {
		t.Errorf("%q %q", d.Title, d.Body)
	}
	s.Update(d.Yes)
	if after := s.draft.pod; len(after.Apps) != 2 || after.Name != "" || !after.Network.Private() || len(s.draft.past) != 2 {
		t.Errorf("%+v after %d changes", after, len(s.draft.past))
	}
	s.Update(tea.KeyPressMsg{Code: 'u', Text: "u"})
	if !same(s.draft.pod, before) {
		t.Errorf("undone it is %+v", s.draft.pod)
	}
}

func TestAWrongPasteChangesNothing(t *testing.T) {
	for content, want := range map[string]string{
		"hello":                             "not taken: no command line of podtui or rkt in this; it begins with hello",
		"podtui run img | tee x":            "not taken: after img: | leads to another command, which takes a shell; paste the command alone",
		"podtui run --vollume=x img":        "not taken: unknown flag --vollume; perhaps --volume is meant",
		"podtui run --pod-manifest=-":       "not taken: --pod-manifest=- is what its caller types; paste the manifest itself",
		"podtui run --pod-manifest=/no/one": "not taken: --pod-manifest=/no/one: there is no such file here",
		"podtui run --pod-manifest=/":       "not taken: --pod-manifest=/: there is no such file here",
		`{"apps": 7}`:                       "not taken: pod manifest: apps: 7 where an array belongs",
		" { ":                               "not taken: pod manifest: ",
	} {
		s := emptyForm(t)
		before := spec.Pod{Apps: []spec.App{{Image: "example.com/worker"}}}
		s.draft.replace(clone(before))
		if got := said(t, pastedInto(s, content), true); !strings.HasPrefix(got, want) || !same(s.draft.pod, before) || len(s.draft.past) != 1 {
			t.Errorf("%s: %s, %+v; want %s", content, got, s.draft.pod, want)
		}
	}
}

func manifestOf(t *testing.T, app string) string {
	t.Helper()
	pod := spec.Pod{Apps: []spec.App{{Image: "example.com/worker", Name: app, Exec: "/x"}}}
	s := formOf(t, enginetest.NewScripted(worker), []engine.Entry{worker.Entry()}, pod)
	m, err := pod.Manifest(s.resolvable(), spec.Surroundings{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The apps of a manifest are its own, whichever came last: going back to one is no
// change of another's.
func TestAPastedManifestBecomesTheForm(t *testing.T) {
	s := emptyForm(t)
	if got := said(t, pastedInto(s, "\n "+manifestOf(t, "one")), false); got != "the form is the pasted pod; u takes it back" {
		t.Error(got)
	}
	one := clone(s.draft.pod)
	s.Update(pastedInto(s, manifestOf(t, "two")).(screen.Ask).Dialog.(*dialog.Confirm).Yes)
	two := clone(s.draft.pod)
	if one.ManifestFile != "-" || len(one.Apps) != 1 || one.Apps[0].Name != "one" || two.Apps[0].Name != "two" {
		t.Fatalf("%+v and %+v", one, two)
	}
	for _, step := range []struct {
		key  string
		want spec.Pod
	}{{"u", one}, {"U", two}, {"u", one}, {"u", spec.Pod{}}} {
		s.Update(tea.KeyPressMsg{Code: rune(step.key[0]), Text: step.key})
		if !same(s.draft.pod, step.want) || len(s.otherApps()) > 0 {
			t.Errorf("after %s: %+v, %v", step.key, s.draft.pod, s.otherApps())
		}
	}
}

func TestAPastedLineMayNameAManifest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "p.json")
	if err := os.WriteFile(file, []byte(manifestOf(t, "one")), 0o600); err != nil {
		t.Fatal(err)
	}
	s := emptyForm(t)
	said(t, pastedInto(s, "podtui run --net=none --pod-manifest="+file), false)
	p := s.draft.pod
	if p.ManifestFile != file || len(p.Apps) != 1 || p.Apps[0].Name != "one" || !reflect.DeepEqual(p.Network.Names, []string{"none"}) || len(s.otherApps()) > 0 {
		t.Errorf("%+v, %v", p, s.otherApps())
	}
}

// A paste into a field is the field's, and one that was still being read when a field
// was opened is not taken.
func TestAPasteIntoAFieldIsTheFields(t *testing.T) {
	s := emptyForm(t)
	s.draft.replace(spec.Pod{Apps: []spec.App{{Image: "example.com/worker"}}})
	s.open(section{}, true)
	s.Update(tea.KeyPressMsg{Code: tea.KeyEnter})
	if !s.Typing() {
		t.Fatal("no field is open")
	}
	s.Update(tea.PasteMsg{Content: "podtui run img"})
	if !s.Typing() || s.path.Value() != "podtui run img" || len(s.draft.past) != 1 {
		t.Errorf("%q, %+v", s.path.Value(), s.draft.pod)
	}
	if got := said(t, s.Update(manifestRead{pasted: pasted{pod: spec.Pod{Apps: []spec.App{{Image: "x"}}}}}).Wish, true); got != "not taken: a field is open" {
		t.Error(got)
	}
}

// The line of a form, pasted into another, gives the same form.
func TestTheLineOfAFormIsTheFormAgain(t *testing.T) {
	for _, line := range []string{
		"podtui run --net=none --set-env=A='b c' example.com/worker --exec=/bin/x -- 'a b' --- docker://b --memory=64Mi",
		"podtui run --private-net --port=http:[::1]:80 --volume=v,kind=host,'\"source=/a,b\"' --mount=volume=v,target=/t example.com/worker --seccomp=mode=remove,reboot",
	} {
		s := emptyForm(t)
		said(t, pastedInto(s, line), false)
		again := emptyForm(t)
		said(t, pastedInto(again, s.Line()), false)
		if !same(s.draft.pod, again.draft.pod) || len(s.draft.pod.Apps) == 0 {
			t.Errorf("%s became %s", s.Line(), again.Line())
		}
	}
}

// Keys lead there too: what is pasted, or typed, into the question is taken when it is
// accepted.
func TestThePasteCanBeAskedFor(t *testing.T) {
	s := emptyForm(t)
	ask, ok := s.act(keymap.ComposePaste).Wish.(screen.Ask)
	if !ok {
		t.Fatal("nothing was asked")
	}
	d := ask.Dialog.(*dialog.Paste)
	d.Paste("podtui run \\\r\n example.com/worker\r\n --name=x")
	done, answer := d.Key(tea.KeyPressMsg{Code: tea.KeyEnter}, s.env.Keys, s.env.Now())
	if !done {
		t.Fatal("it was not accepted")
	}
	if paste := answer.(tea.PasteMsg).Content; paste != "podtui run \\\n example.com/worker\n --name=x" {
		t.Errorf("%q", paste)
	}
	said(t, s.Update(answer).Wish, false)
	if len(s.draft.pod.Apps) != 1 {
		t.Errorf("%+v", s.draft.pod)
	}
}
