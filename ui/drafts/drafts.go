// Package drafts keeps on disk what people compose, so that no end of the
// program takes it along: the draft of each session, pods that were saved under
// a name, and what was run. It knows pods, and no screens.
//
// Everything is in one folder, DIR/drafts, which is only its owner's:
//
//	open/ID.json   what a session composes; replaced by rename
//	open/ID.lock   locked as long as the session lives
//	aside/ID.json  what was in a form when something else took its place
//	saved/NAME     a pod with a name
//	history        what was run and how it ended, a record a line
//
// A session that was left, or died, is one whose lock is free: the next one goes
// on with its draft. Files are written beside their place, under a name that
// begins with a dot and that is locked meanwhile, and renamed into it; the
// history is appended to. So whoever dies leaves the old or the new, and at most
// something without a name, which the next session sweeps away.
//
// What is read may be anything: it is bounded, opened as a plain file or not at
// all, and what is damaged is passed over or told, and harms nothing else.
package drafts

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// Draft is what somebody was composing.
type Draft struct {
	Pod   spec.Pod `json:"pod"`
	Typed *Typed   `json:"typed,omitempty"` // a field that was being typed into

	Marks map[string]bool `json:"marks,omitempty"` // variables that somebody has said of whether they are secret
}

// Typed is a field with what stands in it, which need not be anything that a pod
// can hold. The text is bytes, because JSON would change some.
type Typed struct {
	Section []byte   `json:"section"` // of the form, by its name there
	Field   []byte   `json:"field"`   // in the section
	Text    []byte   `json:"text"`
	Before  spec.Pod `json:"before"` // the pod as it was before the field was opened
}

// Empty reports whether there is nothing to lose.
func (d Draft) Empty() bool { return d.Typed == nil && Blank(d.Pod) }

// Drafts is the folder, opened by one session.
type Drafts struct {
	top, open, aside, saved *folder
	patience                time.Duration // with who holds the history
	most                    int           // bytes of the history

	mu      sync.Mutex // of what follows
	session *session   // nil: nothing was kept yet, and nothing taken up
}

// The bounds of what is kept. What a command line can hold is 2 MiB.
const (
	maxDraft = 4 << 20 // of a draft or a saved pod
	maxOpen  = 100     // drafts that nobody is at, and those that were set aside
	maxSaved = 1000
)

// ErrTooLarge says that a pod is larger than what is kept.
var ErrTooLarge = errors.New("the pod is larger than 4 MiB: it can't be kept")

// Open opens the folder, and makes it if it has to. It takes nothing up.
//
// A folder that others can write is refused: what they put there would stand in
// somebody's form.
func Open(dir string) (*Drafts, error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, err
	}
	d := &Drafts{patience: 5 * time.Second, most: maxHistory}
	var err error
	if d.top, err = openFolder(unix.AT_FDCWD, dir, dir); err != nil {
		return nil, err
	}
	for name, f := range map[string]**folder{"open": &d.open, "aside": &d.aside, "saved": &d.saved} {
		if *f, err = openFolder(d.top.fd(), name, filepath.Join(dir, name)); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	return d, nil
}

// Close gives up the session. What it has kept and not dropped is there for the
// next one. Somebody may still be reading beside it, whom nobody waits for: the
// folders are closed once they are unreachable, so that no descriptor becomes another
// file's under a reader.
func (d *Drafts) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.session != nil {
		d.session.leave(d.open)
		d.session = nil
	}
	return nil
}

// Sweep removes what sessions that died have left: half-written files, and locks
// without a draft. It can be done at any time, and beside everything else.
func (d *Drafts) Sweep() error {
	var errs []error
	for _, f := range []*folder{d.top, d.open, d.aside, d.saved} {
		errs = append(errs, f.sweep())
	}
	return errors.Join(append(errs, d.sweepSessions())...)
}
