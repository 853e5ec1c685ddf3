package compose

import (
	"slices"
	"strconv"
	"strings"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// Draw draws the screen into a rectangle: the apps, the fields, and in the last
// row the command line.
func (s *Screen) Draw(w, h int) string {
	if s.width != w {
		s.width = w
		if s.editing == nil {
			s.rows = s.build(s.at) // what stands below fields is wrapped
		}
	}
	if s.written != nil {
		return s.drawWritten(w, h)
	}
	p := draw.New(w, h)
	body := max(h-2, 1)
	left := max(listWidth(w)-gutter, 0)
	p.Block(draw.Beside(s.drawList(left, body), s.drawFields(w-left, body)))
	if h >= 3 {
		p.Next()
		p.To(1)
		p.Put(s.env.Theme.Dim, s.shownLine())
	}
	return p.String()
}

// gutter is what stands left of the fields: the mark of those that say something
// else than their image.
const gutter = 2

// differenceMark stands there, and before the number of them in the list.
const differenceMark = "*"

// listWidth is what the list of apps takes of a width, the gutter included.
func listWidth(w int) int {
	switch {
	case w >= 110:
		return 28
	case w >= 80:
		return 24
	case w >= 60:
		return 18
	}
	return max(w/3, 0)
}

func (s *Screen) drawList(w, h int) string {
	p, t := draw.New(w, h), s.env.Theme
	p.To(3)
	p.Line(t.Dim, "apps")
	all := sections(&s.draft.pod)
	first := 0 // scrolled, if there are more apps than rows
	for i, c := range all {
		if c == s.at {
			first = max(i-p.Rows()+1, 0)
		}
	}
	s.drawn.sections = all[first:]
	for _, c := range all[first:] {
		s.drawSection(p, c)
	}
	return p.String()
}

func (s *Screen) drawSection(p *draw.Page, c section) {
	t := s.env.Theme
	p.To(1)
	style := t.Text
	switch {
	case c == s.at && !s.right:
		p.Put(t.Accent, "▌")
		style = t.Strong
	case c == s.at:
		p.Put(t.Dim, "▌")
		style = t.Strong
	}
	p.To(3)
	differ, wrong := "", ""
	if n := s.differences(c); n > 0 && (c.kind == appSection || c.kind == podSection) {
		differ = " " + differenceMark + strconv.Itoa(n)
	}
	if s.hasProblem(c) {
		wrong = " !" // at its name, not at the field beside it
	}
	switch c.kind {
	case appSection:
		room := p.Room() - len(differ) - len(wrong) - 1
		p.Put(style, text.Truncate(text.Escape(strconv.Itoa(c.app+1)+" "+s.appName(c.app)), room))
	case addSection:
		p.Put(style, "+ add")
	case podSection:
		p.Put(style, "pod")
	case volumesSection:
		p.Put(style, "volumes")
		if n := len(s.draft.pod.Volumes); n > 0 {
			p.Put(t.Dim, " "+strconv.Itoa(n))
		}
	case networkSection:
		p.Put(style, "network")
		p.Put(t.Dim, s.networkMark())
	}
	p.Put(t.Dim, differ)
	p.Put(t.Wrong, wrong)
	p.Next()
}

// columns is how the fields are set.
type columns struct{ label, value, note int }

// from is where values begin.
func (c columns) from() int { return gutter + c.label + 2 }

func columnsOf(w int) columns {
	c := columns{label: 9}
	c.note = max((w-c.label)*2/5, 0)
	c.value = min(w-c.label-c.note-4, 64) // on a wide screen notes stay near
	if c.value < 16 {                     // too narrow for both: notes go
		c.value, c.note = max(w-c.label-3, 1), 0
	}
	return c
}

func (s *Screen) drawFields(w, h int) string {
	t := s.env.Theme
	p := draw.New(w, h)
	p.To(gutter)
	p.Put(t.Strong, s.heading())
	top := 1
	if h > 8 {
		top = 2
	}
	p.Right(t.Dim, s.scroll(h-top))
	for range top {
		p.Next()
	}
	if s.at.kind == addSection { // whose one field is in sight anyway
		s.drawAdd(p)
	}
	cols, at, gaps := columnsOf(w-gutter), 0, s.gapsFit(p.Rows())
	s.drawn.fields = s.drawn.fields[:0]
	for i := range s.rows {
		if gaps && s.rows[i].gap {
			p.Next()
		}
		for j := range s.height(i) {
			if at++; at <= s.offset || p.Rows() == 0 {
				continue
			}
			for len(s.drawn.fields) < p.Height()-p.Rows() {
				s.drawn.fields = append(s.drawn.fields, -1)
			}
			s.drawn.fields = append(s.drawn.fields, i)
			s.drawRow(p, cols, i, j)
		}
	}
	return p.String()
}

// gapsFit reports whether there is room for empty rows between groups.
func (s *Screen) gapsFit(h int) bool {
	for i := range s.rows {
		h -= s.height(i)
		if s.rows[i].gap {
			h--
		}
	}
	return h >= 0
}

// heading tells what the fields belong to.
func (s *Screen) heading() string {
	switch s.at.kind {
	case appSection:
		name := s.appName(s.at.app)
		if k := s.of(s.at.app); k.found {
			name += " · " + title(k.image)
		}
		return name
	case podSection:
		return "pod · what all its apps share"
	case volumesSection:
		return "volumes · storage that apps mount by name"
	case networkSection:
		return "network · what the pod reaches, and how it is reached"
	}
	return "add an app"
}

func (s *Screen) drawAdd(p *draw.Page) {
	t := s.env.Theme
	enter, _ := s.env.Keys.Hint(keymap.ComposeEdit)
	if len(s.draft.pod.Apps) == 0 {
		p.To(gutter)
		p.Line(t.Text, "A pod is one app or several that run together.")
		p.Next()
	}
	p.To(gutter)
	p.Line(t.Dim, enter+" chooses or fetches an image for it")
	right, _ := s.env.Keys.Hint(keymap.ComposeRight)
	p.To(gutter)
	p.Line(t.Dim, right+" types a reference: fetched when the pod runs")
	p.Next()
}

// height is how many rows of the screen a row of the form takes.
func (s *Screen) height(i int) int {
	if s.editing != nil && i == s.cursor+1 && s.rows[i].echoes {
		return 0
	}
	return 1 + len(s.rowAt(i).below) + s.candidateRows(i)
}

// rowAt is a row as it is drawn: the one that is being typed follows the typing.
func (s *Screen) rowAt(i int) *row {
	if s.editing != nil && i == s.cursor {
		return &s.editing.row
	}
	return &s.rows[i]
}

// scroll keeps the row under the cursor in view, with what stands below it, and
// those that were unfolded with it as far as they have room. It tells how many rows
// are out of sight. What is offered below a field comes and goes as one types: then it
// starts from where the rows stood before, so that they come back.
func (s *Screen) scroll(h int) string {
	top, bottom, total := 0, 0, 0
	for i := range s.rows {
		if i == s.cursor {
			top = total
		}
		total += s.height(i)
		if i < s.cursor+max(s.opened, 1) {
			bottom = total
		}
	}
	from := s.offset
	if s.editing != nil {
		from = s.stood
	}
	s.offset = max(from, min(bottom-h, top))
	s.offset = max(min(s.offset, top, total-h), 0)
	if s.editing == nil {
		s.stood = s.offset
	}
	above, below := "", ""
	if s.offset > 0 {
		above = " ↑ " + text.Number(s.offset)
	}
	if n := total - h - s.offset; n > 0 {
		below = " ↓ " + text.Number(n)
	}
	if above+below == "" {
		return ""
	}
	return above + below + " "
}

// drawRow draws one row of the screen: the j-th of field i.
func (s *Screen) drawRow(p *draw.Page, c columns, i, j int) {
	t, r := s.env.Theme, s.rowAt(i)
	if j > 0 {
		s.drawBelow(p, c, r, j-1)
		return
	}
	if r.differs() {
		p.Put(t.Text, differenceMark)
	}
	p.To(gutter)
	p.PutIn(t.Dim, r.label, c.label)
	focus := s.right && i == s.cursor
	if focus {
		p.Put(t.Accent, "▌")
	}
	p.To(c.from())
	switch {
	case focus && s.hides() >= 0:
		line := s.path.Masked(s.hides())
		line.Draw(p, t, c.value)
	case focus && s.editing != nil:
		s.path.Draw(p, t, c.value)
	case focus:
		drawValue(p, t.Strong, r, c.value)
	case r.own:
		drawValue(p, t.Text, r, c.value)
	default:
		drawValue(p, t.Dim, r, c.value)
	}
	p.To(c.from() + c.value + 2)
	s.drawNote(p, r, focus)
	p.Next()
}

// drawValue draws what a field holds. What has a name has it in a column of its own, as
// wide as the longest around it, but for very long ones.
func drawValue(p *draw.Page, style theme.Style, r *row, width int) {
	value, named := strings.CutPrefix(r.value, r.name+"=")
	if r.name == "" || !named {
		p.PutIn(style, r.value, width)
		return
	}
	end, wide := p.X()+width, min(r.wide, width/2)
	if room := width - 1 - text.Width(text.Escape(value)); text.Width(text.Escape(r.name)) > wide && room > wide {
		wide = room // a short value leaves it to the name
	}
	p.PutIn(style, r.name, wide)
	p.Put(style, " ")
	p.PutIn(style, value, end-p.X())
}

// drawNote draws where a value comes from; while it is typed, how it is
// written; and before both, what is wrong with it.
func (s *Screen) drawNote(p *draw.Page, r *row, focus bool) {
	t := s.env.Theme
	problem := s.problemOf(r)
	switch {
	case problem != nil:
		p.Put(t.Wrong, "! "+problem.text)
	case focus && s.editing != nil && s.warning() != "":
		p.Put(t.Waiting, s.warning())
	case focus && s.editing != nil && s.hint() != "":
		p.Put(t.Dim, s.hint())
	case r.alert != "":
		p.Put(t.Waiting, r.alert)
	case r.own:
		p.Put(t.Text, r.note)
	case s.width < 110: // where there is little room: that it is a default shows already
		p.Put(t.Dim, strings.TrimPrefix(r.note, "default: "))
	default:
		p.Put(t.Dim, r.note)
	}
}

// Whole is what is said of the field under the cursor, if its row has not room for
// all of it.
func (s *Screen) Whole() string {
	r := s.current()
	if !s.right || r == nil || s.written != nil || s.problemOf(r) != nil {
		return ""
	}
	note := r.note
	switch {
	case s.editing != nil:
		note = s.hint()
	case r.alert != "":
		note = r.alert
	}
	w := s.width - listWidth(s.width)
	c := columnsOf(w)
	if text.Width(text.Escape(note)) <= w+gutter-(c.from()+c.value+2) {
		return ""
	}
	return note
}

// drawBelow draws what stands below a field, or what a path could become.
func (s *Screen) drawBelow(p *draw.Page, c columns, r *row, j int) {
	t := s.env.Theme
	p.To(c.from())
	if j < len(r.below) {
		p.Line(t.Dim, r.below[j])
		return
	}
	j -= len(r.below)
	fit := s.candidates()
	if j == mostCandidates-1 && len(fit) > mostCandidates {
		p.Line(t.Dim, "… "+text.Number(len(fit)-j)+" more")
		return
	}
	p.Line(t.Dim, fit[j])
}

// mostCandidates is how many completions are shown.
const mostCandidates = 5

func (s *Screen) candidateRows(i int) int {
	if s.editing == nil || i != s.cursor {
		return 0
	}
	return min(len(s.candidates()), mostCandidates)
}

// Footer is the actions that matter now.
func (s *Screen) Footer() []keymap.Action {
	if s.written != nil {
		return writtenFooter()
	}
	if s.editing != nil {
		return []keymap.Action{keymap.EditAccept, keymap.EditCancel, keymap.EditNext, keymap.EditReset}
	}
	actions := []keymap.Action{keymap.ComposeRun}
	r := s.current()
	if !s.right || r != nil && r.opens() {
		actions = append(actions, keymap.ComposeEdit)
	}
	if s.right && r != nil {
		if r.toggle != nil {
			actions = append(actions, keymap.ComposeToggle)
		}
		if r.reset != nil {
			actions = append(actions, keymap.ComposeReset)
		}
		if r.remove != nil {
			actions = append(actions, keymap.ComposeRemove)
		}
		if r.shift != nil {
			actions = append(actions, keymap.ComposeEarlier, keymap.ComposeLater)
		}
		if r.variable {
			actions = append(actions, keymap.ComposeSecret)
		}
		if r.make != "" {
			actions = slices.Insert(actions, 1, keymap.ComposeMake)
		}
	} else if s.at.kind == appSection && s.fixed() == "" {
		actions = append(actions, keymap.ComposeRemove)
	}
	if s.fixed() == "" {
		actions = append(actions, keymap.ComposeAddApp)
	}
	if len(s.problems) > 0 {
		actions = append(actions, keymap.ComposeProblem)
	}
	actions = append(actions, keymap.ComposeNetwork)
	if len(s.draft.past) > 0 {
		actions = append(actions, keymap.ComposeUndo)
	}
	return append(actions, keymap.ComposeLine)
}
