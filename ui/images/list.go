package images

import (
	"cmp"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/match"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// Loaded is what the store has.
type Loaded struct {
	Images []engine.Entry
	Err    error

	load  int
	looks []look
}

// Load returns the work that lists the store. Of several that are under way
// only the last counts.
func (s *Screen) Load() tea.Cmd {
	s.load++
	load, order := s.load, s.sort
	return func() tea.Msg {
		all, err := s.engine.Images()
		order.apply(all)
		return Loaded{Images: all, Err: err, load: load, looks: looksOf(all)}
	}
}

// look is what a list needs of an image for each key, worked out once: what the
// filter looks at when the list comes, the rest when the row is drawn.
type look struct {
	folded string
	size   string
	age    string
	aged   time.Time // when age was right
}

// ageAt is how old an image is, worked out at most once a second: a list that
// is scrolled draws the same rows many times.
func (l *look) ageAt(now, imported time.Time) string {
	if now.Sub(l.aged) >= time.Second {
		l.age, l.aged = text.Ago(now.Sub(imported)), now
	}
	return l.age
}

func (l *look) sizeOf(n int64) string {
	if l.size == "" {
		l.size = text.Bytes(n)
	}
	return l.size
}

// looksOf prepares the filter. All labels stand in one text: the first screen
// waits for this, and making ten thousand would take most of it.
func looksOf(all []engine.Entry) []look {
	var labels strings.Builder
	ends := make([]int, len(all))
	for i := range all {
		labels.WriteString(all[i].Name)
		if v := all[i].Version(); v != "" {
			labels.WriteByte(' ')
			labels.WriteString(v)
		}
		ends[i] = labels.Len()
	}
	looks, folded, start := make([]look, len(all)), match.Fold(labels.String()), 0
	for i, end := range ends {
		looks[i].folded = folded[start:end]
		start = end
	}
	return looks
}

// label is what the filter looks at and the first column begins with.
func label(img engine.Entry) string {
	if v := img.Version(); v != "" {
		return img.Name + " " + v
	}
	return img.Name
}

// take replaces the list, and keeps the cursor on its image.
func (s *Screen) take(l Loaded) {
	if l.load != s.load {
		return
	}
	s.loaded, s.err = true, l.Err
	if l.Err != nil {
		return
	}
	under, had := s.current()
	s.replaceList(l.Images, l.looks)
	if had {
		s.selectID(under.ID)
	}
	s.dropMarks()
}

func (s *Screen) selectID(id string) {
	for row, i := range s.rows {
		if s.all[i].ID == id {
			s.table.Select(row)
			return
		}
	}
}

// dropMarks forgets selected images that are gone.
func (s *Screen) dropMarks() {
	if len(s.marked) == 0 {
		return
	}
	there := make(map[string]bool, len(s.marked))
	for _, img := range s.all {
		if s.marked[img.ID] {
			there[img.ID] = true
		}
	}
	s.marked = there
}

// filterKey edits the filter; the list follows each key, and movement keys
// still move in it.
func (s *Screen) filterKey(k tea.KeyPressMsg) screen.Out {
	switch a := s.env.Keys.Action(k, keymap.Edit, keymap.Everywhere); a {
	case keymap.EditCancel, keymap.Cancel:
		s.filtering = false
		s.setFilter("")
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
		if s.filter.Key(k, s.env.Keys) {
			s.setFilter(s.filter.Value())
		} else {
			s.table.Move(s.env.Keys.Action(k, keymap.List))
		}
	}
	return screen.Out{}
}

func (s *Screen) setFilter(typed string) {
	if typed != s.filter.Value() {
		s.filter.Set(typed)
	}
	s.query = match.Parse(typed)
	s.refilter()
	s.table.Select(0)
}

func (s *Screen) replaceList(all []engine.Entry, looks []look) {
	s.all, s.looks = all, looks
	s.ranking.Reset()
	s.refilter()
}

func (s *Screen) refilter() {
	s.rows = s.ranking.Rank(s.query, len(s.all), func(i int) string { return s.looks[i].folded })
	s.table.SetLen(len(s.rows))
}

// order is what the list is sorted by; a filter ranks before it.
type order int

const (
	byName order = iota
	byAge
	bySize
	orders
)

func (o order) String() string { return [...]string{"name", "age", "size"}[o] }

// apply sorts. It moves small keys about instead of images: with ten thousand
// of them the first screen waits for this.
func (o order) apply(all []engine.Entry) {
	keys := make([]sortKey, len(all))
	for i := range all {
		keys[i] = sortKey{name: all[i].Name, image: &all[i]}
	}
	slices.SortFunc(keys, func(a, b sortKey) int {
		c := 0
		switch o {
		case byAge:
			c = b.image.Imported.Compare(a.image.Imported)
		case bySize:
			c = cmp.Compare(b.image.Size, a.image.Size)
		}
		if c == 0 {
			c = strings.Compare(a.name, b.name)
		}
		if c == 0 { // looking for the version costs more, and is rarely needed
			c = cmp.Or(-compareVersions(a.image.Version(), b.image.Version()), strings.Compare(a.image.ID, b.image.ID))
		}
		return c
	})
	sorted := make([]engine.Entry, len(all))
	for i, k := range keys {
		sorted[i] = *k.image
	}
	copy(all, sorted)
}

type sortKey struct {
	name  string
	image *engine.Entry
}

func (s *Screen) nextOrder() {
	s.sort = (s.sort + 1) % orders
	under, had := s.current()
	s.sort.apply(s.all)
	s.replaceList(s.all, looksOf(s.all))
	if had {
		s.selectID(under.ID)
	}
}

// compareVersions compares digits as numbers: 2.10 is after 2.9.
func compareVersions(a, b string) int {
	for a != "" && b != "" {
		x, restA := chunk(a)
		y, restB := chunk(b)
		if c := compareChunks(x, y); c != 0 {
			return c
		}
		a, b = restA, restB
	}
	return cmp.Compare(len(a), len(b))
}

func compareChunks(x, y string) int {
	if digit(x[0]) && digit(y[0]) {
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	}
	return cmp.Compare(x, y)
}

// chunk splits off the leading digits, without leading zeros, or the leading
// other characters.
func chunk(s string) (head, rest string) {
	i := 1
	for i < len(s) && digit(s[i]) == digit(s[0]) {
		i++
	}
	head, rest = s[:i], s[i:]
	for digit(head[0]) && len(head) > 1 && head[0] == '0' {
		head = head[1:]
	}
	return head, rest
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
