// Package welcome is what somebody sees who has nothing yet: no image, no pod. It says
// what podtui is, the three steps to a pod, and the keys that matter most, and goes as
// soon as there is something. It only draws; the keys are the list's that it stands in
// for.
package welcome

import (
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// Page is what there is to say.
type Page struct {
	Theme *theme.Theme
	Keys  *keymap.Map
	Demo  bool // there is one to show

	// Missing is what stands in the way of running anything, and Works what works all
	// the same. "": nothing is missing.
	Missing, Works string
}

// line is a row: a key or a number, what it is about, and what that means.
type line struct{ head, what, means string }

// Draw draws the page into a rectangle. Where that is small, what comes last goes.
func (p Page) Draw(w, h int) string {
	const gutter, head, what = 2, 7, 14
	page, t := draw.New(w, h), p.Theme
	spare := h - p.rows(w-2*gutter)
	say := func(style theme.Style, words string) {
		for _, row := range text.Wrap(words, max(w-2*gutter, 1)) {
			page.To(gutter)
			page.Line(style, row)
		}
	}
	gap := func() {
		if spare > 0 {
			page.Next()
			spare--
		}
	}
	say(t.Strong, about)
	for i, part := range p.parts() {
		gap()
		style := t.Accent
		if i == 0 { // the steps are no keys
			style = t.Dim
		}
		for _, l := range part {
			page.To(gutter)
			page.Put(style, l.head)
			page.To(max(gutter+head, page.X()+1))
			page.Put(t.Text, l.what)
			page.To(max(gutter+head+what, page.X()+1))
			page.Put(t.Dim, l.means)
			page.Next()
		}
	}
	if p.Missing != "" {
		gap()
		say(t.Waiting, p.Missing)
		say(t.Text, p.Works)
	}
	return page.String()
}

// about is what podtui is.
const about = "podtui runs containers as pods: apps that live together, without a daemon."

// parts are what stands below, with a gap between.
func (p Page) parts() [][]line {
	steps := []line{
		{"1.", "an image", "searched for, pasted, or added from a file"},
		{"2.", "into a pod", p.key(keymap.ImagesChoose) + " takes it; " + p.key(keymap.GoCompose) + " is the form: arguments, volumes, ports"},
		{"3.", "and run", p.key(keymap.ComposeRun) + " in the form; " + p.key(keymap.GoPods) + " is all pods and what they write"},
	}
	first := line{p.key(keymap.GoCompose), "compose", "a pod whose images are fetched when it runs"}
	if p.Demo {
		first = line{p.key(keymap.ImagesDemo), "the demo", "a pod of two apps; nothing is downloaded"}
	}
	keys := []line{
		first,
		{p.key(keymap.ImagesFilter), "search", "names, registries, URLs, folders"},
		{p.key(keymap.ImagesAdd), "add a file", "an ACI, docker save, OCI archive or layout"},
		{p.key(keymap.Back), "back", "one level; " + p.key(keymap.Quit) + " too, and out at the top"},
		{p.key(keymap.Help), "help", "all keys that work where you are"},
	}
	return [][]line{steps, keys}
}

func (p Page) key(a keymap.Action) string {
	key, _ := p.Keys.Hint(a)
	return key
}

// rows is how many there are without gaps.
func (p Page) rows(w int) int {
	n := len(text.Wrap(about, max(w, 1)))
	for _, part := range p.parts() {
		n += len(part)
	}
	if p.Missing != "" {
		n += len(text.Wrap(p.Missing, max(w, 1))) + len(text.Wrap(p.Works, max(w, 1)))
	}
	return n
}
