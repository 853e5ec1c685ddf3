package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/podtui/podtui/store/seal"
)

// Validator is what a server said of what is being downloaded, by which it can
// be asked later whether it is still the same.
type Validator struct {
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"lastModified,omitempty"`
	Total        int64  `json:"total,omitempty"` // bytes; 0: not known
	URL          string `json:"url,omitempty"`
}

// Partial is a download that is kept on disk, so that it can go on after a cut,
// in this process or another. One process has it at a time; in that process one
// goroutine writes, and any number read what has come.
type Partial struct {
	dir    string
	lock   *os.File
	data   *os.File
	closed bool

	mu        sync.Mutex
	about     partialAbout
	size      int64
	restarts  int
	finished  bool
	finishErr error
	news      chan struct{} // closed and replaced whenever one of these changes
}

// partialAbout is a partial download's own file, sealed. Durable is how many
// bytes are on the disk whatever happens. Those after them came in this boot of
// the machine, and count for nothing in another.
type partialAbout struct {
	Key       string    `json:"key"`
	Durable   int64     `json:"durable,omitempty"`
	Boot      string    `json:"boot,omitempty"`
	Validator Validator `json:"validator"`
}

const (
	dataFile     = "data" // in a partial download, beside its about
	partialHead  = "podtui download 1 sha256-"
	maxValidator = 64 << 10
)

// Partial opens the download with this key, which is any string, or begins it.
// While another process has it, waiting, which may be nil, is called about ten
// times a second with how far that one is; total is 0 if it is not known.
func (s *Store) Partial(ctx context.Context, key string, waiting func(bytes, total int64)) (*Partial, error) {
	if err := s.subfolder(partialDir); err != nil {
		return nil, fmt.Errorf("partial download: %w", err)
	}
	dir := s.path(partialDir, keyName(key))
	lock, err := hold(ctx, dir, func() {
		if waiting != nil {
			waiting(progressOf(dir))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("partial download: %w", err)
	}
	p := &Partial{dir: dir, lock: lock, news: make(chan struct{})}
	at(partialHeld)
	if err := p.open(key); err != nil {
		return nil, fmt.Errorf("partial download: %w", also(err, lock.Close()))
	}
	return p, nil
}

// progressOf is how far somebody else is.
func progressOf(dir string) (bytes, total int64) {
	if info, err := os.Lstat(filepath.Join(dir, dataFile)); err == nil {
		bytes = info.Size()
	}
	a, _ := readPartialAbout(dir) // that can't be read: no total
	return bytes, a.Validator.Total
}

func (p *Partial) open(key string) (err error) {
	p.data, err = os.OpenFile(filepath.Join(p.dir, dataFile), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if err := p.goOn(key); err != nil {
		return also(err, p.data.Close())
	}
	return nil
}

// goOn finds out what of the data counts, and forgets the rest.
func (p *Partial) goOn(key string) error {
	info, err := p.data.Stat()
	if err != nil {
		return err
	}
	p.size = info.Size()
	p.about, err = readPartialAbout(p.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) && !isDamaged(err) {
		return err
	}
	if err != nil || p.about.Key != key { // nothing says what it is
		p.about = partialAbout{Key: key}
		return p.Restart()
	}
	durable := p.about.Durable
	if p.size == durable || p.size > durable && p.about.Boot != "" && p.about.Boot == string(bootID()) {
		return nil
	}
	if p.size < durable || durable == 0 { // less than what was sure, or nothing is
		return p.Restart()
	}
	// A power cut may have taken any of the rest.
	p.size = durable
	return p.data.Truncate(p.size)
}

func isDamaged(err error) bool {
	var damaged *damagedFile
	return errors.As(err, &damaged)
}

// Size is how many bytes have come.
func (p *Partial) Size() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.size
}

// Validator is what the server said of the bytes that are there.
func (p *Partial) Validator() Validator {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.about.Validator
}

// SetValidator keeps what the server says. It is to be called before the first
// byte is written.
func (p *Partial) SetValidator(v Validator) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.writeAbout(partialAbout{Key: p.about.Key, Durable: p.about.Durable, Boot: string(bootID()), Validator: v})
}

// writeAbout needs the mutex. Where nothing is durable yet it need not be either:
// most downloads are never cut, and gone when a sync would be done.
func (p *Partial) writeAbout(a partialAbout) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	v := a.Validator
	if len(v.ETag)+len(v.LastModified)+len(v.URL) > maxValidator {
		return fmt.Errorf("a server's ETag, Last-Modified and URL have more than %d bytes", maxValidator)
	}
	write := overwrite
	if a.Durable > 0 || p.about.Durable > 0 {
		write = overwriteDurably
	}
	if err := write(filepath.Join(p.dir, aboutFile), seal.Seal(partialHead, body)); err != nil {
		return err
	}
	p.about = a
	return nil
}

func readPartialAbout(dir string) (a partialAbout, err error) {
	file, err := os.ReadFile(filepath.Join(dir, aboutFile))
	if err != nil {
		return a, err
	}
	body, err := seal.Open(partialHead, file)
	if err == nil {
		err = json.Unmarshal(body, &a)
	}
	if err != nil {
		return a, &damagedFile{err.Error()}
	}
	return a, nil
}

// Write appends.
func (p *Partial) Write(b []byte) (int, error) {
	if err := p.soil(); err != nil {
		return 0, err
	}
	n, err := p.data.Write(b)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.size += int64(n)
	p.tell()
	return n, err
}

// soil notes, before the first byte, that what follows is not durable.
func (p *Partial) soil() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.about
	if a.Boot = string(bootID()); a == p.about {
		return nil
	}
	return p.writeAbout(a)
}

// Restart forgets what has come, and what the server said of it.
func (p *Partial) Restart() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	// The data first: a validator without bytes does no harm.
	if err := p.data.Truncate(0); err != nil {
		return err
	}
	p.size = 0
	p.restarts++
	p.tell()
	return p.writeAbout(partialAbout{Key: p.about.Key, Boot: string(bootID())})
}

// ReadAt reads what is there.
func (p *Partial) ReadAt(b []byte, off int64) (int, error) { return p.data.ReadAt(b, off) }

// Finish says that no more bytes come, because all have or for this reason.
func (p *Partial) Finish(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.finished {
		p.finished, p.finishErr = true, err
		p.tell()
	}
}

// tell wakes those who read. It needs the mutex.
func (p *Partial) tell() {
	close(p.news)
	p.news = make(chan struct{})
}

// Close keeps what has come for the next, durably.
func (p *Partial) Close() error {
	if p.closed {
		return nil
	}
	p.closed = true
	p.Finish(os.ErrClosed)
	err := p.keep()
	return also(also(err, p.data.Close()), p.lock.Close())
}

func (p *Partial) keep() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.size == 0 { // nothing that anybody could go on with
		return os.RemoveAll(p.dir)
	}
	if p.about.Durable == p.size { // nothing new
		return nil
	}
	if err := p.data.Sync(); err != nil {
		return err
	}
	a := p.about
	a.Durable, a.Boot = p.size, ""
	if err := p.writeAbout(a); err != nil {
		return err
	}
	return fsyncPath(filepath.Dir(p.dir))
}

// Remove ends the download and throws away what has come: it served its
// purpose, or is wrong.
func (p *Partial) Remove() error {
	if p.closed {
		return nil
	}
	p.closed = true
	p.Finish(os.ErrClosed)
	err := os.RemoveAll(p.dir)
	return also(also(err, p.data.Close()), p.lock.Close())
}

// DropPartial throws away what has come of a download, unless somebody has it:
// that one throws it away.
func (s *Store) DropPartial(key string) error {
	dir := s.path(partialDir, keyName(key))
	lock, err := holdThere(dir)
	if errors.Is(err, errClaimed) || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return also(os.RemoveAll(dir), lock.Close())
}
