package unpack

import (
	"archive/tar"
	"bytes"
	"io"
	"strings"

	"golang.org/x/sys/unix"
)

func (t *Tree) addFile(parent int, name string, e Entry) error {
	mode := uint32(e.Header.Mode & 0o777)
	fd, err := unix.Openat(parent, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, mode)
	if err != nil {
		return creating(e, err)
	}
	if err := t.fill(fd, mode&^t.umask, e); err != nil {
		unix.Close(fd)
		return err
	}
	// Where a disk is full, some filesystems only say so now.
	if err := unix.Close(fd); err != nil {
		return entryError(e.Header.Name, err)
	}
	return nil
}

// fill writes the content, then sets the attributes: writing changes the time,
// and clears setuid bits and capabilities.
func (t *Tree) fill(fd int, mode uint32, e Entry) error {
	write := writeAll
	if Sparse(e.Header) {
		write = writeSparse
	}
	if err := write(fd, e); err != nil {
		return err
	}
	return t.set(fd, mode, attributesOf(e.Header))
}

func writeAll(fd int, e Entry) error {
	for {
		piece, err := e.Content.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := write(fd, piece); err != nil {
			return entryError(e.Header.Name, err)
		}
	}
}

func write(fd int, p []byte) error {
	for len(p) > 0 {
		n, err := unix.Write(fd, p)
		if err != nil && err != unix.EINTR {
			return err
		}
		p = p[max(n, 0):]
	}
	return nil
}

// Sparse reports whether the archive stores a file without its holes.
func Sparse(h *tar.Header) bool {
	if h.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// writeSparse writes what is not zero and leaves holes for the rest.
func writeSparse(fd int, e Entry) error {
	var size int64
	for {
		piece, err := e.Content.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := writeBlocks(fd, piece, size); err != nil {
			return entryError(e.Header.Name, err)
		}
		size += int64(len(piece))
	}
	if err := unix.Ftruncate(fd, size); err != nil {
		return entryError(e.Header.Name, err)
	}
	return nil
}

var zeros [4096]byte

func writeBlocks(fd int, p []byte, at int64) error {
	for len(p) > 0 {
		block := p[:min(len(p), len(zeros))]
		if !bytes.Equal(block, zeros[:len(block)]) {
			if _, err := unix.Pwrite(fd, block, at); err != nil {
				return err
			}
		}
		p, at = p[len(block):], at+int64(len(block))
	}
	return nil
}
