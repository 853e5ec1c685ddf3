package compose

import "strings"

// fold puts those rows of a group that nobody has said anything in, and nothing is
// wrong with, into one, which shows them all. A row that was asked for once stays where it is: it does not go
// from under the cursor when it is given back.
func (s *Screen) fold(label string, all []row) (rows, folded []row) {
	var rest []row
	for _, r := range all {
		s.shown[r.key] = s.shown[r.key] || r.own || r.stays || s.problemOf(&r) != nil
		if s.shown[r.key] {
			rows = append(rows, r)
		} else {
			rest = append(rest, r)
		}
	}
	if len(rest) > 0 {
		folded = append(folded, foldedRow(label, rest))
	}
	return rows, folded
}

// foldedRow stands for several rows that hold nothing but defaults.
func foldedRow(label string, rest []row) row {
	r := row{key: "folded " + label, label: label, note: "default"}
	labels := make([]string, len(rest))
	for i, f := range rest {
		labels[i] = strings.TrimSpace(f.label)
		r.folds = append(r.folds, f.key)
	}
	r.value = strings.Join(labels, ", ")
	return r
}

// unfold shows the fields that a row stands for, with the cursor on the first.
func (s *Screen) unfold(keys []string) {
	for _, key := range keys {
		s.shown[key] = true
	}
	s.refresh()
	s.stay(keys[0])
	s.opened = len(keys)
}

// grouped begins a group with the first row that there is.
func grouped(rows []row) []row {
	if len(rows) > 0 {
		rows[0].gap = true
	}
	return rows
}
