package logview

import "github.com/podtui/podtui/engine/poddir"

// Since are the lines of the shown app, or of all, that came since a number that an
// earlier call returned, at most so many of the last; and how many of them are left out.
// 0 is before the first.
func (v *View) Since(number, most int) (lines []poddir.LogLine, left, next int) {
	from, n := v.ring.index(v.app, number), v.ring.count(v.app)
	if n-from > most {
		left = n - most - from
		from = n - most
	}
	for i := from; i < n; i++ {
		lines = append(lines, v.ring.line(v.ring.at(v.app, i)).LogLine)
	}
	return lines, left, v.ring.next
}

// Line is the i-th of the lines that are shown, counted from 0.
func (v *View) Line(i int) (line poddir.LogLine, ok bool) {
	if i < 0 || i >= v.ring.count(v.app) {
		return line, false
	}
	return v.ring.line(v.ring.at(v.app, i)).LogLine, true
}

// Match is the line that a search is at, and its number.
func (v *View) Match() (line poddir.LogLine, number int, ok bool) {
	if v.catchUp(); len(v.search.numbers) == 0 {
		return line, 0, false
	}
	return v.ring.line(v.search.at).LogLine, v.search.at, true
}
