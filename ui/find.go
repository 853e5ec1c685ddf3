package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/images"
	"github.com/podtui/podtui/ui/palette"
	"github.com/podtui/podtui/ui/shelf"
	"github.com/podtui/podtui/ui/text"
)

// What is taken in the palette: where that leads is decided here, as for everything
// else that a screen wishes.
type (
	toImage  struct{ id string }
	toPod    struct{ uuid string }
	toFetch  struct{ reference string }
	toForm   struct{ reference string }
	composed struct {
		draft drafts.Draft
		what  string
	}
)

// find opens the palette. What was composed before is read beside the loop and comes
// in when it is there.
func (r *root) find() tea.Cmd {
	r.past = nil
	box := palette.New(r.everything(), r.recent, r.typedEntries)
	r.push(asked{Dialog: box})
	kept := r.keeper.drafts
	if kept == nil {
		return nil
	}
	return func() tea.Msg {
		m := pastRead{of: box}
		m.saved, _ = kept.Saved() // the shelf tells what is wrong
		m.runs, _ = kept.History()
		return m
	}
}

// pastRead is what was composed before.
type pastRead struct {
	of    *palette.Box
	saved []drafts.Saved
	runs  []drafts.Run
}

func (r *root) takePast(m pastRead) {
	if !slices.ContainsFunc(r.dialogs, func(a asked) bool { return a.Dialog == m.of }) {
		return
	}
	r.past = append(savedEntries(m.saved), r.ranEntries(m.runs)...)
	m.of.Set(r.everything(), r.recent)
}

// everything is what can be found. What matches alike comes in this order.
func (r *root) everything() []palette.Group {
	commands, more := r.commands()
	return []palette.Group{
		palette.Of(commands, func(i int) string { return more[i] }),
		r.podGroup(),
		palette.Of(r.past, func(i int) string { return imagesOf(r.past[i]) }),
		r.imageGroup(),
	}
}

func (r *root) imageGroup() palette.Group {
	all, folded := r.images.Stored()
	return palette.Group{
		Len: len(all), Folded: folded,
		Entry: func(i int) palette.Entry {
			return palette.Entry{ID: "image " + all[i].ID, Name: images.Label(all[i]), Note: "image", Does: toImage{all[i].ID}}
		},
		Find: func(id string) int {
			id, ok := strings.CutPrefix(id, "image ")
			for i := range all {
				if ok && all[i].ID == id {
					return i
				}
			}
			return -1
		},
	}
}

func (r *root) podGroup() palette.Group {
	all, folded := r.pods.Found()
	return palette.Group{
		Len: len(all), Folded: folded,
		Entry: func(i int) palette.Entry {
			p := all[i]
			return palette.Entry{ID: "pod " + p.UUID, Name: r.pods.NameOf(p.UUID), Note: "pod, " + string(p.State), Does: toPod{p.UUID}}
		},
		Find: func(id string) int {
			for i := range all {
				if "pod "+all[i].UUID == id {
					return i
				}
			}
			return -1
		},
	}
}

func savedEntries(all []drafts.Saved) (entries []palette.Entry) {
	for _, s := range all {
		if s.Err == nil {
			entries = append(entries, palette.Entry{ID: "saved " + s.Name, Name: s.Name, Note: "saved pod",
				Does: composed{drafts.Draft{Pod: s.Pod, Marks: s.Marks}, s.Name}})
		}
	}
	return entries
}

// ranEntries are what was run, the newest first, and the same once.
func (r *root) ranEntries(runs []drafts.Run) (entries []palette.Entry) {
	seen := map[string]bool{}
	for _, run := range runs {
		if run.Pod == nil || len(run.Pod.Apps) == 0 {
			continue
		}
		line := spec.Quote(run.Pod.CommandLine())
		if seen[line] {
			continue
		}
		seen[line] = true
		name := shelf.Name(*run.Pod)
		entries = append(entries, palette.Entry{ID: "ran " + run.UUID, Name: name, Note: "ran " + text.Ago(r.env.Now().Sub(run.At)) + " ago",
			Does: composed{drafts.Draft{Pod: *run.Pod}, name}})
	}
	return entries
}

// imagesOf are the images of a pod that was composed before.
func imagesOf(e palette.Entry) string {
	var all []string
	if c, ok := e.Does.(composed); ok {
		for _, a := range c.draft.Pod.Apps {
			all = append(all, a.Name, a.Image)
		}
	}
	return strings.Join(all, " ")
}

// typedEntries are what can be made of a reference that is typed.
func (r *root) typedEntries(typed string) []palette.Entry {
	reference, ok := images.Fetchable(typed)
	if !ok {
		return nil
	}
	return []palette.Entry{
		{Name: "fetch " + reference, Note: "to fetch", Does: toFetch{reference}},
		{Name: "into the pod: " + reference, Note: "to fetch", Does: toForm{reference}},
	}
}

// mostRecent is how many that were taken come first.
const mostRecent = 8

// taken does what was taken.
func (r *root) taken(t palette.Taken) tea.Cmd {
	if t.ID != "" {
		r.recent = slices.DeleteFunc(r.recent, func(id string) bool { return id == t.ID })
		r.recent = slices.Insert(r.recent, 0, t.ID)
		r.recent = r.recent[:min(len(r.recent), mostRecent)]
	}
	switch d := t.Does.(type) {
	case command:
		return r.command(d)
	case toImage:
		return tea.Batch(r.images.Find(d.id), r.open(atImages))
	case toPod:
		if p, _, _, ok := r.pods.Pod(d.uuid); ok {
			return r.openPod(podOpen(p))
		}
	case toFetch:
		return tea.Batch(r.open(atImages), r.do(r.images, r.images.Fetch(d.reference)))
	case toForm:
		return r.fulfil(r.images, images.Referred{Reference: d.reference})
	case composed:
		return r.intoForm(d.draft, d.what)
	}
	return nil
}
