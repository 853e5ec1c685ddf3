package store

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
)

const blockSize = 512 // of tar

// headers goes through the entries of a tar within bounds, and says what is wrong
// with the tar itself. What the entries mean, and what is in them, is its owner's
// business.
type headers struct {
	tar    *tar.Reader
	stream *position
	limits limits

	entries int
	end     int64 // where the last entry ended, padding included, if its owner has read it
	size    int64 // of all files, holes included
}

// limits are how much an archive may cost.
type limits struct {
	size    int64
	entries int
}

func newHeaders(r io.Reader, stream *position, l limits) *headers {
	return &headers{tar: tar.NewReader(r), stream: stream, limits: l}
}

// each calls f with all entries in order.
func (a *headers) each(f func(*tar.Header) error) error {
	for {
		h, err := a.tar.Next()
		if err == io.EOF {
			return a.ended()
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) { // that is for us to say
			return a.damaged(err)
		}
		if err := a.bounded(h); err != nil {
			return err
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			err = global(h)
		} else {
			err = f(h)
		}
		if err != nil {
			return err
		}
		a.end = (a.stream.read + blockSize - 1) / blockSize * blockSize
	}
}

// ended tells an archive from nothing at all.
func (a *headers) ended() error {
	if a.stream.read == 0 {
		return &ArchiveError{Reason: "is empty"}
	}
	return nil
}

// damaged puts what archive/tar found into words.
func (a *headers) damaged(err error) error {
	foreign := a.entries == 0 && errors.Is(err, io.ErrUnexpectedEOF) && a.stream.err == io.EOF
	err = a.stream.blame(err)
	if !foreign && !errors.Is(err, tar.ErrHeader) && !errors.Is(err, tar.ErrFieldTooLong) {
		return err
	}
	if a.entries == 0 {
		return &ArchiveError{Reason: "is not a tar file"}
	}
	return &ArchiveError{Reason: fmt.Sprintf("has a damaged header after %d entries", a.entries)}
}

func (a *headers) bounded(h *tar.Header) error {
	if a.entries++; a.entries > a.limits.entries {
		return &ArchiveError{Reason: fmt.Sprintf("has more than %d entries", a.limits.entries)}
	}
	// The stream is bounded already, but a sparse file can claim any size.
	if h.Size < 0 || h.Size > a.limits.size-a.size {
		return &ArchiveError{Entry: h.Name, Reason: fmt.Sprintf("brings the files to more than %d bytes", a.limits.size)}
	}
	a.size += h.Size
	return nil
}

// global refuses headers that would change what later entries say. Git puts a
// comment there.
func global(h *tar.Header) error {
	for key := range h.PAXRecords {
		if key != "comment" {
			return &ArchiveError{Reason: fmt.Sprintf("has a global header that sets %q", key)}
		}
	}
	return nil
}
