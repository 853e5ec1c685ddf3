package logview

import "slices"

// Mark marks what is typed as Search does, and stays where it is.
func (v *View) Mark(typed string) {
	away, top := v.away, v.top
	v.Search(typed)
	v.away, v.top = away, top
}

// Beside is one more window on the same lines, of one app: with a place of its own, and
// searched for the same.
func (v *View) Beside(app string) *View {
	other := &View{ring: v.ring, app: max(slices.Index(v.ring.apps, app), 0), Wrap: v.Wrap, Times: v.Times}
	other.Mark(v.search.needle)
	return other
}
