package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Turn is the right to work on something, such as fetching one reference, while
// all others who want the same wait. It ends with its process.
type Turn struct {
	dir    string
	lock   *os.File
	waited bool
	closed bool
}

const (
	noteFile = "note"
	maxNote  = 64 << 10
)

// Turn waits for the turn of key, which is any string. Waiting, which may be
// nil, is called about ten times a second while somebody else has it, with what
// that one has told whenever it is something new; before that, with nil, once.
func (s *Store) Turn(ctx context.Context, key string, waiting func(note []byte)) (*Turn, error) {
	if err := s.subfolder(turnsDir); err != nil {
		return nil, fmt.Errorf("waiting for a turn: %w", err)
	}
	t := &Turn{dir: s.path(turnsDir, keyName(key))}
	var last []byte
	lock, err := hold(ctx, t.dir, func() {
		note, _ := os.ReadFile(filepath.Join(t.dir, noteFile)) // none yet
		if waiting != nil && (!t.waited || !bytes.Equal(note, last)) {
			waiting(note)
		}
		t.waited, last = true, note
	})
	if err != nil {
		return nil, fmt.Errorf("waiting for a turn: %w", err)
	}
	t.lock = lock
	at(turnTaken)
	// What somebody who died has told is nobody's news.
	if err := os.Remove(filepath.Join(t.dir, noteFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, also(err, t.Close())
	}
	return t, nil
}

// Tell leaves a note for those who wait, in place of the last one.
func (t *Turn) Tell(note []byte) error {
	if len(note) > maxNote {
		return fmt.Errorf("a note of %d bytes: at most %d", len(note), maxNote)
	}
	err := overwrite(filepath.Join(t.dir, noteFile), note)
	at(turnTold)
	return err
}

// Waited reports whether somebody else had the turn before.
func (t *Turn) Waited() bool { return t.waited }

// Close gives the turn to the next.
func (t *Turn) Close() error {
	if t.closed {
		return nil
	}
	t.closed = true
	return also(os.RemoveAll(t.dir), t.lock.Close())
}

// overwrite replaces a file whole, for readers of this moment. Only one process
// at a time may do so. It is not made durable.
func overwrite(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// overwriteDurably is overwrite for what must outlast a power cut.
func overwriteDurably(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	if err := fsyncPath(path + ".new"); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return fsyncPath(filepath.Dir(path))
}
