package compose

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/screen"
)

// Replaced tells that something else has taken the place of a pod that was never
// run.
type Replaced struct {
	Draft  drafts.Draft
	Notice screen.Notice // what there is to say of it
}

// Marks is what somebody has said of variables: whether they are secret.
func (s *Screen) Marks() map[string]bool { return s.draft.marks }

// Changes counts what may have changed the draft: as long as it stands, so does the
// draft.
func (s *Screen) Changes() int { return s.changes }

// Draft is what would be lost with the screen: nothing, if it was run or came in as
// it is.
func (s *Screen) Draft() drafts.Draft {
	d := drafts.Draft{Typed: s.half, Marks: s.draft.marks}
	if e := s.editing; e != nil && s.path.Value() != e.row.edit.start {
		d.Typed = &drafts.Typed{
			Section: []byte(s.at.String()), Field: []byte(e.row.id()), Text: []byte(s.path.Value()), Before: clone(e.base),
		}
	}
	if d.Typed != nil || s.Unsaved() {
		d.Pod = s.Pod()
	}
	return d
}

// Unsaved reports whether the draft holds something that was never run.
func (s *Screen) Unsaved() bool { return !drafts.Blank(s.draft.pod) && !same(s.draft.pod, s.started) }

// Ran says that a pod was run as it was: if it is left, nothing is lost.
func (s *Screen) Ran(pod spec.Pod) {
	if same(pod, s.outward()) {
		pod = s.draft.pod // whose secrets are not in a file
	}
	s.started = clone(pod)
	s.changes++
}

// TakeUp goes on with a draft, as one change that can be undone. A field that was
// being typed into is open again, with what stood in it.
func (s *Screen) TakeUp(d drafts.Draft) tea.Cmd { return s.put(d) }

// Replace puts another draft into the form, as one change that can be undone. What
// was there and never ran is told.
func (s *Screen) Replace(d drafts.Draft) screen.Out {
	if s.editing != nil {
		s.commit()
	}
	before, unsaved := drafts.Draft{Pod: s.Pod(), Marks: s.draft.marks}, s.Unsaved()
	out := screen.Do(tea.Batch(s.put(d), s.follow()))
	if unsaved && !same(before.Pod, s.draft.pod) {
		out.Wish = Replaced{Draft: before}
	}
	return out
}

func (s *Screen) put(d drafts.Draft) tea.Cmd {
	s.half, s.waiting = d.Typed, false
	if d.Pod.ManifestFile != "" { // its apps stay as they are now
		s.came = append(s.came, clone(d.Pod))
	}
	if d.Typed != nil {
		s.draft.replace(clone(d.Typed.Before))
	}
	after := moment{clone(d.Pod), s.draft.marks}
	if d.Marks != nil {
		after.marks = d.Marks
	}
	s.draft.put(after)
	if d.Typed == nil {
		s.open(section{}.within(&s.draft.pod), false)
		return nil
	}
	s.open(sectionNamed(string(d.Typed.Section)).within(&s.draft.pod), false)
	return s.resume()
}

// RunNow runs the pod, if nothing is in its way, as the key does.
func (s *Screen) RunNow() screen.Out { return s.run() }

// unread reports whether an image of the pod is still to be looked at, or for.
func (s *Screen) unread() bool {
	return !s.storeTold || slices.ContainsFunc(s.draft.pod.Apps, func(a spec.App) bool {
		k := s.images[a.Image]
		return a.Image != "" && (k == nil || k.reading)
	})
}

// reopen opens the field that was being typed into, if it is there.
func (s *Screen) reopen() tea.Cmd {
	t := s.half
	if t == nil || s.editing != nil || s.at != sectionNamed(string(t.Section)).within(&s.draft.pod) {
		return nil
	}
	typed, at := s.draft.pod, s.at
	s.draft.pod = t.Before          // whose rows know how to change it
	s.shown[string(t.Field)] = true // and none of which is folded away
	s.refresh()
	i := slices.IndexFunc(s.rows, func(r row) bool { return r.edit != nil && r.id() == string(t.Field) })
	if i < 0 || s.at != at {
		s.draft.pod, s.at = typed, at
		s.refresh()
		return nil
	}
	if last := len(s.draft.past) - 1; last >= 0 && same(s.draft.past[last].pod, t.Before) {
		s.draft.past = s.draft.past[:last]
	}
	s.half, s.right, s.cursor = nil, true, i
	look := s.startEdit()
	s.path.Set(string(t.Text))
	return tea.Batch(look, s.typed().Cmd)
}

// resume does so once the images were read: rows stand still as long as somebody
// types, and some there are only then.
func (s *Screen) resume() tea.Cmd {
	if s.unread() {
		return nil
	}
	return s.reopen()
}

// resuming takes a message while a field waits to be opened again.
func (s *Screen) resuming(msg tea.Msg) screen.Out {
	var opened tea.Cmd
	if _, key := msg.(tea.KeyPressMsg); key { // it is meant for the field
		opened = s.reopen()
	}
	half := s.half
	s.half = nil
	out := s.Update(msg)
	out.Cmd = tea.Batch(opened, out.Cmd)
	if _, key := msg.(tea.KeyPressMsg); key || s.half != nil {
		return out
	}
	s.half = half
	out.Cmd = tea.Batch(out.Cmd, s.resume())
	return out
}

// id is what a row is known by when the form is made anew.
func (r *row) id() string { return cmp.Or(r.key, r.path) }

// String is a section's name on disk.
func (c section) String() string {
	if c.kind == appSection {
		return "app " + strconv.Itoa(c.app)
	}
	return [...]string{addSection: "add", podSection: "pod", volumesSection: "volumes", networkSection: "network"}[c.kind]
}

func sectionNamed(name string) section {
	for kind := addSection; kind <= networkSection; kind++ {
		if c := (section{kind: kind}); c.String() == name {
			return c
		}
	}
	number, _ := strings.CutPrefix(name, "app ")
	if i, err := strconv.Atoi(number); err == nil && i >= 0 {
		return section{app: i}
	}
	return section{}
}
