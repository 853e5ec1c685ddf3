package store

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// moves are what later entries of a layer replaced, by the paths that it had, in
// the order it happened. The archive's record leaves contents of files to the
// tree, by their paths, and at such a path there is another file now, or none. So
// the record is written anew, with the contents of those that were replaced in it.
type moves struct {
	of    map[string][]move
	count int
}

// move is one of them. What the record left to this path before so many parts is
// in the folder aside, under the number.
type move struct {
	number, parts int32 // of all moves, and of the parts before it
}

func (m *moves) add(path string, parts int) {
	if m.of == nil {
		m.of = make(map[string][]move)
	}
	m.count++
	m.of[path] = append(m.of[path], move{number: int32(m.count), parts: int32(parts)})
}

// find tells where the file is that was part number n and had this path; ok is
// false if it still has it. The first move after it was unpacked took it: it may
// have been the file's, or one of a folder that it was in.
func (m *moves) find(n int, path string) (aside string, ok bool) {
	var first move
	for end := len(path); end >= 0; end = strings.LastIndexByte(path[:max(end, 0)], '/') {
		list := m.of[path[:end]]
		i := sort.Search(len(list), func(i int) bool { return int(list[i].parts) >= n })
		if i < len(list) && (!ok || list[i].number < first.number) {
			first, ok = list[i], true
			aside = strconv.Itoa(int(first.number)) + path[end:]
		}
	}
	return aside, ok
}

// settle writes the record of the layer in dir anew.
func (m *moves) settle(dir string) error {
	old := filepath.Join(dir, archiveFile)
	anew := old + ".new"
	if err := m.rewrite(old, anew, filepath.Join(dir, asideDir)); err != nil {
		return err
	}
	return os.Rename(anew, old)
}

func (m *moves) rewrite(from, to, aside string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	reader, err := newSkeletonReader(in)
	if err != nil {
		return err
	}
	defer reader.close()
	root, err := os.Open(aside)
	if err != nil {
		return err
	}
	defer root.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = also(err, out.Close()) }()
	writer, err := newSkeletonWriter(out)
	if err != nil {
		return err
	}
	err = m.copy(writer, reader, root)
	return also(err, writer.close())
}

func (m *moves) copy(to *skeletonWriter, from *skeletonReader, aside *os.File) error {
	for n := 1; ; {
		p, err := from.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if p.literal != nil {
			err = copyLiteral(to, p.literal)
		} else {
			err = m.copyFile(to, p, n, aside)
			n++
		}
		if err != nil {
			return err
		}
	}
}

func (m *moves) copyFile(to *skeletonWriter, p part, n int, aside *os.File) error {
	path, moved := m.find(n, p.path)
	if !moved {
		return to.part(p)
	}
	f, err := openBeneath(aside, path)
	if err != nil {
		return err
	}
	defer f.Close()
	// Of another length it is another file, and the record would be of no tar.
	size, err := io.Copy(literalWriter{to}, io.LimitReader(f, p.length+1))
	if err == nil && size != p.length {
		err = fmt.Errorf("%q, which was replaced, is not the file of %d bytes that it was", p.path, p.length)
	}
	return err
}

func copyLiteral(to *skeletonWriter, r io.Reader) error {
	_, err := io.Copy(literalWriter{to}, r)
	return err
}

type literalWriter struct{ to *skeletonWriter }

func (w literalWriter) Write(p []byte) (int, error) { return len(p), w.to.literal(p) }
