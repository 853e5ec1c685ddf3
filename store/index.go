package store

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"iter"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/appc/spec/schema"
)

// The index holds one line for each image:
//
//	CRC ID TIME SIZE NAME LABEL=VALUE …
//
// separated by tabs, the time in nanoseconds since 1970, values escaped as in
// a URL, the CRC-32 of what follows it in hex. An image's line is durable
// before the image exists, so the index misses none; it may have lines of
// images that are gone, which its readers therefore check. Lines are only ever
// appended, under the commit lock, and GC writes the whole anew. A line that a
// crash tore fails its checksum and is passed over: its image was never there.

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

// compactIndex writes the index anew, with the given images. The commit lock
// must be held.
func (s *Store) compactIndex(entries []Entry) error {
	var lines []byte
	for _, e := range entries {
		lines = appendLine(lines, e)
	}
	return s.replace(s.path(indexFile), lines)
}

func appendLine(to []byte, e Entry) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\t%d\t%d\t%s", e.ID, e.Imported.UnixNano(), e.Size, e.Name)
	for _, label := range slices.Sorted(maps.Keys(e.Labels)) {
		fmt.Fprintf(&b, "\t%s=%s", label, url.QueryEscape(e.Labels[label]))
	}
	return fmt.Appendf(to, "%08x\t%s\n", crc32.ChecksumIEEE([]byte(b.String())), b.String())
}

// readIndex returns the entries whose lines hold text, which spares taking the
// others apart; "" stands for all. They may be of images that are gone, and of
// an image that was there before the last one counts.
func (s *Store) readIndex(text string) ([]Entry, error) {
	index, err := os.ReadFile(s.path(indexFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var entries []Entry
	for line := range linesWith(index, text) {
		if e, ok := parseLine(line); ok {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// linesWith goes through the whole lines of data that hold text.
func linesWith(data []byte, text string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(data) > 0 {
			i := bytes.Index(data, []byte(text))
			if i < 0 {
				return
			}
			start := bytes.LastIndexByte(data[:i], '\n') + 1
			length := bytes.IndexByte(data[start:], '\n')
			if length < 0 || !yield(data[start:start+length]) {
				return
			}
			data = data[start+length+1:]
		}
	}
}

// parseLine takes a line apart, without its newline.
func parseLine(line []byte) (e Entry, ok bool) {
	sum, rest, _ := bytes.Cut(line, []byte("\t"))
	if crc, err := strconv.ParseUint(string(sum), 16, 32); err != nil || uint32(crc) != crc32.ChecksumIEEE(rest) {
		return e, false
	}
	fields := strings.Split(string(rest), "\t")
	if len(fields) < 4 {
		return e, false
	}
	nanos, err1 := strconv.ParseInt(fields[1], 10, 64)
	size, err2 := strconv.ParseInt(fields[2], 10, 64)
	labels, ok := parseLabels(fields[4:])
	if err1 != nil || err2 != nil || !ok {
		return e, false
	}
	return Entry{ID: fields[0], Name: fields[3], Labels: labels, Size: size, Imported: time.Unix(0, nanos)}, true
}

func parseLabels(fields []string) (map[string]string, bool) {
	labels := make(map[string]string, len(fields))
	for _, field := range fields {
		name, value, _ := strings.Cut(field, "=")
		value, err := url.QueryUnescape(value)
		if err != nil {
			return nil, false
		}
		labels[name] = value
	}
	return labels, true
}

// entryOf makes the index's view of an image.
func entryOf(id string, size int64, imported time.Time, m *schema.ImageManifest) Entry {
	labels := make(map[string]string, len(m.Labels))
	for _, l := range m.Labels {
		labels[string(l.Name)] = l.Value
	}
	return Entry{ID: id, Name: string(m.Name), Labels: labels, Size: size, Imported: imported}
}
