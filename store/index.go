package store

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
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

// readIndex returns the entries whose line holds text, which serves to pass
// over most lines without taking them apart; "" fits all. Of an image that has
// several lines the last one counts. The entries may be of images that are gone.
func (s *Store) readIndex(text string) (map[string]Entry, error) {
	index, err := os.ReadFile(s.path(indexFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	entries := make(map[string]Entry)
	for line := range bytes.Lines(index) {
		if !bytes.Contains(line, []byte(text)) {
			continue
		}
		if e, ok := parseLine(string(line)); ok {
			entries[e.ID] = e
		}
	}
	return entries, nil
}

func parseLine(line string) (e Entry, ok bool) {
	line, whole := strings.CutSuffix(line, "\n")
	sum, line, _ := strings.Cut(line, "\t")
	if crc, err := strconv.ParseUint(sum, 16, 32); !whole || err != nil || uint32(crc) != crc32.ChecksumIEEE([]byte(line)) {
		return e, false
	}
	fields := strings.Split(line, "\t")
	if len(fields) < 4 || !validID(fields[0]) {
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
