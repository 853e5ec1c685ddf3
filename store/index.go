package store

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// The index holds one line for each image:
//
//	CRC ID TIME SIZE NAME =VERIFIED =KEY =PIN =DEPENDENT LABEL=VALUE …
//
// separated by tabs, the time in nanoseconds since 1970, values escaped as in
// a URL, the CRC-32 of what follows it in hex. Who verified the image stands
// there like the value of a label without a name, if anybody did, and after it
// by which key or approved pin, as far as there is one, and a mark if it depends
// on other images. An older line has none of the three: a listing takes its image
// for one without dependencies, and without anybody who still vouches for it,
// until GC has made the line anew. An image's line is durable before the image exists, so the index misses none; it may
// have lines of images that are gone, which its readers therefore check. Lines
// are only ever appended, under the commit lock, and GC writes the whole anew.
// Of several lines of an image the last counts: it was removed and came again,
// or was verified later. A line that a crash tore fails its checksum and is
// passed over: its image was never there, or is not yet told to be verified.
//
// A listing that finds the index to be exactly what is in images seals it: it
// gives the file a time that lies a decade before images was changed last. While
// that holds nothing was added or removed by anybody, and one file tells all.

// addToIndex appends the lines of images. The commit lock must be held.
func (s *Store) addToIndex(entries ...Entry) error {
	f, err := os.OpenFile(s.path(indexFile), os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	var lines []byte
	if torn(f) {
		lines = append(lines, '\n')
	}
	for _, e := range entries {
		lines = appendLine(lines, e)
	}
	if _, err := f.Write(lines); err != nil {
		return err
	}
	return f.Sync()
}

// torn reports whether the last line has no end.
func torn(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return err != nil || last[0] != '\n'
}

// compactIndex writes the index anew, with the given images, unless it is just
// that: then it stays sealed. The commit lock must be held.
func (s *Store) compactIndex(entries []Entry) error {
	var lines []byte
	for _, e := range entries {
		lines = appendLine(lines, e)
	}
	if there, err := os.ReadFile(s.path(indexFile)); err == nil && bytes.Equal(there, lines) {
		return nil
	}
	return s.replace(s.path(indexFile), lines)
}

// dependentMark stands in the line of an image that depends on others.
const dependentMark = "dependent"

func appendLine(to []byte, e Entry) []byte {
	line := fmt.Sprintf("%s\t%d\t%d\t%s", e.ID, e.Imported.UnixNano(), e.Size, e.Name)
	said := []string{e.VerifiedBy, e.VerifiedKey, e.VerifiedPin, ""}
	if e.Dependent {
		said[3] = dependentMark
	}
	for len(said) > 0 && said[len(said)-1] == "" {
		said = said[:len(said)-1]
	}
	for _, s := range said {
		line += "\t=" + url.QueryEscape(s)
	}
	if e.labels != "" {
		line += "\t" + e.labels
	}
	return fmt.Appendf(to, "%08x\t%s\n", crc32.ChecksumIEEE([]byte(line)), line)
}

// readIndex returns the entries whose lines hold text, which spares taking the
// others apart; "" stands for all. They may be of images that are gone, and of
// an image that was there before the last one counts.
func (s *Store) readIndex(text string) ([]Entry, error) {
	entries, _, err := s.readLines(text)
	return entries, err
}

// readLines also counts the lines that are not what was written.
func (s *Store) readLines(text string) (entries []Entry, bad int, err error) {
	f, err := os.Open(s.path(indexFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && text == "" && info.Size() > bigIndex {
		return readHalves(f, info.Size())
	}
	return appendEntries(nil, f, text)
}

const (
	usualLine = 200       // about how many bytes a line has: 160 and the labels
	bigIndex  = 256 << 10 // from so many bytes on two can read it sooner than one
)

// readHalves takes the two halves of a big index apart side by side.
func readHalves(f io.ReaderAt, size int64) (entries []Entry, bad int, err error) {
	middle, err := lineAfter(f, size/2, size)
	if err != nil {
		return nil, 0, err
	}
	var second []Entry
	var badToo int
	var g errgroup.Group
	g.Go(func() (err error) {
		room := make([]Entry, 0, (size-middle)/usualLine)
		second, badToo, err = appendEntries(room, io.NewSectionReader(f, middle, size-middle), "")
		return err
	})
	g.Go(func() (err error) {
		room := make([]Entry, 0, size/usualLine) // for both
		entries, bad, err = appendEntries(room, io.NewSectionReader(f, 0, middle), "")
		return err
	})
	err = g.Wait()
	return append(entries, second...), bad + badToo, err
}

// lineAfter finds where a line begins, at an offset or after it.
func lineAfter(f io.ReaderAt, at, size int64) (int64, error) {
	piece := make([]byte, 4<<10)
	for at < size {
		n, err := f.ReadAt(piece, at)
		if i := bytes.IndexByte(piece[:n], '\n'); i >= 0 {
			return min(at+int64(i)+1, size), nil
		}
		if err != nil && err != io.EOF {
			return 0, err
		}
		if n == 0 {
			break
		}
		at += int64(n)
	}
	return size, nil
}

// appendEntries reads in pieces that stay in the processor's cache: a start
// looks for one of ten thousand lines, and fresh memory for all of them would
// cost more than the search.
func appendEntries(entries []Entry, r io.Reader, text string) (all []Entry, bad int, err error) {
	piece := make([]byte, 128<<10)
	var p lineParser
	for have := 0; ; {
		n, err := r.Read(piece[have:])
		have += n
		whole := bytes.LastIndexByte(piece[:have], '\n') + 1
		for line, same := range linesWith(piece[:whole], text) {
			if e, ok := p.parse(line, same); ok {
				entries = append(entries, e)
			} else {
				bad++
			}
		}
		have = copy(piece, piece[whole:have])
		if have == len(piece) { // a line that is longer
			piece = append(piece, make([]byte, len(piece))...)
		}
		if err == io.EOF {
			if have > 0 { // a crash tore it
				bad++
			}
			return entries, bad, nil
		}
		if err != nil {
			return nil, 0, err
		}
	}
}

// linesWith goes through the whole lines of data that hold text, and gives each
// as a string as well. If that is all of them they share one: a copy for each of
// ten thousand would cost more than to take them apart.
func linesWith(data []byte, text string) iter.Seq2[[]byte, string] {
	return func(yield func([]byte, string) bool) {
		all := ""
		if text == "" {
			all = string(data)
		}
		for at := 0; at < len(data); {
			i := bytes.Index(data[at:], []byte(text))
			if i < 0 {
				return
			}
			start := bytes.LastIndexByte(data[:at+i], '\n') + 1
			length := bytes.IndexByte(data[start:], '\n')
			if length < 0 {
				return
			}
			line := data[start : start+length]
			same := ""
			if text == "" {
				same = all[start : start+length]
			} else {
				same = string(line)
			}
			if !yield(line, same) {
				return
			}
			at = start + length + 1
		}
	}
}

// lineParser takes lines apart. Few keys vouch for many images: what a line before
// said is not unescaped again.
type lineParser struct{ said map[string]string }

// maxSaid bounds what is kept of that: there may be as many keys as images.
const maxSaid = 64

func (p *lineParser) unescape(s string) string {
	if !escaped(s) {
		return s
	}
	if value, ok := p.said[s]; ok {
		return value
	}
	value := unescape(s)
	if p.said == nil {
		p.said = make(map[string]string)
	}
	if len(p.said) < maxSaid {
		p.said[s] = value
	}
	return value
}

// parse takes a line apart, without its newline. It is given twice, as what is
// summed and as what the entry is made part of.
func (p *lineParser) parse(line []byte, same string) (e Entry, ok bool) {
	sum, rest, _ := strings.Cut(same, "\t")
	if crc, err := strconv.ParseUint(sum, 16, 32); err != nil || len(line) == len(sum) || uint32(crc) != crc32.ChecksumIEEE(line[len(sum)+1:]) {
		return e, false
	}
	var nanos, size string
	e.ID, rest, _ = strings.Cut(rest, "\t")
	nanos, rest, _ = strings.Cut(rest, "\t")
	size, rest, ok = strings.Cut(rest, "\t")
	e.Name, e.labels, _ = strings.Cut(rest, "\t")
	if strings.HasPrefix(e.labels, "=") {
		e.VerifiedBy = p.unescape(e.said())
		e.VerifiedKey = p.unescape(e.said())
		e.VerifiedPin = p.unescape(e.said())
		e.Dependent = e.said() != ""
	}
	at, err1 := strconv.ParseInt(nanos, 10, 64)
	n, err2 := strconv.ParseInt(size, 10, 64)
	e.Imported, e.Size = time.Unix(0, at), n
	return e, ok && err1 == nil && err2 == nil
}

// said takes what has no name from before the labels, or "".
func (e *Entry) said() (escaped string) {
	escaped, is := strings.CutPrefix(e.labels, "=")
	if !is {
		return ""
	}
	escaped, e.labels, _ = strings.Cut(escaped, "\t")
	return escaped
}
