package treecopy

import (
	"context"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// layers are the folders that a root is stacked of, open, uppermost first.
type layers []int

func openLayers(paths []string) (layers, error) {
	var open layers
	for _, folder := range paths {
		fd, err := unix.Open(folder, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			open.close()
			return nil, &os.PathError{Op: "open", Path: folder, Err: err}
		}
		open = append(open, fd)
	}
	return open, nil
}

func (l layers) close() {
	for _, fd := range l {
		unix.Close(fd)
	}
}

// small is the size up to which a file is not worth a search for a better way
// to copy it.
const small = 64 << 10

// find opens the layer's own file that is seen through the stack, or returns
// -1. The kernel shares blocks between files of one file system only, and the
// stack is none of the volume's. Overlayfs shows a file of a layer under the
// layer's own inode number where both are on one file system; where they
// aren't, nothing is found.
func (l layers) find(from, inside string, seen unix.Stat_t) int {
	if len(l) == 0 || seen.Size <= small {
		return -1
	}
	for _, layer := range l {
		fd, err := openBeneath(layer, path.Join(from, inside), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOATIME)
		if err != nil {
			continue
		}
		var st unix.Stat_t
		if unix.Fstat(fd, &st) == nil && st.Ino == seen.Ino && st.Mode == seen.Mode && st.Size == seen.Size && st.Mtim == seen.Mtim {
			return fd
		}
		unix.Close(fd)
	}
	return -1
}

// copyContent shares the blocks, where the file system can. Elsewhere it copies
// what is written, and leaves the holes.
func (c *Copier) copyContent(ctx context.Context, from, to int, size int64) error {
	if size > small && unix.IoctlFileClone(to, from) == nil {
		return nil
	}
	for at := int64(0); at < size; {
		start, end, err := extent(from, at, size)
		if err != nil {
			return err
		}
		if err := c.copyRange(ctx, from, to, start, end); err != nil {
			return err
		}
		at = end
	}
	return unix.Ftruncate(to, size)
}

// extent is the next part of a file that is not a hole. A file system that
// knows no holes has none.
func extent(file int, at, size int64) (start, end int64, err error) {
	start, err = unix.Seek(file, at, unix.SEEK_DATA)
	switch err {
	case nil:
	case unix.ENXIO:
		return size, size, nil
	case unix.EINVAL:
		return at, size, nil
	default:
		return 0, 0, err
	}
	end, err = unix.Seek(file, start, unix.SEEK_HOLE)
	return start, min(end, size), err
}

// copyRange lets the kernel copy, or does it itself where the kernel won't,
// which is when the two are on different file systems.
func (c *Copier) copyRange(ctx context.Context, from, to int, at, end int64) error {
	for at < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		read, written := at, at
		n, err := unix.CopyFileRange(from, &read, to, &written, int(min(end-at, 64<<20)), 0)
		if err == unix.EINTR {
			continue
		}
		if err == unix.ENOSPC || err == unix.EDQUOT || err == unix.EIO {
			return err
		}
		if err != nil || n == 0 {
			return c.copyBytes(ctx, from, to, at, end)
		}
		at += int64(n)
	}
	return nil
}

func (c *Copier) copyBytes(ctx context.Context, from, to int, at, end int64) error {
	if c.buffer == nil {
		c.buffer = make([]byte, 256<<10)
	}
	for at < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		piece := c.buffer[:min(int64(len(c.buffer)), end-at)]
		n, err := unix.Pread(from, piece, at)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return err
		}
		for written := 0; written < n; {
			w, err := unix.Pwrite(to, piece[written:n], at+int64(written))
			if err != nil && err != unix.EINTR {
				return err
			}
			written += max(w, 0)
		}
		at += int64(n)
	}
	return nil
}
