package store

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/podtui/podtui/store/seal"
)

// Remembered is what a reference led to when it was last looked up, so that the
// next look can ask whether it still does. That the image is still here it does
// not say.
type Remembered struct {
	Reference    string        `json:"reference"`
	ID           string        `json:"id"`
	ETag         string        `json:"etag,omitempty"`
	LastModified string        `json:"lastModified,omitempty"`
	URL          string        `json:"url,omitempty"`
	Digest       string        `json:"digest,omitempty"`
	Checked      time.Time     `json:"checked"`
	FreshFor     time.Duration `json:"freshFor,omitempty"`
}

const rememberHead = "podtui reference 1 sha256-"

// maxRemembered bounds the file: a reference and a URL, and what a server says
// of itself.
const maxRemembered = 256 << 10

// Remember keeps what a reference led to, in place of what it led to before. It
// is not made durable: what a power cut takes or tears is asked for again.
func (s *Store) Remember(r Remembered) (err error) {
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if len(body) > maxRemembered {
		return errors.New("what is to be remembered of a reference is too long")
	}
	if err := s.subfolder(rememberDir); err != nil {
		return err
	}
	st, err := s.stage()
	if err != nil {
		return err
	}
	defer func() { err = also(err, st.discard()) }()
	draft := filepath.Join(st.dir, "reference")
	if err := os.WriteFile(draft, seal.Seal(rememberHead, body), 0o600); err != nil {
		return err
	}
	at(remembering)
	return os.Rename(draft, s.path(rememberDir, keyName(r.Reference)))
}

// Recall returns what is remembered of a reference. Ok is false if nothing is,
// or nothing that can be read.
func (s *Store) Recall(reference string) (r Remembered, ok bool, err error) {
	r, err = readRemembered(s.path(rememberDir, keyName(reference)))
	var damaged *damagedFile
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &damaged) {
		return Remembered{}, false, nil
	}
	return r, err == nil && r.Reference == reference, err
}

// damagedFile is a small file of the store that is not what was written.
type damagedFile struct{ what string }

func (e *damagedFile) Error() string { return e.what }

func readRemembered(path string) (r Remembered, err error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	body, err := seal.Open(rememberHead, file)
	if err == nil {
		err = json.Unmarshal(body, &r)
	}
	if err != nil {
		return r, &damagedFile{err.Error()}
	}
	return r, nil
}
