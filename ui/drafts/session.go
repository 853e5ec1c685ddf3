package drafts

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
)

const (
	draftEnd = ".json"
	lockEnd  = ".lock"
)

// session is whose draft is which. It holds its lock as long as it lives.
type session struct {
	id   string
	lock *os.File
	last []byte // what was kept last; nil: nothing
}

// leave gives the session up, and its lock's file with it if there is no draft.
func (s *session) leave(open *folder) {
	if s.last == nil {
		_ = open.remove(s.id + lockEnd)
	}
	release(s.lock)
}

// TakeUp goes on with the newest draft that nobody is at: of a session that was
// left, or died. From now on it is this session's. One that can't be read stays
// where it is.
func (d *Drafts) TakeUp() (draft Draft, kept time.Time, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.session != nil {
		return Draft{}, time.Time{}, false
	}
	for _, w := range d.drafts(d.open) {
		s := d.claim(w.id)
		if s == nil {
			continue
		}
		data, draft, err := d.open.draft(w.id)
		if err == nil && !draft.Empty() {
			s.last, d.session = data, s
			return draft, w.at, true
		}
		release(s.lock)
	}
	return Draft{}, time.Time{}, false
}

// claim makes a draft of somebody who is gone ours, or returns nil.
func (d *Drafts) claim(id string) *session {
	lock, err := d.open.file(id+lockEnd, unix.O_RDWR|unix.O_CREAT)
	if err != nil {
		return nil
	}
	if !hold(lock) {
		lock.Close()
		return nil
	}
	return &session{id: id, lock: lock}
}

// begin begins a session of our own.
func (d *Drafts) begin() error {
	for d.session == nil {
		id := strings.ToLower(rand.Text())
		lock, err := d.open.file(id+lockEnd, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL)
		if err != nil {
			return err
		}
		if hold(lock) {
			d.session = &session{id: id, lock: lock}
		} else {
			lock.Close() // swept before it was locked
		}
	}
	crash.Here("draft begun") // a lock without a draft, for whoever sweeps
	d.bound(d.open)
	return nil
}

// Keep makes a draft this session's. What is the same already is not written.
func (d *Drafts) Keep(draft Draft) error {
	data, err := encode(draft)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.session == nil {
		if err := d.begin(); err != nil {
			return err
		}
	}
	if bytes.Equal(data, d.session.last) {
		return nil
	}
	if err := d.open.put(d.session.id+draftEnd, data, true, true); err != nil {
		return err
	}
	d.session.last = data
	return nil
}

// Drop has nothing to go on with: the draft was run, or there is none any more.
func (d *Drafts) Drop() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.session == nil || d.session.last == nil {
		return nil
	}
	if err := d.open.remove(d.session.id + draftEnd); err != nil {
		return err
	}
	d.session.last = nil
	crash.Here("draft dropped") // its lock is there
	return nil
}

func encode(draft Draft) ([]byte, error) {
	data, err := json.Marshal(draft)
	if err == nil && len(data) > maxDraft {
		err = ErrTooLarge
	}
	return data, err
}

// draft reads one.
func (f *folder) draft(id string) (data []byte, draft Draft, err error) {
	data, _, err = f.read(id+draftEnd, maxDraft)
	if err == nil {
		draft, err = decode(data)
	}
	return data, draft, err
}

func decode(data []byte) (draft Draft, err error) {
	err = json.Unmarshal(data, &draft)
	return draft, err
}

// dated is a draft's ID, and when it was kept last.
type dated struct {
	id string
	at time.Time
}

// drafts lists the drafts of a folder, the newest first.
func (d *Drafts) drafts(f *folder) []dated {
	names, _ := f.names()
	var all []dated
	for _, name := range names {
		id, ok := strings.CutSuffix(name, draftEnd)
		if !ok || !validID(id) {
			continue
		}
		var s unix.Stat_t
		if unix.Fstatat(f.fd(), name, &s, unix.AT_SYMLINK_NOFOLLOW) == nil && s.Mode&unix.S_IFMT == unix.S_IFREG {
			all = append(all, dated{id, time.Unix(s.Mtim.Unix())})
		}
	}
	slices.SortFunc(all, func(a, b dated) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.id, b.id)) })
	return all
}

// validID takes what names of sessions are made of.
func validID(id string) bool {
	return len(id) > 0 && len(id) <= 64 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// bound removes the oldest drafts that nobody is at, where there are too many.
func (d *Drafts) bound(f *folder) {
	all := d.drafts(f)
	for _, w := range all[min(len(all), maxOpen):] {
		_ = d.discard(f, w.id, w.at)
	}
}

// discard removes a draft that nobody is at and that is as it was then, or says that
// it isn't so.
func (d *Drafts) discard(f *folder, id string, then time.Time) error {
	if f == d.open {
		s := d.claim(id)
		if s == nil {
			return ErrLive
		}
		defer s.leave(f)
	}
	if err := f.unchanged(id+draftEnd, then); err != nil {
		return err
	}
	return f.remove(id + draftEnd)
}

// sweepSessions removes locks that nobody holds and that have no draft.
func (d *Drafts) sweepSessions() error {
	names, err := d.open.names()
	there := map[string]bool{}
	for _, name := range names {
		there[name] = true
	}
	for _, name := range names {
		id, ok := strings.CutSuffix(name, lockEnd)
		if !ok || !validID(id) || there[id+draftEnd] {
			continue
		}
		d.sweepLock(id)
	}
	return err
}

func (d *Drafts) sweepLock(id string) {
	lock, err := d.open.file(id+lockEnd, unix.O_RDWR)
	if err != nil {
		return
	}
	defer release(lock)
	if !hold(lock) {
		return
	}
	if unix.Faccessat(d.open.fd(), id+draftEnd, unix.F_OK, unix.AT_SYMLINK_NOFOLLOW) != nil { // kept meanwhile, and left
		_ = d.open.remove(id + lockEnd)
	}
}
