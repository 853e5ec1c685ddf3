package main

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// report is all tables with the machine they were measured on, in Markdown.
func report(machine string, measures []*measure) string {
	var b strings.Builder
	b.WriteString(machine)
	for _, m := range measures {
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n", m.title, m.explanation)
		b.WriteString(table(m.rows()))
	}
	return b.String()
}

// rows are the table of a measure, its head first.
func (m *measure) rows() [][]string {
	head := []string{"", "median", "middle half", "podtui takes", "must", "aim"}
	if m.cpu {
		head = append(head, "CPU")
	}
	rows := [][]string{head}
	for _, c := range m.contestants {
		row := c.row(median(m.contestants[0].wall))
		if m.cpu && c.absent == "" {
			row = append(row, milliseconds(median(c.cpu)))
		}
		for len(row) < len(head) {
			row = append(row, "")
		}
		rows = append(rows, row)
	}
	return rows
}

func (c *contestant) row(podtui time.Duration) []string {
	if c.absent != "" {
		return []string{c.name, c.absent}
	}
	own := median(c.wall)
	row := []string{
		c.name, milliseconds(own),
		milliseconds(quantile(c.wall, 0.25)) + " – " + milliseconds(quantile(c.wall, 0.75)),
	}
	if !c.peer {
		value := own.Seconds() * 1000
		return append(row, "", verdict(value, c.mark.must, "ms"), verdict(value, c.mark.aim, "ms"))
	}
	ratio := podtui.Seconds() / own.Seconds()
	return append(row, fmt.Sprintf("%.2f ×", ratio), verdict(ratio, c.mark.must, "×"), verdict(ratio, c.mark.aim, "×"))
}

// verdict tells whether a value is within its mark.
func verdict(value, mark float64, unit string) string {
	switch {
	case mark == 0:
		return ""
	case value <= mark:
		return fmt.Sprintf("≤ %g %s met", mark, unit)
	default:
		return fmt.Sprintf("≤ %g %s **missed**", mark, unit)
	}
}

// milliseconds gives three digits, which is more than such a number is worth.
func milliseconds(d time.Duration) string {
	switch ms := d.Seconds() * 1000; {
	case ms < 10:
		return fmt.Sprintf("%.2f ms", ms)
	case ms < 100:
		return fmt.Sprintf("%.1f ms", ms)
	default:
		return fmt.Sprintf("%.0f ms", ms)
	}
}

// table draws rows, the first of them the head, so that they can be read before
// they are rendered too. Numbers stand at the right.
func table(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for n, row := range rows {
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				b.WriteString("| " + cell + pad)
			} else {
				b.WriteString(" | " + pad + cell)
			}
		}
		b.WriteString(" |\n")
		if n == 0 {
			for i, width := range widths {
				if i == 0 {
					b.WriteString("| " + strings.Repeat("-", width))
				} else {
					b.WriteString(" | " + strings.Repeat("-", width-1) + ":")
				}
			}
			b.WriteString(" |\n")
		}
	}
	return b.String()
}

// oneLine makes of an error what fits into a table.
func oneLine(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", "¦")
}

// thousands writes a number with a comma where people look for one.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
