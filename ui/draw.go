package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// View draws everything. Before the size is known there is nothing to draw.
func (r *root) View() tea.View {
	v := tea.NewView(r.render())
	v.AltScreen = true
	v.WindowTitle = text.Escape(r.title())
	return v
}

func (r *root) render() string {
	if r.w <= 0 || r.h <= 0 {
		return ""
	}
	content := r.frame()
	for _, d := range r.dialogs {
		box, w, h := d.Draw(r.env.Theme, r.w, r.h)
		content = draw.Over(content, box, max((r.w-w)/2, 0), max((r.h-h)/3, 0), w)
	}
	return content
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
	p.Block(r.view().Draw(r.w, p.Rows()-below))
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
	key, _ := r.env.Keys.Hint(a)
	p.Put(t.Dim, key+" ")
	p.Put(style, name)
	p.Put(t.Dim, more)
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

// drawFooter draws the keys that matter now, as many as there is room for, and
// at the right how to see all of them, unless that key would be typed.
func (r *root) drawFooter(p *draw.Page) {
	t := r.env.Theme
	help, does := r.env.Keys.Hint(keymap.Help)
	tail := help + " " + does + " "
	actions := r.footer()
	if n := len(r.dialogs); n > 0 { // a dialog with keys of its own says so
		if d, ok := r.dialogs[n-1].Dialog.(interface{ Footer() []keymap.Action }); ok {
			actions, tail = d.Footer(), ""
		}
	}
	if r.typing() {
		tail = ""
	}
	p.To(1)
	for i, a := range r.fitting(actions, p.Width()-len(tail)+1) {
		if i > 0 {
			p.Put(t.Dim, " · ")
		}
		key, does := r.env.Keys.Hint(a)
		hint(p, t, key, does)
	}
	if tail != "" && p.Room() >= len(tail) {
		p.To(p.Width() - len(tail))
		hint(p, t, help, does)
	}
	p.Next()
}

// fitting are as many actions as have room, and the way back, which stands last,
// before any other.
func (r *root) fitting(actions []keymap.Action, room int) []keymap.Action {
	width := func(a keymap.Action) int {
		key, does := r.env.Keys.Hint(a)
		return text.Width(key) + text.Width(does) + 4
	}
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

func hint(p *draw.Page, t *theme.Theme, key, does string) {
	p.Put(t.Accent, key)
	p.Put(t.Dim, " "+does)
}
