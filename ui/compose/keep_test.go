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
