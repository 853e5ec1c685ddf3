package images

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/match"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// Loaded is what the store has.
type Loaded struct {
	Images []engine.Entry
	Err    error

	load  int
	sort  sorting // as it was when the store was asked
	looks []look
}

// Show returns the work of listing the store again where others may have changed
// it; the first listing is under way in any case.
func (s *Screen) Show() tea.Cmd {
	if !s.loaded {
		return nil
	}
	return s.Load()
}

// Load returns the work that lists the store. Of several that are under way
// only the last counts.
func (s *Screen) Load() tea.Cmd {
	s.load++
	load, sort := s.load, s.sort
	return func() tea.Msg {
		all, err := s.engine.Images()
		sort.apply(all)
		return Loaded{Images: all, Err: err, load: load, sort: sort, looks: looksOf(all, nil)}
	}
}

// look is what a list needs of an image for each key, worked out once: what the
// filter looks at when the list comes, the rest when the row is drawn.
type look struct {
	folded string
	size   string
	age    string
	aged   time.Time // when age was right
	signer string
	key    string // the end of the signer's fingerprint
}

// ageAt is how old an image is, worked out at most once a second: a list that
// is scrolled draws the same rows many times.
func (l *look) ageAt(now, imported time.Time) string {
	if now.Sub(l.aged) >= time.Second {
		l.age, l.aged = text.Ago(now.Sub(imported)), now
	}
	return l.age
}

// signerOf is who vouches for an image: the name that its key has, without an
// address if there is more, and the end of the fingerprint.
func (l *look) signerOf(img *engine.Entry) (name, key string) {
	if l.signer == "" {
		name := img.VerifiedBy
		if short, _, ok := strings.Cut(name, " <"); ok && short != "" {
			name = short
		}
		l.signer = stages.Signer(name, "", columns[verifiedColumn].Most)
		if img.VerifiedKey != "" {
			l.key = " " + keycard.Short(img.VerifiedKey)
		}
	}
	return l.signer, l.key
}

func (l *look) sizeOf(n int64) string {
	if l.size == "" {
		l.size = text.Bytes(n)
	}
	return l.size
}

// looksOf prepares the filter. All labels stand in one text: the first screen
// waits for this, and making ten thousand would take most of it.
func looksOf(all []engine.Entry, more map[string]string) []look {
	var labels strings.Builder
	ends := make([]int, len(all))
	for i := range all {
		labels.WriteString(all[i].Name)
		if v := all[i].Version(); v != "" {
			labels.WriteByte(' ')
			labels.WriteString(v)
		}
		labels.WriteString(more[all[i].ID])
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
func (s *Screen) take(l Loaded) tea.Cmd {
	if l.load != s.load {
		return nil
	}
	s.loaded, s.err = true, l.Err
	if l.Err != nil {
		return nil
	}
	s.under.old = s.under.image.Manifest != nil && s.under.image.Verified == nil
	key := s.rowKey()
	if l.sort != s.sort {
		s.sort.apply(l.Images)
		l.looks = looksOf(l.Images, nil)
	}
	s.replaceList(l.Images, l.looks)
	s.stay(key)
	s.dropMarks()
	return indexing(s.load, l.Images)
}

// indexed are the labels of images, by ID, as the search looks at them.
type indexed struct {
	load   int
	labels map[string]string
}

// indexing returns the work of reading labels for the search. The list is shown
// before: it would be late for what is searched for only later.
func indexing(load int, all []engine.Entry) tea.Cmd {
	all = slices.Clone(all) // the screen sorts its own
	return func() tea.Msg {
		m := indexed{load, make(map[string]string, len(all))}
		for i := range all {
			var b strings.Builder
			for name, value := range all[i].Labels() {
				if name != "version" {
					b.WriteString(match.Aside + match.Fold(name) + "=" + match.Fold(value))
				}
			}
			m.labels[all[i].ID] = b.String()
		}
		return m
	}
}

// takeIndex adds labels to what the search looks at.
func (s *Screen) takeIndex(m indexed) {
	if m.load != s.load {
		return
	}
	s.labels = m.labels
	key := s.rowKey()
	s.replaceList(s.all, s.looksOf())
	s.stay(key)
}

func (s *Screen) looksOf() []look { return looksOf(s.all, s.labels) }

// selectID puts the cursor on an image, if it is in the list.
func (s *Screen) selectID(id string) bool {
	for row, i := range s.rows {
		if s.all[i].ID == id {
			s.table.Select(row)
			return true
		}
	}
	return false
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

// filterKey edits the search; the list follows each key, and movement keys
// still move in it.
func (s *Screen) filterKey(k tea.KeyPressMsg) screen.Out {
	switch a := s.env.Keys.Action(k, keymap.Search, keymap.Edit, keymap.Everywhere); a {
	case keymap.EditCancel, keymap.Cancel:
		s.filtering = false
		work, any := s.comeOut()
		if !any {
			work = s.search("")
		}
		return screen.Do(work)
	case keymap.EditAccept:
		s.filtering = false
	case keymap.SearchComplete:
		return s.complete()
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
			return screen.Do(s.search(s.filter.Value()))
		}
	}
	return screen.Out{}
}

// complete makes of what is typed what the cursor is on, and looks into it if it
// can: so a repository is typed like a folder. Where there is nothing to complete
// the list gets the keys.
func (s *Screen) complete() screen.Out {
	o, _ := s.offered()
	typed := s.filter.Value()
	switch {
	case o.guess:
		return s.notYet()
	case o.inside != "":
		return screen.Do(s.lookInto(o.inside))
	case o.reference != "" && o.reference != typed:
		return screen.Do(s.search(o.reference))
	}
	s.filtering = false
	return screen.Out{}
}

// search looks for what is typed, here and elsewhere.
func (s *Screen) search(typed string) tea.Cmd {
	if typed != s.filter.Value() {
		s.filter.Set(typed)
	}
	if typed == "" {
		s.trail = nil
		s.finder.forget()
	}
	work := s.finder.look(typed)
	s.query = match.Parse(s.finder.plan.here)
	s.refilter()
	s.table.Select(0)
	return work
}

// unguessed is the key of what the cursor goes along with: not of a guess that it
// is on because there was nothing else. What is known comes in its place.
func (s *Screen) unguessed(key string) string {
	if o, _ := s.offered(); o.guess {
		return offersKey
	}
	return key
}

// takeAnswer takes what somebody said, and keeps the cursor on its row.
func (s *Screen) takeAnswer(a answered) bool {
	key := s.rowKey()
	if !s.finder.known() {
		key = s.unguessed(key)
	}
	if !s.finder.take(a) {
		return false
	}
	s.stay(key)
	return true
}

// askAgain asks the host of a reference once more for what it had no answer to.
func (s *Screen) askAgain(reference string) tea.Cmd {
	key := s.rowKey()
	work := s.finder.again(hostOf(reference))
	if work != nil {
		s.stay(key)
	}
	return work
}

func (s *Screen) replaceList(all []engine.Entry, looks []look) {
	s.all, s.looks = all, looks
	s.ranking.Reset()
	s.refilter()
}

func (s *Screen) refilter() {
	s.rows = s.ranking.Rank(s.query, len(s.all), func(i int) string { return s.looks[i].folded })
	if s.finder.plan.here == "" && s.filter.Value() != "" {
		s.rows = nil
	}
	if digits := idDigits(s.finder.plan.here); digits != "" {
		s.rows = s.withID(digits)
	}
	s.finder.here = nil
	for _, src := range s.finder.sources {
		if src.kind == tags && src.list {
			s.finder.here = stored(s.all, src.of)
		}
	}
	s.resize()
}

// idDigits are the digits of an image's ID, if what is typed can be the beginning
// of one. Letters that happen to be digits, in their order but apart, are in each
// ID: so they are not looked for as in a name.
func idDigits(typed string) string {
	digits := strings.ToLower(strings.TrimPrefix(typed, "sha512-"))
	const least = 4
	if len(digits) < least || strings.Trim(digits, "0123456789abcdef") != "" {
		return ""
	}
	return digits
}

// withID are the images whose ID begins like that, and after them what matches
// otherwise.
func (s *Screen) withID(digits string) []int {
	var first []int
	id := "sha512-" + digits
	for i := range s.all {
		if strings.HasPrefix(s.all[i].ID, id) {
			first = append(first, i)
		}
	}
	for _, i := range s.rows {
		if !strings.HasPrefix(s.all[i].ID, id) {
			first = append(first, i)
		}
	}
	return first
}
