package logview

import (
	"slices"
	"strings"

	"github.com/podtui/podtui/ui/match"
)

// search is what is searched for, and the lines of what is shown that have it.
type search struct {
	needle  string // "": nothing is searched for
	fold    bool   // capitals don't count: none was typed
	numbers []int  // of the lines that match, oldest first
	at      int    // of the line that one is at
}

// Search marks what is typed in all lines, those to come too, and goes to the
// newest line that has it: from where one reads, if one has scrolled up, and from
// the line that one is at, if more of it is typed. A capital in it makes capitals
// count.
func (v *View) Search(typed string) {
	more := v.search.needle != "" && len(v.search.numbers) > 0
	v.search.needle, v.search.fold = typed, match.Fold(typed) == typed
	v.searchAnew()
	n := len(v.search.numbers)
	if n == 0 {
		return
	}
	from := v.ring.next
	switch {
	case more:
		from = v.search.at
	case v.away:
		from = v.top
	}
	i, _ := slices.BinarySearch(v.search.numbers, from)
	v.search.at = v.search.numbers[min(i, n-1)]
	v.reveal(v.search.at)
}

// Searched is what is searched for, "" if nothing is.
func (v *View) Searched() string { return v.search.needle }

// Matches is how many lines match, and which of them one is at, counted from 1.
func (v *View) Matches() (at, of int) {
	v.catchUp()
	i, _ := slices.BinarySearch(v.search.numbers, v.search.at)
	return min(i+1, len(v.search.numbers)), len(v.search.numbers)
}

// NextMatch goes to the next line that matches, or with -1 to the one before it, and
// round at the ends.
func (v *View) NextMatch(by int) {
	v.catchUp()
	n := len(v.search.numbers)
	if n == 0 {
		return
	}
	i, _ := slices.BinarySearch(v.search.numbers, v.search.at)
	v.search.at = v.search.numbers[(i+by+n)%n]
	v.reveal(v.search.at)
}

// reveal brings a line into the middle, if it is not in the window.
func (v *View) reveal(number int) {
	n, i := v.ring.count(v.app), v.ring.index(v.app, number)
	first := max(n-v.rows, 0)
	if v.away {
		first = v.ring.index(v.app, v.top)
	}
	if i >= first && i < first+v.rows && !v.Wrap {
		v.hold(first)
		return
	}
	v.hold(max(i-v.rows/2, 0))
}

// hold stops following, with a line at the top.
func (v *View) hold(i int) {
	v.away, v.top = true, v.ring.at(v.app, i)
}

// searchAnew finds the lines among those that are shown.
func (v *View) searchAnew() {
	v.search.numbers, v.seen = nil, v.ring.next
	if v.search.needle == "" {
		return
	}
	for i := range v.ring.count(v.app) {
		v.searchLine(v.ring.at(v.app, i))
	}
}

// catchUp searches the lines that have come since the last time: they may have come by
// another window.
func (v *View) catchUp() {
	if from := v.seen; from < v.ring.next {
		v.seen = v.ring.next
		v.searchNew(from)
	}
}

// searchNew looks at the lines that have come, from this number on, and forgets
// those that are no longer kept.
func (v *View) searchNew(from int) {
	if v.search.needle == "" {
		return
	}
	gone, _ := slices.BinarySearch(v.search.numbers, v.ring.first())
	v.search.numbers = v.search.numbers[gone:]
	for number := max(from, v.ring.first()); number < v.ring.next; number++ {
		if v.app == all || v.ring.line(number).app == v.app {
			v.searchLine(number)
		}
	}
}

func (v *View) searchLine(number int) {
	if from, _ := v.search.find(v.ring.line(number).Text); from >= 0 {
		v.search.numbers = append(v.search.numbers, number)
	}
}

// find returns where in a text the needle stands first, -1 if nowhere.
func (s *search) find(in string) (from, to int) {
	if s.needle == "" {
		return -1, -1
	}
	if s.fold {
		in = match.Fold(in) // bytes stay where they are
	}
	i := strings.Index(in, s.needle)
	return i, i + len(s.needle)
}

// is reports whether a line is the one that the search is at.
func (s *search) is(number int) bool {
	return s.needle != "" && len(s.numbers) > 0 && s.at == number
}
