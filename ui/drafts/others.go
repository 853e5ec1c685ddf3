package drafts

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ErrLive says that a draft is another session's, which lives.
var ErrLive = errors.New("another podtui is composing it")

// Other is a draft that is not this session's.
type Other struct {
	ID    string
	At    time.Time // when it was kept last
	Live  bool      // another session is at it
	Aside bool      // something else took its place in a form
	Draft Draft
	Err   error // why it can't be read
}

// Others lists the drafts of other sessions, and what was set aside, the newest
// first.
func (d *Drafts) Others() []Other {
	d.mu.Lock()
	own := ""
	if d.session != nil {
		own = d.session.id
	}
	d.mu.Unlock()
	var all []Other
	for _, f := range []*folder{d.open, d.aside} {
		for _, w := range d.drafts(f) {
			if f == d.open && w.id == own {
				continue
			}
			o := Other{ID: w.id, At: w.at, Aside: f == d.aside}
			_, o.Draft, o.Err = f.draft(w.id)
			o.Live = f == d.open && f.live(w.id)
			all = append(all, o)
		}
	}
	slices.SortStableFunc(all, func(a, b Other) int { return b.At.Compare(a.At) })
	return all[:min(len(all), 2*maxOpen)]
}

// live reports whether a session is at its draft.
func (f *folder) live(id string) bool {
	lock, err := f.file(id+lockEnd, unix.O_RDWR)
	if err != nil {
		return false
	}
	defer lock.Close() // it was not taken
	return held(lock)
}

// SetAside keeps what something else takes the place of, beside what the next
// session goes on with.
func (d *Drafts) SetAside(draft Draft) error {
	data, err := encode(draft)
	if err != nil {
		return err
	}
	defer d.bound(d.aside)
	return d.aside.put(strings.ToLower(rand.Text())+draftEnd, data, false, true) // what takes its place is durable, too
}

// crashed begins the names of drafts that a program ended with in a way that nobody
// wanted. IDs have no 0.
const crashed = "crashed0"

// PutAside takes this session's draft out of the way of the next one: the program has
// crashed, perhaps of it, and would again.
func (d *Drafts) PutAside() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.session == nil || d.session.last == nil {
		return nil
	}
	from, to := d.session.id+draftEnd, crashed+strings.ToLower(rand.Text())+draftEnd
	if err := unix.Renameat(d.open.fd(), from, d.aside.fd(), to); err != nil {
		return d.open.fail("rename", from, err)
	}
	d.session.last = nil
	return nil
}

// Crashed reports, once for each, whether drafts were put aside by programs that
// crashed.
func (d *Drafts) Crashed() bool {
	names, _ := d.aside.names()
	any := false
	for _, name := range names {
		if id, ok := strings.CutPrefix(name, crashed); ok && d.aside.rename(name, id, false) == nil {
			any = true
		}
	}
	return any
}

// Forget removes a draft of another session, unless that lives, or it is another than
// the one that was seen.
func (d *Drafts) Forget(o Other) error {
	if !validID(o.ID) {
		return fs.ErrInvalid
	}
	if o.Aside {
		return d.discard(d.aside, o.ID, o.At)
	}
	return d.discard(d.open, o.ID, o.At)
}
