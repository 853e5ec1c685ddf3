package ui

import (
	"strings"

	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// said is what stands above the footer: what is wrong, or what was just done. It is
// one row, and more where its end would be missing.
type said struct {
	sign  theme.Style // of the mark before it
	mark  string
	style theme.Style
	rows  []string
}

// said lays out what there is to say. What was just done, or could not be, goes
// before what the screen says is wrong.
func (r *root) said() said {
	t := r.env.Theme
	problem, warning := r.complaints()
	s, words := said{sign: t.Wrong, mark: "! ", style: t.Text}, problem
	switch {
	case r.notice.Text != "":
		words = r.notice.Text
		if !r.notice.Wrong {
			s.mark = ""
		}
	case problem != "":
	case warning != "":
		s.sign, s.style, words = t.Waiting, t.Dim, warning
	case r.options.Trouble != "":
		words = r.options.Trouble
	case r.options.AllowUnverified:
		s.sign, words = t.Waiting, skipping
	default:
		if s := r.whole(); s.rows[0] != "" || r.mistakes() == "" {
			return s
		}
		s.sign, s.style, words = t.Waiting, t.Dim, r.mistakes()
	}
	s.rows = r.wrapped(words, len(s.mark))
	if words == "" {
		s.mark = ""
	}
	return s
}

// whole is what a screen has no room for where it stands. It moves nothing: what is
// too long for one row is cut here as well.
func (r *root) whole() said {
	words := ""
	if v, ok := r.view().(interface{ Whole() string }); ok {
		words = v.Whole()
	}
	return said{style: r.env.Theme.Dim, rows: []string{text.Truncate(text.Escape(words), max(r.w-2, 1))}}
}

// mistakes is what is wrong in the settings: the first, and how many more there are.
func (r *root) mistakes() string {
	all := r.options.Settings.Mistakes
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return all[0] + " (and " + text.Number(len(all)-1) + ` more; "podtui settings" tells all)`
}

// skipping is what stands there as long as nobody is asked, and nothing else does.
const skipping = "verification is off: every image runs, whoever made it, and nobody is asked"

// complaints are what the screen says is wrong, and what deserves a look.
func (r *root) complaints() (problem, warning string) {
	if v, ok := r.view().(interface{ Problem() string }); ok {
		problem = v.Problem()
	}
	if v, ok := r.view().(interface{ Warning() string }); ok {
		warning = v.Warning()
	}
	return problem, warning
}

// wrapped breaks what is said into rows, at most a quarter of the screen's; on a
// small one it stays one row.
func (r *root) wrapped(words string, mark int) []string {
	const longest = 4096 // somebody else's words; each frame lays them out
	words = strings.ToValidUTF8(words[:min(len(words), longest)], "")
	most := 1
	if r.h >= 12 {
		most = r.h / 4
	}
	rows := text.Wrap(text.Escape(text.OneLine(words)), max(r.w-2-mark, 1))
	if len(rows) > most {
		rows = append(rows[:most-1], strings.Join(rows[most-1:], " "))
	}
	return rows
}

func (s said) draw(p *draw.Page) {
	for i, row := range s.rows {
		p.To(1)
		if i == 0 {
			p.Put(s.sign, s.mark)
		}
		p.To(1 + len(s.mark))
		p.Put(s.style, row)
		p.Next()
	}
}
