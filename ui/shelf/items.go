package shelf

import (
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/match"
)

// kind is what an item is; they stand in this order.
type kind int

const (
	savedPod kind = iota
	leftDraft
	ranPod
	kinds
)

// headings stand over the kinds.
var headings = [kinds]string{
	savedPod:  "saved under a name",
	leftDraft: "drafts that wait, or that another podtui is at",
	ranPod:    "what was run",
}

// item is one thing on the shelf.
type item struct {
	kind  kind
	name  string // of a saved pod, or of a pod that was run
	draft drafts.Draft
	at    time.Time
	other drafts.Other // of a draft
	run   drafts.Run   // of what was run
	err   error        // why it can't be read

	apps, images string
	folded       string // what a search looks at
}

// row is one of the list: a heading, or an item.
type row struct {
	heading string
	item    int
}

// take lays out what was read, and keeps the cursor on its item.
func (s *Screen) take(m loaded) {
	under := ""
	if it := s.current(); it != nil {
		under = it.id()
	}
	s.all, s.err, s.loaded = nil, m.err, true
	for _, v := range m.saved {
		s.add(item{kind: savedPod, name: v.Name, draft: drafts.Draft{Pod: v.Pod, Marks: v.Marks}, at: v.At, err: v.Err})
	}
	for _, v := range m.left {
		s.add(item{kind: leftDraft, draft: v.Draft, at: v.At, other: v, err: v.Err})
	}
	for _, v := range m.past {
		it := item{kind: ranPod, at: v.At, run: v}
		if v.Pod != nil {
			it.draft.Pod, it.name = *v.Pod, v.Pod.Name
		}
		s.add(it)
	}
	s.refilter()
	for i, r := range s.rows {
		if r.heading == "" && s.all[r.item].id() == under {
			s.table.Select(i)
		}
	}
}

func (s *Screen) add(it item) {
	var apps, images []string
	for _, a := range it.draft.Pod.Apps {
		apps = append(apps, appName(a))
		images = append(images, a.Image)
	}
	it.apps, it.images = strings.Join(apps, ", "), strings.Join(images, ", ")
	it.folded = match.Fold(strings.Join([]string{it.run.UUID[:min(len(it.run.UUID), 8)], it.name, it.apps, it.images, it.run.Who}, " "))
	s.all = append(s.all, it)
}

// appName is what an app is called, as far as that is known without its image.
func appName(a spec.App) string {
	if a.Name != "" {
		return a.Name
	}
	name := strings.TrimRight(a.Image, "/")
	name = name[strings.LastIndexByte(name, '/')+1:]
	name, _, _ = strings.Cut(name, "@")
	name, _, _ = strings.Cut(name, ":")
	name, _, _ = strings.Cut(name, ",")
	return spec.DefaultName(strings.TrimSuffix(name, ".aci"))
}

// id tells items apart.
func (it *item) id() string {
	return strconv.Itoa(int(it.kind)) + it.other.ID + it.run.UUID + map[bool]string{true: it.name}[it.kind == savedPod]
}

// title is what stands in the list.
func (it *item) title() string {
	switch {
	case it.name != "":
		return it.name
	case it.apps != "":
		return it.apps
	case it.kind == ranPod:
		return it.run.UUID[:8]
	}
	return "no app yet"
}

// label is what a message calls it.
func (it *item) label() string {
	switch it.kind {
	case savedPod:
		return "the pod " + it.name
	case ranPod:
		return "the pod " + it.title() + " that was run"
	}
	return "the draft " + it.title()
}

// empty says why there is nothing to open, or "".
func (it *item) empty() string {
	switch {
	case it.err != nil:
		return it.label() + " can't be read: " + it.err.Error()
	case it.kind == ranPod && it.run.Pod == nil:
		return it.label() + " was too large to be remembered; its page may have it"
	}
	return ""
}

// whole is the item's draft without what was half typed.
func (it *item) whole() drafts.Draft { return drafts.Draft{Pod: it.draft.Pod, Marks: it.draft.Marks} }

// copyName is a name for a copy, which no other has.
func (it *item) copyName(taken func(string) bool) string {
	base := it.name
	if base == "" {
		base = Name(it.draft.Pod)
	}
	if it.kind != savedPod && !taken(base) {
		return base
	}
	for n := 2; ; n++ {
		if name := base + "-" + strconv.Itoa(n); !taken(name) {
			return name
		}
	}
}

// current is the item under the cursor, nil if there is none.
func (s *Screen) current() *item {
	i := s.table.Cursor()
	if i < 0 || i >= len(s.rows) {
		return nil
	}
	return &s.all[s.rows[i].item]
}

// refilter lays the list out anew: what matches, below its headings.
func (s *Screen) refilter() {
	s.rows = s.rows[:0]
	var members [kinds][]row
	for i, it := range s.all {
		if s.query.Empty() || s.query.Score(it.folded) > 0 {
			members[it.kind] = append(members[it.kind], row{item: i})
		}
	}
	for k, rows := range members {
		if len(rows) > 0 {
			s.rows = append(append(s.rows, row{heading: headings[k]}), rows...)
		}
	}
	s.table.SetLen(len(s.rows))
}

// search looks for what is typed.
func (s *Screen) search(typed string) {
	if typed != s.filter.Value() {
		s.filter.Set(typed)
	}
	s.query = match.Parse(typed)
	s.refilter()
	s.table.Select(s.best())
}

// best is the row that matches best: kinds keep their order, so it need not be the
// first.
func (s *Screen) best() int {
	best, most := 0, 0
	for i, r := range s.rows {
		if r.heading != "" {
			continue
		}
		if score := s.query.Score(s.all[r.item].folded); score > most {
			best, most = i, score
		}
	}
	return best
}

// filterKey edits the search; the list follows each key.
func (s *Screen) filterKey(k tea.KeyPressMsg) {
	switch s.env.Keys.Action(k, keymap.Edit, keymap.Everywhere) {
	case keymap.EditCancel, keymap.Cancel:
		s.filtering = false
		s.search("")
	case keymap.EditAccept, keymap.EditNext:
		s.filtering = false
	case keymap.EditUp:
		s.table.Move(keymap.Up)
	case keymap.EditDown:
		s.table.Move(keymap.Down)
	case keymap.EditBackspace:
		s.filtering = s.filter.Value() != ""
		fallthrough
	default:
		before := s.filter.Value()
		switch {
		case !s.filter.Key(k, s.env.Keys):
			s.table.Move(s.env.Keys.Action(k, keymap.List))
		case s.filter.Value() != before: // and not the caret alone
			s.search(s.filter.Value())
		}
	}
}

func oneLine(content string) string { return strings.Join(strings.Fields(content), " ") }
