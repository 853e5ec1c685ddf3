package treecopy

import (
	"context"
	"crypto/rand"

	"golang.org/x/sys/unix"
)

// copyFile copies a regular file.
func (c *Copier) copyFile(ctx context.Context, s step) error {
	source, err := c.source(s)
	if err != nil {
		return err
	}
	defer unix.Close(source)
	return c.arrive(s, func(at Place) error {
		target, err := open(at, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL)
		if err != nil {
			return err
		}
		err = c.copyContent(ctx, source, target, s.st.Size)
		if err == nil {
			err = c.attributes(s.node, target)
		}
		// Where a disk is full, some file systems only say so now.
		if closing := unix.Close(target); err == nil {
			err = closing
		}
		return err
	})
}

// source opens a file's content, in the layer that it is from if that can be
// told.
func (c *Copier) source(s step) (fd int, err error) {
	if fd := c.layers.find(c.o.From, s.inside, s.st); fd >= 0 {
		return fd, nil
	}
	return s.read()
}

func (c *Copier) copySymlink(s step) error {
	target := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(s.fd, "", target)
	if err != nil {
		return err
	}
	return c.arrive(s, func(at Place) error {
		if err := unix.Symlinkat(string(target[:n]), at.Dir, at.Name); err != nil {
			return err
		}
		return c.attributesAt(s.node, at)
	})
}

// copyNode makes a device, a fifo or a socket.
func (c *Copier) copyNode(s step) error {
	if err := unix.Mknodat(s.to.Dir, s.to.Name, s.st.Mode, int(s.st.Rdev)); err != nil {
		return err
	}
	return c.attributesAt(s.node, s.to)
}

// attributesAt is attributes of what can't be opened, and was made just now.
func (c *Copier) attributesAt(from node, at Place) error {
	fd, err := open(at, unix.O_PATH)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	made, err := nodeOf(fd)
	if err == nil && made.kind() != from.kind() {
		err = errReplaced
	}
	if err != nil {
		return err
	}
	return c.attributes(from, fd)
}

// arrive makes something under its name. In a folder that is not ours it is made
// under another and renamed, so that who looks finds it whole, or as it was
// before.
func (c *Copier) arrive(s step, make func(Place) error) error {
	if s.fresh {
		return make(s.to)
	}
	if err := replaceable(s.to); err != nil {
		return err
	}
	aside := Place{s.to.Dir, ".podtui-" + rand.Text()}
	err := make(aside)
	if err == nil {
		err = unix.Renameat(aside.Dir, aside.Name, s.to.Dir, s.to.Name)
	}
	if err != nil {
		_ = unix.Unlinkat(aside.Dir, aside.Name, 0) // if it is there
	}
	return err
}

// replaceable refuses to replace what is no file: a device that somebody writes
// to, above all.
func replaceable(at Place) error {
	var st unix.Stat_t
	if err := unix.Fstatat(at.Dir, at.Name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		if err == unix.ENOENT {
			return nil
		}
		return err
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG, unix.S_IFLNK:
		return nil
	case unix.S_IFDIR:
		return errFolder
	}
	return errNoFile
}
