package compose

import (
	"fmt"
	"slices"

	"github.com/podtui/podtui/engine/spec"
)

// list is a field of several values, each with a row of its own, and one more where
// the next is added.
type list[T any] struct {
	path, label string
	add         string // the words of the last row: "+ label"
	hint        string
	folder      bool // the values are paths of the host
	offer       offers
	show        func(T) string
	parse       func(string) T
	note        func(T) string // what is said of one; nil: that it is yours
	of          func(*spec.Pod) *[]T
}

func (l list[T]) rows(own []T) []row {
	var rows []row
	for i, v := range own {
		r := row{path: fmt.Sprintf("%s[%d]", l.path, i), key: fmt.Sprintf("%s[%d]", l.path, i), value: l.show(v), own: true, note: "yours"}
		if l.note != nil {
			r.note = l.note(v)
		}
		r.remove = func(p *spec.Pod) { l.delete(p, i) }
		r.reset = r.remove
		r.edit = l.edit(l.show(v), func(p *spec.Pod, v T) { (*l.of(p))[i] = v })
		rows = append(rows, r)
	}
	add := row{key: l.path + " new", value: l.add, stays: len(own) > 0}
	add.edit = l.edit("", func(p *spec.Pod, v T) { *l.of(p) = append(*l.of(p), v) })
	rows = append(rows, add)
	rows[0].label = l.label
	return rows
}

// delete leaves no list behind that is empty: a pod that was changed back is as it was.
func (l list[T]) delete(p *spec.Pod, i int) {
	if *l.of(p) = slices.Delete(*l.of(p), i, i+1); len(*l.of(p)) == 0 {
		*l.of(p) = nil
	}
}

func (l list[T]) edit(start string, put func(*spec.Pod, T)) *edit {
	return &edit{start: start, hint: l.hint, path: l.folder, offer: l.offer, set: func(p *spec.Pod, t string) {
		if t != "" || start != "" {
			put(p, l.parse(t))
		}
	}}
}
