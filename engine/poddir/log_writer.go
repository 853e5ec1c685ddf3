package poddir

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// LogWriter appends an app's output to its log. Its two streams may write at
// the same time.
type LogWriter struct {
	mu      sync.Mutex
	path    string
	segment int64 // bytes that a segment may have
	file    *os.File
	number  int64 // of segments before this one
	size    int64 // of the records in this one: where the next is written
	torn    torn
	missed  int64 // bytes of output that could not be written, which the log doesn't tell yet
	why     error
	head    []byte
}

// torn is a record of which only a part could be written, and whose header doesn't
// say so yet. The zero torn is none.
type torn struct {
	at   int64
	size int
	is   bool
}

// Write appends what was read from a stream's pipe, with one write to the file.
// What can't be written is counted: as soon as writing works again, the log says
// how much is not in it, and why.
func (w *LogWriter) Write(at time.Time, stream string, p []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	kind := stdout
	if stream == streamNames[stderr] {
		kind = stderr
	}
	for len(p) > 0 {
		piece := p[:min(len(p), maxRecord)]
		n, err := w.put(at, kind, piece)
		p = p[n:]
		if err != nil {
			w.missed += int64(len(p))
			w.why = err
			return err
		}
	}
	return nil
}

// put writes a record, after what has to stand before it.
func (w *LogWriter) put(at time.Time, stream int, p []byte) (int, error) {
	if err := w.shorten(); err != nil {
		return 0, err
	}
	if w.size > 0 && w.size+int64(headerSize+len(p)) > w.segment {
		if err := w.rotate(); err != nil {
			return 0, err
		}
	}
	if w.size == 0 && w.number > 0 {
		if err := w.note(at, rotate, fmt.Append(nil, w.number)); err != nil {
			return 0, err
		}
	}
	if err := w.tellMissed(at); err != nil {
		return 0, err
	}
	return w.append(at, stream, p)
}

// append writes a record, and reports how much of p is in it.
func (w *LogWriter) append(at time.Time, stream int, p []byte) (int, error) {
	w.head = appendHeader(w.head[:0], at, stream, len(p))
	n, err := writeAt(w.file, w.size, w.head, p)
	if n < headerSize { // what there is of it, the next record is written over
		return 0, err
	}
	n -= headerSize
	if n < len(p) {
		w.torn = torn{at: w.size, size: n, is: true}
		_ = w.shorten() // tried again before anything is written behind it
	}
	w.size += int64(headerSize + n)
	return n, err
}

// shorten lets a torn record's header say how much there is of it.
func (w *LogWriter) shorten() error {
	if !w.torn.is {
		return nil
	}
	_, err := w.file.WriteAt(appendSize(nil, w.torn.size), w.torn.at+int64(sizeAt))
	if err == nil {
		w.torn = torn{}
	}
	return err
}

// note writes a record of podtui's own, wholly or not at all: readers take no part
// of one, and the next try is written over it.
func (w *LogWriter) note(at time.Time, stream int, text []byte) error {
	w.head = append(appendHeader(w.head[:0], at, stream, len(text)), text...)
	n, err := writeAt(w.file, w.size, w.head, nil)
	if err == nil {
		w.size += int64(n)
	}
	return err
}

func (w *LogWriter) tellMissed(at time.Time) error {
	if w.missed == 0 {
		return nil
	}
	why := w.why.Error()
	var number syscall.Errno
	if errors.As(w.why, &number) {
		why = number.Error()
	}
	text := fmt.Appendf(nil, "%d bytes of output could not be written: %s", w.missed, why)
	if err := w.note(at, lost, text[:min(len(text), maxNote)]); err != nil {
		return err
	}
	w.missed, w.why = 0, nil
	return nil
}

// rotate makes the segment the older one, and begins another. The one that was the
// older one goes in between, and with it what may be needed to write the first
// byte of the other. A crash in there leaves no segment to write to, and no harm.
func (w *LogWriter) rotate() error {
	file, err := openSegment(w.path+newSuffix, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	if err := ignoreMissing(os.Rename(w.path, w.path+olderSuffix)); err != nil {
		file.Close()
		return err
	}
	if err := os.Rename(w.path+newSuffix, w.path); err != nil {
		file.Close()
		return err
	}
	w.file.Close()
	w.file, w.size = file, 0
	w.number++
	return nil
}

// Close closes the log.
func (w *LogWriter) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.shorten() == nil {
		_ = w.tellMissed(time.Now())
	}
	return w.file.Close()
}

// writeAt writes two pieces one behind the other, without making them one. It
// returns how much was written of both.
func writeAt(file *os.File, at int64, head, p []byte) (n int, err error) {
	for n < len(head)+len(p) {
		pieces := [][]byte{head[min(n, len(head)):], p[max(n-len(head), 0):]}
		wrote, err := unix.Pwritev(int(file.Fd()), pieces, at+int64(n))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return n, os.NewSyscallError("pwritev", err)
		}
		n += wrote
	}
	return n, nil
}
