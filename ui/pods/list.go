package pods

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/match"
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
	s.sort.apply(s.all, s.turned)
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
		under := s.current()
		s.filtering = false
		s.search(s.before)
		if under != nil {
			s.point(under.UUID)
		}
	case keymap.EditAccept, keymap.EditNext:
		s.filtering = false
	case keymap.EditUp:
		s.table.Move(keymap.Up)
	case keymap.EditDown:
		s.table.Move(keymap.Down)
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

func (s *Screen) find(uuid string) *pod {
	if i := slices.IndexFunc(s.starts, func(p *pod) bool { return p.UUID == uuid }); i >= 0 {
		return s.starts[i]
	}
	return s.known[uuid]
}
