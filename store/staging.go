package store

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// staging is a private folder in tmp, for work that is not visible yet or no
// more. The lock on it tells GC that somebody is still at it.
type staging struct {
	dir  string
	lock *os.File // the folder itself
}

// stage makes a private folder. No collection sees it before it is locked, or
// it would take it for one whose owner died.
func (s *Store) stage() (*staging, error) {
	done, err := s.births(unix.LOCK_SH)
	if err != nil {
		return nil, err
	}
	defer done()
	dir := s.path(tmpDir, rand.Text())
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	at(staged)
	st, err := claim(dir)
	if err != nil {
		os.Remove(dir)
		return nil, err
	}
	return st, nil
}

// births locks the moment between the making of a private folder and its lock:
// shared by those who make one, exclusive to who looks for those without.
func (s *Store) births(how int) (done func(), err error) {
	tmp, err := os.Open(s.path(tmpDir))
	if err != nil {
		return nil, err
	}
	if err := flock(int(tmp.Fd()), how); err != nil {
		tmp.Close()
		return nil, &os.PathError{Op: "lock", Path: tmp.Name(), Err: err}
	}
	return func() { tmp.Close() }, nil
}

// claimDead is claim for the folder of an owner who may have died.
func (s *Store) claimDead(dir string) (*staging, error) {
	done, err := s.births(unix.LOCK_EX)
	if err != nil {
		return nil, err
	}
	defer done()
	return claim(dir)
}

var errClaimed = errors.New("somebody works in this folder")

// claim locks a folder in tmp, or returns errClaimed at once if its owner
// lives, or fs.ErrNotExist if it went away meanwhile.
func claim(dir string) (*staging, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	err = flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == unix.EWOULDBLOCK {
		err = errClaimed
	}
	if err == nil {
		// Whoever held the lock before may have removed the folder: then the
		// lock is one on nothing.
		_, err = os.Lstat(dir)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &staging{dir: dir, lock: f}, nil
}

// The record of an image to be, and its layers by their IDs, in its folder.
func (st *staging) record() string         { return filepath.Join(st.dir, "record") }
func (st *staging) layer(id string) string { return filepath.Join(st.dir, layersDir, id) }

// takeLayer makes a folder that was filled in the private one a layer of it.
func (st *staging) takeLayer(id, work string) error {
	if err := os.Mkdir(filepath.Join(st.dir, layersDir), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(work, st.layer(id))
}

// layer is the folder of a layer: the one in a private folder, if it was made
// there and is not published, or the store's.
func (s *Store) layer(st *staging, id string) string {
	if own := st.layer(id); exists(own) {
		return own
	}
	return s.path(layersDir, id)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// discard removes the folder with all that is still in it, then lets it go.
func (st *staging) discard() error {
	err := os.RemoveAll(st.dir)
	return also(err, st.lock.Close())
}

// sync makes everything in the folder durable, in one go: a sync for each of
// thousands of files would cost more than unpacking them.
func (st *staging) sync() error {
	return os.NewSyscallError("syncfs", unix.Syncfs(int(st.lock.Fd())))
}

// replace writes a file whole or not at all, durably. The new content waits in
// a private folder, where GC finds it if this process dies.
func (s *Store) replace(path string, content []byte) (err error) {
	st, err := s.stage()
	if err != nil {
		return err
	}
	defer func() { err = also(err, st.discard()) }()
	draft := filepath.Join(st.dir, filepath.Base(path))
	if err := os.WriteFile(draft, content, 0o600); err != nil {
		return err
	}
	if err := fsyncPath(draft); err != nil {
		return err
	}
	if err := os.Rename(draft, path); err != nil {
		return err
	}
	return fsyncPath(filepath.Dir(path))
}
