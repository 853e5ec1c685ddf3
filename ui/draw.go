package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
)

// View draws everything. Before the size is known there is nothing to draw.
func (r *root) View() tea.View {
	v := tea.NewView(r.render())
	v.AltScreen = true
	if r.mouse.on {
		v.MouseMode = tea.MouseModeCellMotion
	}
	v.WindowTitle = text.Escape(r.title())
	v.ProgressBar = r.progress.shown()
	return v
}

func (r *root) render() string {
	if r.w <= 0 || r.h <= 0 {
		return ""
	}
	r.mouse.spots = r.mouse.spots[:0]
	content := r.frame()
	for _, d := range r.dialogs {
		box, w, h := d.Draw(r.env.Theme, r.w, r.h)
		r.mouse.dialog = rect{max((r.w-w)/2, 0), max((r.h-h)/3, 0), w, h}
		content = draw.Over(content, box, r.mouse.dialog.x, r.mouse.dialog.y, w)
	}
	return r.env.Theme.Dress(content)
}

// frame draws the first line, the screen, what is wrong, and the footer. What
// there is no room for goes in this order: the rules, what is wrong, the
// footer, the first line.
func (r *root) frame() string {
	p, t := draw.New(r.w, r.h), r.env.Theme
	rules := r.h >= 12
	if r.h >= 3 {
		r.drawTop(p)
	}
	if rules {
		p.Rule(t.Rule)
	}
	below := 0
	if r.h >= 2 {
		below++
	}
	said := r.said()
	if r.h >= 6 {
		below += len(said.rows)
	}
	if rules {
		below++
	}
	r.mouse.body, r.mouse.rows = p.Height()-p.Rows(), max(p.Rows()-below, 0)
	p.Block(r.view().Draw(r.w, r.mouse.rows))
	if r.h >= 6 {
		said.draw(p)
	}
	if rules {
		p.Rule(t.Rule)
	}
	if r.h >= 2 {
		r.drawFooter(p)
	}
	return p.String()
}

// drawTop draws where one is.
func (r *root) drawTop(p *draw.Page) {
	t := r.env.Theme
	p.To(1)
	p.Put(t.Strong, "podtui")
	p.To(p.X() + r.gap())
	apps := ""
	if n := len(r.compose.Pod().Apps); n > 0 {
		apps = " " + text.Count(n, "app")
	}
	running := ""
	if n := r.pods.Running(); n > 0 {
		running = " ● " + text.Number(n)
	}
	r.drawTab(p, keymap.GoImages, "Images", "", r.at == atImages)
	r.drawTab(p, keymap.GoCompose, "Compose", apps, r.at == atCompose || r.at == atShelf)
	starting, failed := r.elsewhere()
	if starting > 0 {
		running += " · " + text.Number(starting) + " starting"
	}
	if failed > 0 {
		running += " ✗ " + text.Number(failed)
	}
	r.drawTab(p, keymap.GoPods, "Pods", running, r.at == atPods || r.at == atWatch || r.at == atPage)
	r.drawTab(p, keymap.GoTrust, "Trust", "", r.at == atTrust)
	if w, ok := r.view().(interface{ Where() string }); ok {
		p.Right(t.Text, whole(w.Where(), p.Room()-2)+" ")
	}
	p.Next()
}

// whole leaves a pod's number out where it has no room: a part of it would name
// another.
func whole(where string, room int) string {
	last := strings.LastIndexByte(where, ' ')
	number := where[last+1:]
	if text.Width(text.Escape(where)) <= room || len(number) != 8 || strings.Trim(number, "0123456789abcdef") != "" {
		return where
	}
	return where[:max(last, 0)]
}

func (r *root) drawTab(p *draw.Page, a keymap.Action, name, more string, open bool) {
	t := r.env.Theme
	style := t.Text
	if open {
		style = t.Tab
	}
	from := p.X()
	if key, _ := r.env.Keys.Hint(a); r.env.Keys.Key(a) != "" {
		p.Put(t.Dim, key+" ")
	}
	p.Put(style, name)
	p.Put(t.Dim, more)
	r.mouse.spotted(a, from, p.Height()-p.Rows(), p.X()-from)
	p.To(p.X() + r.gap())
}

// gap is what stands between the screens in the first line: where that is narrow,
// what is said at its right needs the room.
func (r *root) gap() int {
	if r.w < 100 {
		return 2
	}
	return 3
}

// drawFooter draws the keys that matter now, as many as there is room for, and at
// the right what stands there always.
func (r *root) drawFooter(p *draw.Page) {
	t := r.env.Theme
	actions, tail := r.footer(), r.tail()
	if n := len(r.dialogs); n > 0 { // a dialog with keys of its own says so
		if d, ok := r.dialogs[n-1].Dialog.(interface{ Footer() []keymap.Action }); ok {
			actions = d.Footer()
		}
	}
	width := 0
	for _, a := range tail {
		width += r.hintWidth(a)
	}
	if width > 0 { // nothing stands between the last and the edge but a space
		width += 1 - text.Width(betweenHints)
	}
	p.To(1)
	for i, a := range r.fitting(actions, p.Width()-width+1) {
		if i > 0 {
			p.Put(t.Dim, betweenHints)
		}
		r.hint(p, a)
	}
	if width > 0 && p.Room() >= width {
		p.To(p.Width() - width)
		for i, a := range tail {
			if i > 0 {
				p.Put(t.Dim, betweenHints)
			}
			r.hint(p, a)
		}
	}
	p.Next()
}

// tail is how to see all keys, unless that key would be typed, and how the mouse is
// turned off as long as it is on.
func (r *root) tail() []keymap.Action {
	tail := make([]keymap.Action, 0, 3)
	if r.mouse.on {
		tail = append(tail, keymap.Mouse)
	}
	own := false
	if n := len(r.dialogs); n > 0 {
		_, own = r.dialogs[n-1].Dialog.(interface{ Footer() []keymap.Action })
	}
	if !own && !r.typing() {
		if r.w >= 100 { // where it is narrow the screen's own keys need the room
			tail = append(tail, keymap.Find)
		}
		tail = append(tail, keymap.Help)
	}
	return r.env.Keys.Bound(tail)
}

// fitting are as many actions as have room, and the way back, which stands last,
// before any other.
func (r *root) fitting(actions []keymap.Action, room int) []keymap.Action {
	actions = r.env.Keys.Bound(actions)
	width := r.hintWidth
	last := len(actions)
	if last > 0 && actions[last-1] == keymap.Back {
		last--
		room -= width(keymap.Back)
	}
	if room < 0 {
		return nil
	}
	n := 0
	for n < last && room >= width(actions[n]) {
		room -= width(actions[n])
		n++
	}
	return slices.Concat(actions[:n], actions[last:])
}

// footer is the actions that matter now: of a pod that is watched, also what the
// root does for it.
func (r *root) footer() []keymap.Action {
	actions := r.view().Footer()
	if !r.watched() || len(actions) == 0 {
		return actions
	}
	if r.watch.Moving() && !r.watch.Prepared() {
		return slices.Insert(actions, 1, keymap.PodAttach, keymap.PodEnter, keymap.PodInspect)
	}
	return slices.Insert(actions, len(actions)-1, keymap.PodInspect)
}

// betweenHints stands between two of them.
const betweenHints = " · "

// hint draws a key and what it does. A click on it does the same.
func (r *root) hint(p *draw.Page, a keymap.Action) {
	key, does := r.hintWords(a)
	from := p.X()
	p.Put(r.env.Theme.Accent, key)
	p.Put(r.env.Theme.Dim, " "+does)
	r.mouse.spotted(a, from, p.Height()-p.Rows(), p.X()-from)
}

// hintWidth is what a hint takes, with what stands between it and the next.
func (r *root) hintWidth(a keymap.Action) int {
	key, does := r.hintWords(a)
	return text.Width(key) + text.Width(does) + 1 + text.Width(betweenHints)
}

func (r *root) hintWords(a keymap.Action) (key, does string) {
	key, does = r.env.Keys.Hint(a)
	if a == keymap.Mouse { // it stands there while it is on
		does = "mouse off"
	}
	return key, does
}
