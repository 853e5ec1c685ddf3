package table

import "strings"

// Say is a row in words: what stands in each column after the column's name, which for
// the first is the word for what the rows are. What is missing is left out; a cell that
// begins with the sign of a warning speaks for itself.
func (t *Table) Say(i int, what string, fill func(i int, r *Row)) string {
	r := Row{Cells: make([]Cell, len(t.Columns))}
	fill(i, &r)
	if r.Line.Text != "" {
		return signless(r.Line.Text)
	}
	var parts []string
	if r.Mark != "" {
		parts = append(parts, "selected")
	}
	for c, cell := range r.Cells {
		words, title := strings.ReplaceAll(strings.TrimSpace(cell.Text+cell.End), " ! ", ", "), t.Columns[c].Title
		if c == 0 {
			title = what
		}
		plain := signless(words)
		switch {
		case words == "" || words == "–":
			continue
		case title != "" && plain == words:
			words = title + " " + words
		default:
			words = plain
		}
		parts = append(parts, words)
	}
	return strings.Join(parts, ", ")
}

// signless is a text without the sign before it, which says in one cell what the words
// say as well.
func signless(words string) string {
	for _, sign := range []string{"! ", "✗ ", "● ", "○ ", "✓ "} {
		words = strings.TrimPrefix(words, sign)
	}
	return words
}
