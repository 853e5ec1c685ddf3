package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What was moved aside is another file than the record says: better no layer
// than a record of no tar.
func TestReplacedFileOfAnotherLengthIsAnError(t *testing.T) {
	t.Parallel()
	for content, ok := range map[string]bool{"": false, "1234567": false, "12345678": true, "123456789": false} {
		dir := t.TempDir()
		var record bytes.Buffer
		w, err := newSkeletonWriter(&record)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.file("a", 8), w.close(),
			os.WriteFile(filepath.Join(dir, archiveFile), record.Bytes(), 0o600),
			os.MkdirAll(filepath.Join(dir, asideDir), 0o700),
			os.WriteFile(filepath.Join(dir, asideDir, "1"), []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
		var m moves
		m.add("a", 1)
		if err := m.settle(dir); (err == nil) != ok {
			t.Errorf("%d bytes instead of 8: %v", len(content), err)
		} else if !ok && !strings.Contains(err.Error(), `"a", which was replaced, is not the file of 8 bytes`) {
			t.Error(err)
		}
	}
}
