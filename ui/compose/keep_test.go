package compose

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/drafts"
)

// Whatever a draft says of a field, it is shown, what it holds comes back, and typing
// goes on where that makes sense.
func TestAnyDraftIsTakenUp(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		pods := []spec.Pod{
			{},
			{Apps: []spec.App{{Image: "a.example/x"}}},
			{Apps: []spec.App{{Image: "a.example/x", Args: []string{"one"}, Env: []spec.Var{{Name: "A", Value: "1"}}, Mounts: []spec.Mount{{Volume: "v", Path: "/v"}}}, {Image: "b"}},
				Volumes: []spec.Volume{{Name: "v", Kind: spec.HostVolume, Source: "/v"}}, Network: spec.Network{Names: []string{"default"}}, Ports: []spec.Port{{Name: "http", HostPort: 80}}},
			{ManifestFile: "-", Apps: []spec.App{{Image: "a.example/x", Name: "x"}}},
		}
		s := filled(outer, spec.Pod{})
		some := rapid.SampledFrom(pods)
		s.draft.pod = clone(some.Draw(t, "pod"))
		s.refresh()
		sections := sections(&s.draft.pod)
		s.open(rapid.SampledFrom(sections).Draw(t, "section"), true)
		field := rapid.String().Draw(t, "field")
		if len(s.rows) > 0 && rapid.Bool().Draw(t, "of the form") {
			r := rapid.SampledFrom(s.rows).Draw(t, "row")
			field = r.id()
		}
		want := drafts.Draft{Pod: clone(s.draft.pod), Typed: &drafts.Typed{
			Section: []byte(s.at.String()), Field: []byte(field), Text: []byte(rapid.String().Draw(t, "text")), Before: some.Draw(t, "before"),
		}}
		got := filled(outer, spec.Pod{})
		for _, a := range []string{"a.example/x", "b"} {
			got.images[a] = &known{} // it was looked at
		}
		got.storeTold = true
		got.TakeUp(want)
		open := got.editing != nil
		switch d := got.Draft(); {
		case open && got.path.Value() != string(want.Typed.Text):
			t.Fatalf("open with %q: %+v", got.path.Value(), want.Typed)
		case !open && (d.Typed == nil || string(d.Typed.Text) != string(want.Typed.Text) || !drafts.Blank(want.Pod) && !same(d.Pod, want.Pod)):
			t.Fatalf("became %+v", d)
		}
		got.Draw(80, 24)
		for got.draft.undo() {
		}
		if !open && !drafts.Blank(got.draft.pod) {
			t.Fatalf("can't be given up: %+v", got.draft.pod)
		}
	})
}

func TestSectionsAreFoundByTheirNames(t *testing.T) {
	for _, c := range []section{{}, {app: 3}, {kind: addSection}, {kind: podSection}, {kind: volumesSection}, {kind: networkSection}} {
		if got := sectionNamed(c.String()); got != c {
			t.Errorf("%s is %v", c, got)
		}
	}
	for _, name := range []string{"", "app", "app -1", "app 99999999999999999999", "\x00"} {
		if got := sectionNamed(name); got != (section{}) {
			t.Errorf("%q is %v", name, got)
		}
	}
}

// Each text of secrets has a file of its own, though the one before it is not written
// yet; and one text has one writer.
func TestSecretsThatChangeAreNotWrittenOverEachOther(t *testing.T) {
	s := keeping(t, guarded())
	first := s.writeSecrets()
	before := s.outward()
	if m, ok := s.writeSecrets()().(secretsWritten); ok {
		t.Errorf("a second writer: %+v", m)
	}
	s.draft.change(func(p *spec.Pod) { p.Apps[0].Env[0].Value = "new" })
	s.follow()
	second := s.writeSecrets()
	after := s.outward()
	if before.EnvFiles[0] == after.EnvFiles[0] {
		t.Fatal("both are in ", after.EnvFiles[0])
	}
	for _, msg := range []secretsWritten{second().(secretsWritten), first().(secretsWritten)} {
		s.Update(msg)
	}
	for path, want := range map[string]string{before.EnvFiles[0]: secret, after.EnvFiles[0]: "new"} {
		if vars, err := s.options.Secrets.Read(path); err != nil || len(vars) != 1 || vars[0].Value != want {
			t.Errorf("%s: %v, %v; want %s", path, vars, err, want)
		}
	}
	if got := s.outward(); got.EnvFiles[0] != after.EnvFiles[0] {
		t.Errorf("the pod has %s, not %s", got.EnvFiles[0], after.EnvFiles[0])
	}
}
