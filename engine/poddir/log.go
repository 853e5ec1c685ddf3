package poddir

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// An app's log is what was read from the app's pipes, a record a read: a header
// of fixed width, and as many bytes as it says, as they came.
//
//	@2026-11-26T02:21:59.123456789Z stdout 0000000011
//	some output@2026-11-26T02:21:59.123500000Z stdout 0000000011
//	 goes on
//
// Nothing that an app writes can forge a record, because nobody looks for the next
// one but behind the last. A line's time is that of the read its first byte came
// with. A record a line would cost an app that writes short lines twenty times
// what it writes.
//
// There is one writer, which knows where it is in the file; a record that could be
// written only in part is shortened where it stands. Readers look at no byte
// beyond the size that the file had before they read the header in front of it:
// so it doesn't matter when that happens.
const (
	stdout = iota
	stderr
	lost   // text of podtui's own: what is not in the log, and why
	rotate // the first of a segment that has others before it: how many
)

// streamNames are as wide as in a header.
var streamNames = [...]string{stdout: "stdout", stderr: "stderr", lost: "lost  ", rotate: "rotate"}

// segmentSize bounds a log: the segment that is written, and the one before it,
// are all that is kept of an app's output.
const segmentSize = 64 << 20

const (
	maxRecord  = 1 << 20         // bytes of output in a record
	maxNote    = 256             // bytes of text in a record of podtui's own
	maxSegment = 4 * segmentSize // what is behind that in a file nobody of us has written
)

// The segment before the one that is written, and the one after it while it is
// made. No app's name has a dot.
const (
	olderSuffix = ".older"
	newSuffix   = ".new"
)

const (
	lostStream  = "lost"
	rotatedText = "earlier lines were rotated away"
)

// Lost reports whether the line is no output of its app, but stands where some is
// not kept, and says why.
func (l LogLine) Lost() bool { return l.Stream == lostStream }

// logPath is where an app's log is. The name may come from a pod's folder, which
// strangers may have written.
func (d *Dir) logPath(app string) (string, error) {
	if app == "" || app == "." || app == ".." || filepath.Base(app) != app {
		return "", fmt.Errorf("log of app %q: %w", app, fs.ErrInvalid)
	}
	return d.file(logsDir, app), nil
}

// openSegment opens what must be a file: no link that leads elsewhere, and nothing
// that lets who opens it wait.
func openSegment(path string, flags int) (*os.File, error) {
	file, err := os.OpenFile(path, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &os.PathError{Op: "open", Path: path, Err: fmt.Errorf("a log is a file: %w", fs.ErrInvalid)}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
