package archive

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
)

const (
	// maxEntries is how many an archive may have. A large image has hundreds.
	maxEntries = 50_000
	// maxName is how long a name may be that somebody could ask for.
	maxName = 512
	// maxLinks is how many links may lead on to another.
	maxLinks = 10
)

// entry is where the content of a tar's entry lies, or why it can't be had.
type entry struct {
	offset, size int64
	link         string // to another entry, from the root, perhaps not clean
	odd          string // "": a regular file or a link
}

// tarTree is an uncompressed tar.
type tarTree struct {
	content io.ReaderAt
	entries map[string]entry
	io.Closer
}

func (t *tarTree) has(name string) bool {
	_, ok := t.entries[name]
	return ok
}

// open follows links as far as they lead within the tar: docker save writes a
// layer that two images share once, and links to it.
func (t *tarTree) open(name string) (*file, error) {
	at := name
	for range maxLinks {
		e, ok := t.entries[at]
		switch {
		case !ok && at == name:
			return nil, missing(name)
		case !ok:
			return nil, refuse("%s links to %s, which is missing", show(name), show(at))
		case e.odd != "":
			return nil, refuse("%s %s", show(at), e.odd)
		case e.link == "":
			return &file{SectionReader: io.NewSectionReader(t.content, e.offset, e.size), Closer: nothing{}}, nil
		}
		if at, ok = clean(e.link); !ok {
			return nil, refuse("%s is a link that leads out of the archive: %s", show(name), show(e.link))
		}
	}
	return nil, refuse("%s is a link that leads through more than %d others", show(name), maxLinks)
}

// positioned is a reader that knows how far it has read.
type positioned interface {
	io.Reader
	position() int64
}

// index reads the headers of a tar to its end.
func index(r positioned) (map[string]entry, error) {
	entries := make(map[string]entry)
	headers := tar.NewReader(r)
	for count := 0; ; count++ {
		h, err := headers.Next()
		switch {
		case errors.Is(err, io.EOF):
			return entries, nil
		case err != nil:
			return nil, damaged(err, count)
		case count == maxEntries:
			return nil, refuse("more than %d entries", maxEntries)
		}
		name, ok := clean(h.Name)
		if isACI(name) {
			return nil, &NotAnArchiveError{Reason: "has " + show(h.Name) + ", as an ACI has"}
		}
		if !ok || h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeXGlobalHeader {
			continue // nobody can ask for it
		}
		if _, twice := entries[name]; twice {
			entries[name] = entry{odd: "is there twice"}
			continue
		}
		entries[name] = entryOf(h, r.position())
	}
}

// isACI tells an image archive of appc: the other kinds have neither of these.
// It is seen at the first entry, most often; nothing more is then read.
func isACI(name string) bool {
	return name == "manifest" || name == "rootfs" || strings.HasPrefix(name, "rootfs/")
}

func entryOf(h *tar.Header, offset int64) entry {
	switch h.Typeflag {
	case tar.TypeReg:
		for key := range h.PAXRecords {
			if strings.HasPrefix(key, "GNU.sparse.") {
				return entry{odd: "is a sparse file"}
			}
		}
		return entry{offset: offset, size: h.Size}
	case tar.TypeSymlink:
		if path.IsAbs(h.Linkname) {
			return entry{odd: "is a link that leads out of the archive"}
		}
		return linkTo(path.Dir(path.Clean(h.Name)) + "/" + h.Linkname)
	case tar.TypeLink:
		return linkTo(h.Linkname)
	case tar.TypeGNUSparse:
		return entry{odd: "is a sparse file"}
	}
	return entry{odd: "is not a regular file"}
}

func linkTo(target string) entry {
	if len(target) > 2*maxName {
		return entry{odd: "is a link to a name that is too long"}
	}
	return entry{link: target}
}

// clean is a path from the root of the archive, or not ok if it leads out or is
// longer than anybody asks for.
func clean(name string) (string, bool) {
	if len(name) > 2*maxName {
		return "", false
	}
	name = path.Clean(strings.TrimPrefix(name, "./"))
	if path.IsAbs(name) || name == ".." || strings.HasPrefix(name, "../") || len(name) > maxName {
		return "", false
	}
	return name, true
}

// damaged is an error of the tar reader, which is the tar's fault unless somebody
// else has said what it is. What has no first entry is no tar.
func damaged(err error, count int) error {
	var (
		told *InvalidError
		disk *fs.PathError
	)
	switch short := errors.Is(err, io.ErrUnexpectedEOF); {
	case errors.As(err, &told), errors.As(err, &disk), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case count == 0 && (short || errors.Is(err, tar.ErrHeader)):
		return &NotAnArchiveError{Reason: "is not a tar"}
	case short:
		return refuse("truncated after %d entries", count)
	}
	return refuse("not a sound tar after %d entries", count)
}
