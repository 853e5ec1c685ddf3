package ui

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/watch"
)

// rest is how long a draft rests before it is written, and so how much of it a crash
// can take along.
const rest = 500 * time.Millisecond

// retry is how long one that could not be written does.
const retry = 2 * time.Second

// keeper writes what is composed, and what was run, beside the loop: always what it
// is now, one after the other, so that nothing old comes over something new.
type keeper struct {
	drafts *drafts.Drafts // nil: nothing is kept

	noticed int  // of the form's changes; the loop's, as what follows
	waits   bool // a write is to come
	trouble string

	mu      sync.Mutex // of what is to be written
	next    drafts.Draft
	changed bool
	todo    []func(*drafts.Drafts) error

	writing sync.Mutex
}

// set says what the draft is now.
func (k *keeper) set(d drafts.Draft) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.next, k.changed = d, true
}

// add adds what is to be written once.
func (k *keeper) add(write func(*drafts.Drafts) error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.todo = append(k.todo, write)
}

// flush writes what there is, and waits for who is writing.
func (k *keeper) flush() error {
	if k.drafts == nil {
		return nil
	}
	k.writing.Lock()
	defer k.writing.Unlock()
	k.mu.Lock()
	next, changed, todo := k.next, k.changed, k.todo
	k.changed, k.todo = false, nil
	k.mu.Unlock()
	var lost error
	for i, write := range todo { // what was run, or set aside, is written before its draft goes
		err := write(k.drafts)
		if errors.Is(err, drafts.ErrTooLarge) { // and always will be
			lost = err
			continue
		}
		if err != nil {
			k.back(todo[i:], changed)
			return err
		}
	}
	var err error
	switch {
	case !changed:
	case next.Empty():
		err = k.drafts.Drop()
	default:
		err = k.drafts.Keep(next)
	}
	if err != nil {
		k.back(nil, true)
	}
	return cmp.Or(err, lost)
}

// back is what could not be written, and is tried again.
func (k *keeper) back(todo []func(*drafts.Drafts) error, changed bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.todo = append(slices.Clone(todo), k.todo...)
	k.changed = k.changed || changed // what it is now, by now
}

// write is flush as work beside the loop.
func (k *keeper) write() tea.Cmd {
	if k.drafts == nil {
		return nil
	}
	return func() tea.Msg { return kept{k.flush()} }
}

// kept tells how writing went.
type kept struct{ err error }

// keepNow is the time to write.
type keepNow struct{}

// noteDraft has the draft written a while after it has changed, and again not sooner.
func (r *root) noteDraft() tea.Cmd {
	k := &r.keeper
	n := r.compose.Changes()
	if k.drafts == nil || n == k.noticed {
		return nil
	}
	k.noticed = n
	if k.waits {
		return nil
	}
	k.waits = true
	return tea.Tick(rest, func(time.Time) tea.Msg { return keepNow{} })
}

// keepDraft writes it.
func (r *root) keepDraft() tea.Cmd {
	r.keeper.set(r.compose.Draft())
	return r.keeper.write()
}

// keepLast writes what is not written yet when the screen is gone.
func (r *root) keepLast() error {
	r.keeper.set(r.compose.Draft())
	if err := r.keeper.flush(); err != nil && !r.compose.Draft().Empty() {
		return fmt.Errorf("the pod in the form could not be kept: %s", text.Escape(err.Error()))
	}
	return nil
}

// keepCrashed does so after a crash. The draft may be what it crashed of, so it does
// not go into the next form by itself; and what an update has left half done is not
// kept.
func (r *root) keepCrashed(where string) {
	defer func() {
		if recover() != nil {
			r.putAside()
		}
	}()
	if where != "an update" {
		r.keeper.set(r.compose.Draft())
	}
	r.putAside()
}

func (r *root) putAside() {
	err := r.keeper.flush()
	if r.keeper.drafts != nil {
		err = cmp.Or(err, r.keeper.drafts.PutAside())
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "podtui: the pod in the form could not be kept: %s\n", text.Escape(err.Error()))
	}
}

// takeKept says once what can't be kept, and tries again.
func (r *root) takeKept(m kept) tea.Cmd {
	words := ""
	if m.err != nil {
		words = m.err.Error()
	}
	if words != r.keeper.trouble && words != "" {
		r.notice = screen.Notice{Text: "what is composed can't be kept: " + words, Wrong: true}
	}
	r.keeper.trouble = words
	if words == "" || errors.Is(m.err, drafts.ErrTooLarge) || r.keeper.waits {
		return nil
	}
	r.keeper.waits = true
	return tea.Tick(retry, func(time.Time) tea.Msg { return keepNow{} })
}

// loses reports whether the draft would be gone with the screen.
func (r *root) loses() bool {
	return (r.keeper.drafts == nil || r.keeper.trouble != "") && r.compose.Unsaved()
}

// takeUp goes on with a draft that somebody left, unless there is a pod already.
func (r *root) takeUp() tea.Cmd {
	if r.keeper.drafts == nil || !drafts.Blank(r.options.Pod) {
		return nil
	}
	if r.keeper.drafts.Crashed() {
		shelf, _ := r.env.Keys.Hint(keymap.ImagesShelf)
		r.notice = screen.Notice{Text: "the screen crashed with a pod in the form, which is set aside; " + shelf + " leads to it", Wrong: true}
		return nil
	}
	d, at, ok := r.keeper.drafts.TakeUp()
	if !ok {
		return nil
	}
	where, _ := r.env.Keys.Hint(keymap.GoCompose)
	undo, _ := r.env.Keys.Hint(keymap.ComposeUndo)
	r.notice = screen.Notice{Text: fmt.Sprintf("the pod of %s is in the form again; %s shows it, %s there gives it up", text.Ago(r.env.Now().Sub(at)), where, undo)}
	return r.compose.TakeUp(d)
}

// sweep tidies up after sessions that died.
func (r *root) sweep() tea.Cmd {
	kept, secrets := r.keeper.drafts, r.options.Secrets
	return func() tea.Msg { // what can't be swept harms nobody
		if kept != nil {
			_ = kept.Sweep()
		}
		if secrets != nil {
			_ = secrets.Sweep()
		}
		return nil
	}
}

// noted is noteRun, if it is the screen of a pod that has changed.
func (r *root) noted(by view) tea.Cmd {
	if w, ok := by.(*watch.Screen); ok {
		return r.noteRun(w)
	}
	return nil
}

// noteRun remembers a pod that was started here, once it runs, and how it ended, once
// it has.
func (r *root) noteRun(w *watch.Screen) tea.Cmd {
	pod, begun := r.begun[w]
	if !begun || w.Starting() || w.Failed() || w.UUID() == "" {
		return nil
	}
	delete(r.begun, w)
	r.compose.Ran(pod)
	uuid := w.UUID()
	run := drafts.Run{UUID: uuid, At: r.env.Now(), Who: caller(r.options.Environ), Pod: &pod}
	r.keeper.add(func(d *drafts.Drafts) error { return d.Ran(run) })
	r.unended[uuid] = false
	return r.keepDraft()
}

// noteEnds remembers how those ended that were started here.
func (r *root) noteEnds() tea.Cmd {
	var any bool
	for uuid, seen := range r.unended {
		p, _, _, ok := r.pods.Pod(uuid)
		switch {
		case !ok && seen: // it was removed
			delete(r.unended, uuid)
			continue
		case ok:
			r.unended[uuid] = true
		}
		if !ok || p.State != poddir.Exited || p.Exit == nil {
			continue
		}
		delete(r.unended, uuid)
		exit, at := *p.Exit, p.Ended
		r.keeper.add(func(d *drafts.Drafts) error { return d.Ended(uuid, exit, at) })
		any = true
	}
	if !any {
		return nil
	}
	return r.keeper.write()
}

// setAside keeps what something else took the place of.
func (r *root) setAside(draft drafts.Draft) tea.Cmd {
	r.keeper.add(func(d *drafts.Drafts) error { return d.SetAside(draft) })
	return r.keeper.write()
}

// caller is who is at the terminal, as well as that can be known: behind sudo, too.
func caller(environ []string) string {
	for _, name := range []string{"SUDO_USER=", "DOAS_USER=", "LOGNAME=", "USER="} {
		for _, v := range environ {
			if who, ok := strings.CutPrefix(v, name); ok && who != "" && len(who) < 64 {
				return who
			}
		}
	}
	return "user " + strconv.Itoa(os.Getuid())
}
