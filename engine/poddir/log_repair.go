package poddir

import (
	"errors"
	"io/fs"
	"os"
)

// CreateLog begins an app's log, or goes on with the one that is there. What a
// writer that was killed has left of a record stays, and is one.
func (d *Dir) CreateLog(app string) (*LogWriter, error) {
	path, err := d.logPath(app)
	if err != nil {
		return nil, err
	}
	file, err := openSegment(path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	w := &LogWriter{path: path, segment: segmentSize, file: file}
	if size(file) > 0 {
		w.resume()
	} else {
		w.number = after(path + olderSuffix)
	}
	return w, nil
}

// after is the number of a segment that comes after the one at path, if there is
// any.
func after(path string) int64 {
	file, err := openSegment(path, os.O_RDONLY)
	if err != nil {
		return 0
	}
	defer file.Close()
	return newSegment(file).number + 1
}

// resume finds the end of the last record. A file that has anything but records is
// left behind as it is.
func (w *LogWriter) resume() {
	s := newSegment(w.file)
	for s.next() && s.skip() {
	}
	w.number, w.size = s.number, s.off
	switch {
	case s.junk > 0 || s.limit == maxSegment:
		w.size = maxSegment
	case s.left > 0:
		w.torn = torn{at: s.from, size: int(s.limit - s.off), is: true}
		w.size = s.limit
		_ = w.shorten() // tried again with the first write
	}
}

func size(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
