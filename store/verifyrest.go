package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// VerifyRest tells what is damaged of what belongs to no image: the version, the
// index, remembered references, and what is known of partial downloads. None of
// it costs an image anything: GC mends the index, the rest is asked for again.
func (s *Store) VerifyRest(ctx context.Context) ([]Damage, error) {
	v := &verifier{s: s, found: make(map[damaged][]string)}
	if err := s.checkVersion(); err != nil {
		v.add("", versionFile, reason(err))
	}
	if err := v.index(); err != nil {
		return nil, err
	}
	for _, dir := range []struct {
		name, file string
		check      func(name, path string) error
	}{
		{rememberDir, "", checkRemembered},
		{partialDir, aboutFile, checkPartial},
	} {
		names, err := readNames(s.path(dir.name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			err := dir.check(name, s.path(dir.name, name))
			if err != nil && !errors.Is(err, fs.ErrNotExist) { // it went meanwhile
				v.add("", filepath.Join(dir.name, name, dir.file), reason(err))
			}
		}
	}
	return v.damages(), nil
}

func (s *Store) checkVersion() error {
	version, err := s.format()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(s.path(versionFile))
	if err == nil && !bytes.Equal(text, fmt.Appendln(nil, version)) {
		err = errors.New("is not what was written")
	}
	return err
}

// maxLine bounds a line of the index: it has the labels of a manifest, and escaping
// makes three bytes of one; and beside them an ID, a name and a time.
const maxLine = 4 * maxManifest

// index names the lines that are not what was written.
func (v *verifier) index() error {
	f, err := os.Open(v.s.path(indexFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		if _, ok := new(lineParser).parse(lines.Bytes(), lines.Text()); !ok {
			v.add("", indexFile, fmt.Sprintf("has a line %d that is not what was written", n))
		}
	}
	if err := lines.Err(); err != nil {
		v.add("", indexFile, "has a line that does not end")
	}
	return nil
}

func checkRemembered(name, path string) error {
	r, err := readRemembered(path)
	if err == nil && keyName(r.Reference) != name {
		err = errors.New("belongs to another reference")
	}
	return err
}

func checkPartial(name, path string) error {
	a, err := readPartialAbout(path)
	if err == nil && keyName(a.Key) != name {
		err = errors.New("belongs to another download")
	}
	return err
}
