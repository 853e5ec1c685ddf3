package pods

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/match"
	"github.com/podtui/podtui/ui/stages"
)

// SetStarts says which pods are being started from here or could not be: of the
// first the engine knows little, of the others nothing.
func (s *Screen) SetStarts(starts []poddir.Status) {
	if len(starts) == 0 && len(s.starts) == 0 {
		return
	}
	same := slices.EqualFunc(s.starts, starts, func(p *pod, status poddir.Status) bool { return p.UUID == status.UUID })
	if !same {
		s.starts = make([]*pod, len(starts))
		for i, status := range starts {
			s.starts[i] = &pod{start: true, marked: s.known[status.UUID] != nil && s.known[status.UUID].marked}
			s.set(s.starts[i], status)
		}
		s.merge()
		return
	}
	for i, status := range starts {
		if p := s.starts[i]; p.Cause != status.Cause || p.State != status.State || len(p.Apps) != len(status.Apps) {
			s.set(p, status)
		}
	}
}

// merge puts the list together. The cursor stays on its pod; one that is in
// neither list at the moment, having just begun to run, gets it back.
func (s *Screen) merge() {
	want := s.want
	if under := s.current(); under != nil && want == "" {
		want = under.UUID
	}
	s.all = append(s.all[:0], s.starts...)
	for uuid, p := range s.known {
		if !slices.ContainsFunc(s.starts, func(start *pod) bool { return start.UUID == uuid }) {
			s.all = append(s.all, p)
		}
	}
	s.widths = widthsOf(s.all)
	s.count()
	s.arrange(want)
}

// arrange sorts and filters the list, with the cursor on a pod if it is there.
func (s *Screen) arrange(want string) {
	s.sort.apply(s.all)
	s.folded = s.folded[:0]
	for _, p := range s.all {
		s.folded = append(s.folded, p.words.folded)
	}
	s.ranking.Reset()
	s.refilter()
	s.want = ""
	if want != "" && !s.point(want) && s.find(want) == nil {
		s.want = want
	}
}

func (s *Screen) refilter() {
	s.rows = s.rows[:0]
	if s.query.Empty() {
		s.rows = append(s.rows, s.all...)
	} else {
		for _, i := range s.ranking.Rank(s.query, len(s.all), func(i int) string { return s.folded[i] }) {
			s.rows = append(s.rows, s.all[i])
		}
	}
	s.table.SetLen(len(s.rows))
}

// search looks for what is typed.
func (s *Screen) search(typed string) {
	under := s.current()
	if typed != s.filter.Value() {
		s.filter.Set(typed)
	}
	s.query = match.Parse(typed)
	s.refilter()
	s.table.Select(0)
	if typed == "" && under != nil {
		s.point(under.UUID)
	}
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

func oneLine(pasted string) string { return strings.Join(strings.Fields(pasted), " ") }

// Select puts the cursor on a pod, as soon as it is listed.
func (s *Screen) Select(uuid string) {
	if !s.point(uuid) {
		s.want = uuid
	}
}

func (s *Screen) point(uuid string) bool {
	i := slices.IndexFunc(s.rows, func(p *pod) bool { return p.UUID == uuid })
	if i >= 0 {
		s.table.Select(i)
	}
	return i >= 0
}

// current is the pod under the cursor, nil if there is none.
func (s *Screen) current() *pod {
	if i := s.table.Cursor(); i >= 0 && i < len(s.rows) {
		return s.rows[i]
	}
	return nil
}

func (s *Screen) find(uuid string) *pod {
	if i := slices.IndexFunc(s.starts, func(p *pod) bool { return p.UUID == uuid }); i >= 0 {
		return s.starts[i]
	}
	return s.known[uuid]
}

// chosen is what an action is for: the pods that are selected, or else the one
// under the cursor.
func (s *Screen) chosen() []*pod {
	var all []*pod
	for _, p := range s.all {
		if p.marked {
			all = append(all, p)
		}
	}
	if under := s.current(); len(all) == 0 && under != nil {
		all = append(all, under)
	}
	return all
}

// count counts what each drawing tells.
func (s *Screen) count() {
	s.running, s.marks = 0, 0
	for _, p := range s.all {
		if p.State == poddir.Running {
			s.running++
		}
		if p.marked {
			s.marks++
		}
	}
}

// mark selects the pod under the cursor, or no longer, and goes on to the next.
func (s *Screen) mark() {
	if p := s.current(); p != nil {
		p.marked = !p.marked
		s.count()
		s.table.Move(keymap.Down)
	}
}

// markAll selects all that are shown, or none if they are.
func (s *Screen) markAll() {
	every := !slices.ContainsFunc(s.rows, func(p *pod) bool { return !p.marked })
	for _, p := range s.rows {
		p.marked = !every
	}
	s.count()
}

func (s *Screen) unmark() {
	for _, p := range s.all {
		p.marked = false
	}
	s.count()
}

// order is what the list is sorted by.
type order int

const (
	byNewest order = iota
	byName
	byState
	byApps
	byImage
	byAge
	byCPU
	byMemory
	byCause
	orders
)

func (o order) String() string {
	return [...]string{"newest", "name", "state", "apps", "image", "age", "cpu", "mem", "cause"}[o]
}

func (s *Screen) nextOrder() {
	s.sort = (s.sort + 1) % orders
	want := ""
	if under := s.current(); under != nil {
		want = under.UUID
	}
	s.arrange(want)
}

// apply sorts: what most people look for comes first, and what has nothing in the
// column last. Pods that are alike stand as ever, the newest first.
func (o order) apply(all []*pod) {
	slices.SortFunc(all, func(a, b *pod) int {
		c := 0
		switch o {
		case byName:
			c = strings.Compare(a.words.name, b.words.name)
		case byState:
			c = cmp.Or(cmp.Compare(rank(a.Status), rank(b.Status)), strings.Compare(a.words.state, b.words.state))
		case byApps:
			c = strings.Compare(a.words.apps, b.words.apps)
		case byImage:
			c = strings.Compare(a.words.image, b.words.image)
		case byAge:
			c = stages.PodSince(b.Status).Compare(stages.PodSince(a.Status))
		case byCPU:
			c = cmp.Compare(b.load.CPU(), a.load.CPU())
		case byMemory:
			c = cmp.Compare(b.load.Memory(), a.load.Memory())
		case byCause:
			c = cmp.Or(cmp.Compare(empty(a.words.cause), empty(b.words.cause)), strings.Compare(a.words.cause, b.words.cause))
		}
		if c == 0 {
			c = b.Created.Compare(a.Created)
		}
		if c == 0 {
			c = strings.Compare(a.UUID, b.UUID)
		}
		return c
	})
}

func empty(s string) int {
	if s == "" {
		return 1
	}
	return 0
}

// rank is the place of a state: what runs or is about to, what failed, the rest.
func rank(p poddir.Status) int {
	switch {
	case p.State == poddir.Preparing:
		return 0
	case p.State == poddir.Running:
		return 1
	case p.State == poddir.Prepared:
		return 2
	case p.State == poddir.Failed, p.Exit != nil && *p.Exit != 0:
		return 3
	}
	return 4
}
