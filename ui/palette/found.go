package palette

import (
	"slices"

	"github.com/podtui/podtui/ui/match"
)

// found is what there is, as one list, and what of it matches.
type found struct {
	groups []Group
	starts []int // of the groups; the last is how many there are
	recent []int // entries that were taken before, the last first

	query   match.Query
	ranking match.Ranking
	rows    []int // entries, the best first
	space   []int
}

// set replaces what there is.
func (f *found) set(groups []Group, recent []string) {
	f.groups, f.starts, f.recent = groups, []int{0}, nil
	total := 0
	for _, g := range groups {
		total += g.Len
		f.starts = append(f.starts, total)
	}
	for _, id := range recent {
		for n, g := range groups {
			if i := g.Find(id); i >= 0 {
				f.recent = append(f.recent, f.starts[n]+i)
				break
			}
		}
	}
	f.ranking.Reset()
}

func (f *found) total() int { return f.starts[len(f.groups)] }

// at finds the group of an entry, and which of its own it is.
func (f *found) at(entry int) (*Group, int) {
	n := 0
	for entry >= f.starts[n+1] {
		n++
	}
	return &f.groups[n], entry - f.starts[n]
}

func (f *found) folded(entry int) string {
	g, i := f.at(entry)
	return g.Folded(i)
}

// entry is what a row says.
func (f *found) entry(row int) Entry {
	g, i := f.at(f.rows[row])
	return g.Entry(i)
}

// look finds what matches what is typed. Of what matches about as well as something
// that was taken before, that comes first; where nothing is typed it does in any case.
func (f *found) look(typed string) {
	f.query = match.Parse(typed)
	f.rows = f.ranking.Rank(f.query, f.total(), f.folded)
	for i := len(f.recent) - 1; i >= 0; i-- {
		f.prefer(f.recent[i])
	}
}

// near is how much better something else may match than what was taken before.
const near = 20

// prefer moves an entry before those that match not much better.
func (f *found) prefer(entry int) {
	score := f.ranking.Score(entry)
	if score == 0 {
		return
	}
	at := slices.Index(f.rows, entry)
	first := at
	for first > 0 && f.ranking.Score(f.rows[first-1]) <= score+near {
		first--
	}
	copy(f.rows[first+1:at+1], f.rows[first:at])
	f.rows[first] = entry
}

// marks are the bytes of a row's name that matched.
func (f *found) marks(row int, name string) []int {
	f.space = f.query.Positions(f.folded(f.rows[row]), f.space[:0])
	marks := f.space[:0]
	for _, at := range f.space {
		if at < len(name) {
			marks = append(marks, at)
		}
	}
	return marks
}
