package unpack

import (
	"encoding/binary"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// waiting are the folders that wait for Finish, in the order they came. A few
// hundred stay in memory; of more the earlier ones go into a file, in blocks
// that are read one at a time, in either direction.
type waiting struct {
	scratch string
	file    *os.File
	block   []byte   // not in the file yet
	blocks  []extent // in the file
	end     int64
}

type extent struct {
	offset int64
	length int
}

const blockSize = 64 << 10

// add adds a folder; an implied one has no attributes.
func (w *waiting) add(path string, a *attributes) error {
	if len(w.block) >= blockSize {
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.block = appendText(w.block, path)
	if a == nil {
		w.block = append(w.block, 0)
		return nil
	}
	w.block = append(w.block, 1)
	w.block = appendText(w.block, a.entry)
	for _, n := range []int64{
		int64(a.mode), int64(a.uid), int64(a.gid),
		a.times[0].Sec, a.times[0].Nsec, a.times[1].Sec, a.times[1].Nsec, int64(len(a.xattrs)),
	} {
		w.block = binary.AppendVarint(w.block, n)
	}
	for _, x := range a.xattrs {
		w.block = appendText(appendText(w.block, x.name), x.value)
	}
	return nil
}

func appendText(to []byte, s string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(s))), s...)
}

func (w *waiting) flush() (err error) {
	if w.file == nil {
		w.file, err = os.OpenFile(w.scratch, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		// Nobody else needs its name, and no crash leaves it.
		if err := os.Remove(w.scratch); err != nil {
			return err
		}
	}
	if _, err := w.file.WriteAt(w.block, w.end); err != nil {
		return err
	}
	w.blocks = append(w.blocks, extent{w.end, len(w.block)})
	w.end += int64(len(w.block))
	w.block = w.block[:0]
	return nil
}

func (w *waiting) close() {
	if w.file != nil {
		w.file.Close()
	}
}

// forward calls f with each folder. Nothing can be added any more.
func (w *waiting) forward(f func(path string, a *attributes) error) error {
	for i := range len(w.blocks) + 1 {
		block, err := w.read(i)
		if err != nil {
			return err
		}
		for len(block) > 0 {
			r := reader{block}
			path, a := r.folder()
			if err := f(path, a); err != nil {
				return err
			}
			block = r.rest
		}
	}
	return nil
}

// backward calls f with each folder, the last one first.
func (w *waiting) backward(f func(path string, a *attributes) error) error {
	for i := len(w.blocks); i >= 0; i-- {
		block, err := w.read(i)
		if err != nil {
			return err
		}
		var starts [][]byte
		for r := (reader{block}); len(r.rest) > 0; r.folder() {
			starts = append(starts, r.rest)
		}
		for _, start := range slices.Backward(starts) {
			r := reader{start}
			if err := f(r.folder()); err != nil {
				return err
			}
		}
	}
	return nil
}

// read returns a block; the one after those in the file is the one in memory.
func (w *waiting) read(i int) ([]byte, error) {
	if i == len(w.blocks) {
		return w.block, nil
	}
	block := make([]byte, w.blocks[i].length)
	_, err := w.file.ReadAt(block, w.blocks[i].offset)
	return block, err
}

// reader takes a block apart. It is our own, and no file anybody can reach.
type reader struct{ rest []byte }

func (r *reader) folder() (path string, a *attributes) {
	path = r.text()
	is := r.rest[0]
	r.rest = r.rest[1:]
	if is == 0 {
		return path, nil
	}
	a = &attributes{entry: r.text()}
	a.mode, a.uid, a.gid = uint32(r.number()), int(r.number()), int(r.number())
	for i := range a.times {
		a.times[i] = unix.Timespec{Sec: r.number(), Nsec: r.number()}
	}
	a.xattrs = make([]xattr, r.number())
	for i := range a.xattrs {
		a.xattrs[i] = xattr{r.text(), r.text()}
	}
	return path, a
}

func (r *reader) text() string {
	n, k := binary.Uvarint(r.rest)
	s := string(r.rest[k : k+int(n)])
	r.rest = r.rest[k+int(n):]
	return s
}

func (r *reader) number() int64 {
	n, k := binary.Varint(r.rest)
	r.rest = r.rest[k:]
	return n
}
