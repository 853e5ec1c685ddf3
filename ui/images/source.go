package images

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/match"
	"github.com/podtui/podtui/ui/text"
)

const (
	settle    = 250 * time.Millisecond // typing has paused: who is asked earlier is asked for every letter
	patience  = 15 * time.Second       // for an answer; a dead host would take minutes
	mostNames = 200_000                // that are kept of one answer
	ahead     = 60                     // rows that are there before the cursor needs them
	unasked   = 5_000                  // names that are read on to without the cursor: what is looked for may come late
)

// source is a question that was asked, and what was answered so far. A slow
// answer keeps nobody waiting: it is a source without rows until then.
type source struct {
	want
	cancel context.CancelFunc
	asked  int  // the generation of the last asking: answers to others are dropped
	busy   bool // an answer is waited for
	heard  bool // one has come
	err    error

	names []string           // of a list
	files []engine.ImageFile // of files, beside their names
	found engine.Discovered  // of discovery
	next  string             // what to ask for more with
	query match.Query
	rank  match.Ranking
	rows  []int // the names that match
	fold  []string
}

// answered is what somebody said. More comes if it is not the last.
type answered struct {
	of    *source
	asked int
	names []string
	files []engine.ImageFile
	found engine.Discovered
	next  string
	whole bool // the names are all there are, those of earlier answers included
	last  bool
	err   error
}

// who is asked, for people.
func (src *source) who() string {
	switch src.kind {
	case discovery:
		return "discovery"
	case files:
		return src.of
	}
	return src.host()
}

// host is the host that is asked; of files there is none.
func (src *source) host() string {
	if src.kind == files {
		return ""
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(src.of, "docker://"), "/")
	return host
}

// ask returns the work of asking, which begins after a pause.
func (src *source) ask(parent context.Context, e Engine, pause time.Duration) tea.Cmd {
	ctx, cancel := context.WithCancel(parent)
	src.cancel = cancel
	src.busy, src.err = true, nil
	src.asked++
	if src.kind == files {
		return src.walk(ctx, e, pause)
	}
	a, after, kind, of, before := answered{of: src, asked: src.asked, last: true}, src.next, src.kind, src.of, src.names
	return func() tea.Msg {
		defer cancel()
		if !wait(ctx, pause) {
			return nil
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		var page engine.Page
		switch kind {
		case discovery:
			a.found, a.err = e.Discover(ctx, of)
		case tags:
			page, a.err = e.Tags(ctx, of, after)
		case repositories:
			page, a.err = e.Repositories(ctx, of, after)
		}
		a.names, a.next = page.Names, page.Next
		if a.whole = kind == tags && a.err == nil && a.next == ""; a.whole {
			a.names = newestFirst(before, a.names)
		}
		a.err = late(a.err)
		return a
	}
}

// late says in words that an answer took too long.
func late(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s", text.Ago(patience))
	}
	return err
}

// wait waits, and reports whether it may go on then.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// walker hands over files while they are being found.
type walker struct {
	mu    sync.Mutex
	files []engine.ImageFile
	n     int
	ended bool
	err   error
}

// walk goes through a folder, and tells ten times a second what was found.
func (src *source) walk(ctx context.Context, e Engine, pause time.Duration) tea.Cmd {
	w, folder := &walker{}, src.of
	work := func() tea.Msg {
		if wait(ctx, pause) {
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			w.end(e.ImageFiles(ctx, folder, w.put))
		}
		return nil
	}
	return tea.Batch(work, src.hear(ctx, w))
}

func (w *walker) put(f engine.ImageFile) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.files = append(w.files, f)
	w.n++
	return w.n < mostNames
}

func (w *walker) end(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		w.err = fmt.Errorf("there is more: after %s the search was ended", text.Ago(patience))
	default:
		w.err = err
	}
}

// found is a part of what a walker found, and who goes on listening.
type found struct {
	answered
	more tea.Cmd
}

// hear waits until something was found, or the end.
func (src *source) hear(ctx context.Context, w *walker) tea.Cmd {
	a := answered{of: src, asked: src.asked}
	return func() tea.Msg {
		for wait(ctx, 100*time.Millisecond) {
			w.mu.Lock()
			files, ended, err := w.files, w.ended, w.err
			w.files = nil
			w.mu.Unlock()
			if len(files) > 0 || ended {
				a.files, a.last, a.err = files, ended, err
				return found{a, src.hear(ctx, w)}
			}
		}
		return nil
	}
}

// take adds an answer.
func (src *source) take(a answered) {
	src.busy = !a.last
	src.err = a.err
	if a.err != nil && len(a.files) == 0 {
		return
	}
	src.heard = true
	for _, f := range a.files {
		src.names = append(src.names, strings.TrimPrefix(f.Path, strings.TrimPrefix(filepath.Clean(src.of)+"/", "./")))
	}
	src.files = append(src.files, a.files...)
	if a.whole {
		src.names, src.fold = nil, nil
		src.rank.Reset()
	}
	src.names = append(src.names, a.names...)
	src.found, src.next = a.found, a.next
	if len(a.names) == 0 || len(src.names) >= mostNames { // a page without names would be asked for ever
		src.next = ""
	}
	src.narrow()
}

// leave ends what is under way.
func (src *source) leave() {
	if src.busy {
		src.cancel()
		src.busy = false
		src.asked++
	}
}

// narrow finds the names that match what is looked for.
func (src *source) narrow() {
	for _, n := range src.names[len(src.fold):] {
		src.fold = append(src.fold, match.Fold(n))
	}
	src.query = match.Parse(src.filter)
	src.rows = src.rank.Rank(src.query, len(src.names), func(i int) string { return src.fold[i] })
}

// short reports whether the next page should be asked for: few rows are left
// from the cursor on, and it is at the end, or little was read so far.
func (src *source) short(left int, near bool) bool {
	most := unasked
	if src.guess {
		most /= 5
	}
	return src.next != "" && !src.busy && src.err == nil && left < ahead && (near || len(src.names) < most)
}
