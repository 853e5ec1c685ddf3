package logview

// Copied are the lines that one wants who copies: the one that the search is at, or those
// in the window. What the window has cut is whole in them.
func (v *View) Copied() []string {
	if _, of := v.Matches(); of > 0 && v.search.at >= v.ring.first() {
		return []string{v.ring.line(v.search.at).Text}
	}
	var lines []string
	for i := v.ring.index(v.app, v.drawn.from); i < v.ring.index(v.app, v.drawn.to); i++ {
		lines = append(lines, v.ring.line(v.ring.at(v.app, i)).Text)
	}
	return lines
}
