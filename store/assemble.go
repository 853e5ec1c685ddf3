package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// assembly is a layer's tar, put together again from its skeleton and the
// contents of its files while it is read.
type assembly struct {
	root     *os.File
	file     *os.File // of the skeleton
	skeleton *skeletonReader

	// wrong is told of each file that is not what was unpacked. If it returns
	// nil, reading goes on, and zeros stand for what is missing.
	wrong func(path, what string) error

	part part
	left int64    // of part
	open *os.File // what part is read from, nil if it can't be
	sum  checksum
}

// errSkeleton is trouble with what is in a skeleton itself.
var errSkeleton = errors.New("its archive record can't be read")

func assemble(layer string, wrong func(path, what string) error) (*assembly, error) {
	a := &assembly{wrong: wrong}
	err := a.begin(layer)
	if err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

func (a *assembly) begin(layer string) (err error) {
	a.root, err = os.OpenFile(filepath.Join(layer, rootfsDir), os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	a.file, err = os.OpenFile(filepath.Join(layer, archiveFile), os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	a.skeleton, err = newSkeletonReader(a.file)
	return err
}

func (a *assembly) close() {
	a.leave()
	if a.skeleton != nil {
		a.skeleton.close()
	}
	for _, f := range []*os.File{a.root, a.file} {
		if f != nil {
			f.Close()
		}
	}
}

// Read implements io.Reader.
func (a *assembly) Read(p []byte) (int, error) {
	for a.left == 0 {
		if err := a.next(); err != nil {
			return 0, err
		}
	}
	p = p[:min(int64(len(p)), a.left)]
	n, err := a.read(p)
	a.left -= int64(n)
	if err == nil && a.left == 0 {
		err = a.check()
	}
	return n, err
}

// next goes on to the next part.
func (a *assembly) next() (err error) {
	a.leave()
	a.part, err = a.skeleton.next()
	if err == io.EOF {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %v", errSkeleton, err)
	}
	a.left, a.sum = a.part.length, checksum{}
	if a.part.literal != nil {
		return nil
	}
	if a.open, err = openBeneath(a.root, a.part.path); err != nil {
		a.open = nil
		return a.wrong(a.part.path, "can't be opened: "+err.Error())
	}
	return nil
}

func (a *assembly) leave() {
	if a.open != nil {
		a.open.Close()
		a.open = nil
	}
}

func (a *assembly) read(p []byte) (int, error) {
	if a.part.literal != nil {
		n, err := io.ReadFull(a.part.literal, p)
		if err != nil {
			err = fmt.Errorf("%w: %v", errSkeleton, err)
		}
		return n, err
	}
	if a.open == nil {
		clear(p)
		return len(p), nil
	}
	n, err := a.open.Read(p)
	a.sum = a.sum.add(p[:n])
	if err == nil || n > 0 {
		return n, nil
	}
	what := "is cut off"
	if err != io.EOF {
		what = err.Error()
	}
	a.leave()
	return 0, a.wrong(a.part.path, what)
}

// check compares a file that was read to its end.
func (a *assembly) check() error {
	want := a.part.sum
	if a.open == nil || !want.known || want == a.sum {
		return nil
	}
	return a.wrong(a.part.path, "has another content")
}

// stream has all of a layer's tar read by consumers, each at its pace.
func (a *assembly) stream(ctx context.Context, progress func(n int), consumers ...consumer) error {
	return pump(ctx, &counting{r: a, report: progress}, math.MaxInt64, consumers...)
}

// counting tells how many bytes are read.
type counting struct {
	r      io.Reader
	report func(n int)
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.report(n)
	return n, err
}

// openBeneath opens a regular file of a layer by a path that may be forged. It
// does not block on a fifo, and does not leave the layer.
func openBeneath(root *os.File, path string) (*os.File, error) {
	fd, err := unix.Openat2(int(root.Fd()), path, &unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_CLOEXEC | unix.O_NOFOLLOW | unix.O_NONBLOCK,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}
