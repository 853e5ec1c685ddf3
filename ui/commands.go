package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/palette"
)

// command is an action, and the screen that it is of.
type command struct {
	at     place // here: the one that is shown
	action keymap.Action
}

// here is no screen in particular.
const here place = -1

// command goes to the screen of an action, and does there what its key does.
func (r *root) command(c command) tea.Cmd {
	if c.at == here || c.at == r.at {
		return r.perform(c.action)
	}
	there := r.open(c.at)
	return tea.Batch(there, r.perform(c.action))
}

// elsewhere are the actions that can be done on a screen that is not looked at. What
// is about the row under a cursor is not among them, for nobody sees that row; nor is
// what runs the pod in the form, or makes another of it, without a question.
func elsewhere() []command {
	of := func(at place, actions ...keymap.Action) (all []command) {
		for _, a := range actions {
			all = append(all, command{at, a})
		}
		return all
	}
	return slices.Concat(
		of(atImages, keymap.ImagesFilter, keymap.ImagesAdd, keymap.ImagesSort),
		of(atCompose, keymap.ComposeAddApp, keymap.ComposeLine, keymap.ComposeNetwork,
			keymap.ComposeProblem, keymap.ComposeSave),
		of(atPods, keymap.PodsFilter, keymap.PodsSort, keymap.PodsCollect),
		of(atTrust, keymap.TrustAdd, keymap.TrustFilter, keymap.TrustSort, keymap.TrustWarnings),
	)
}

// shownOnly are the actions that do something only while the footer offers them.
func shownOnly(a keymap.Action) bool {
	return slices.Contains([]keymap.Action{
		keymap.ImagesChoose, keymap.ImagesMark, keymap.ImagesInspect, keymap.ImagesRemove, keymap.ImagesFetches,
		keymap.OfferFetch, keymap.OfferInto, keymap.OfferTags,
		keymap.WatchReview, keymap.WatchUnverified,
		keymap.TrustInspect, keymap.TrustRemove, keymap.TrustWarnings,
	}, a)
}

// commands are what can be done: here, those that matter now first, then everywhere,
// then on other screens. Beside each stands what it is found by as well.
func (r *root) commands() (entries []palette.Entry, more []string) {
	bindings := map[keymap.Action]keymap.Binding{}
	for _, b := range r.env.Keys.Bindings() {
		bindings[b.Action] = b
	}
	seen := map[keymap.Action]bool{keymap.Find: true}
	add := func(c command) {
		b, ok := bindings[c.action]
		if !ok || seen[c.action] || !commandable(b.Scope) {
			return
		}
		seen[c.action] = true
		key, _ := r.env.Keys.Hint(c.action)
		if r.env.Keys.Key(c.action) == "" {
			key = ""
		}
		note := "command"
		if c.at == here {
			note = "command here"
		}
		if b.Scope == keymap.Everywhere {
			note = "command"
		}
		entries = append(entries, palette.Entry{ID: "command " + string(c.action), Name: commandName(b), Note: note, Key: key, Does: c})
		more = append(more, string(c.action)+" "+key)
	}
	footer := r.footer()
	for _, a := range footer {
		add(command{here, a})
	}
	for _, scope := range r.scopes() {
		if scope == keymap.List {
			continue
		}
		for _, b := range r.env.Keys.Bindings() {
			if b.Scope == scope && (!shownOnly(b.Action) || slices.Contains(footer, b.Action)) {
				add(command{here, b.Action})
			}
		}
	}
	for _, c := range elsewhere() {
		if c.at != r.at {
			add(c)
		}
	}
	for _, b := range r.env.Keys.Bindings() {
		if b.Scope == keymap.List {
			add(command{here, b.Action})
		}
	}
	return entries, more
}

// commandable reports whether actions of a scope are done on a screen, and not within
// a field or an answer.
func commandable(s keymap.Scope) bool {
	switch s {
	case keymap.Edit, keymap.Search, keymap.TrustFor, keymap.Palette, keymap.Dialog, keymap.Review:
		return false
	}
	return true
}

// commandName is what an action is called where its screen does not stand above it.
func commandName(b keymap.Binding) string {
	does := b.Help().Desc
	switch b.Action {
	case keymap.GoImages, keymap.GoCompose, keymap.GoPods, keymap.GoTrust:
		return "go to " + does
	}
	switch b.Scope {
	case keymap.Everywhere:
		return does
	case keymap.List:
		return "move " + does
	}
	return string(b.Scope) + ": " + does
}
