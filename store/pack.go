package store

import (
	"archive/tar"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/union"
)

// packer writes the entries of a root, folders before what is in them, as an
// image archive has them. The same root always makes the same bytes: of times
// the last modification alone is told, of owners their numbers, and a file with
// several names is written under the first.
type packer struct {
	tar     *tar.Writer
	links   map[inode]string
	content func(union.Entry) error // writes a file's content into tar
}

// inode is a file of a view, whatever its names.
type inode struct {
	device, number uint64
}

func inodeOf(e union.Entry) inode { return inode{e.Stat.Dev, e.Stat.Ino} }

func newPacker(w io.Writer) *packer {
	p := &packer{tar: tar.NewWriter(w), links: make(map[inode]string)}
	p.content = p.copy
	return p
}

func (p *packer) add(e union.Entry) error {
	h, err := header(e)
	if err != nil {
		return err
	}
	if first, ok := p.links[inodeOf(e)]; ok && !e.IsDir() {
		h.Typeflag, h.Linkname, h.Size, h.PAXRecords = tar.TypeLink, first, 0, nil
	} else if e.Stat.Nlink > 1 && !e.IsDir() {
		p.links[inodeOf(e)] = h.Name
	}
	if err := p.tar.WriteHeader(h); err != nil {
		return fmt.Errorf("entry %.200q: %w", h.Name, err)
	}
	if h.Size > 0 {
		return p.content(e)
	}
	return nil
}

// file adds a small file that is no entry.
func (p *packer) file(name string, content []byte) error {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(content)), Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatPAX}
	if err := p.tar.WriteHeader(h); err != nil {
		return err
	}
	_, err := p.tar.Write(content)
	return err
}

func (p *packer) copy(e union.Entry) error {
	f, err := e.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := io.Copy(p.tar, io.LimitReader(f, e.Stat.Size))
	if err == nil && n < e.Stat.Size {
		err = fmt.Errorf("file %.200q %w: too short", e.Path, errFile)
	}
	return err
}

func header(e union.Entry) (*tar.Header, error) {
	h := &tar.Header{
		Name: rootfsDir, Format: tar.FormatPAX,
		Mode: int64(e.Stat.Mode & 0o7777), Uid: int(e.Stat.Uid), Gid: int(e.Stat.Gid),
		ModTime: time.Unix(e.Stat.Mtim.Sec, e.Stat.Mtim.Nsec),
	}
	if e.Path != "" {
		h.Name += "/" + e.Path
	}
	if err := kind(h, e); err != nil {
		return nil, err
	}
	attributes, err := e.Attributes()
	if err != nil {
		return nil, err
	}
	for _, a := range attributes {
		if h.PAXRecords == nil {
			h.PAXRecords = make(map[string]string)
		}
		h.PAXRecords[xattrPrefix+a.Name] = string(a.Value)
	}
	return h, nil
}

const xattrPrefix = "SCHILY.xattr."

// kind fills in what depends on what the entry is.
func kind(h *tar.Header, e union.Entry) (err error) {
	switch e.Stat.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		h.Typeflag = tar.TypeDir
		h.Name += "/"
	case unix.S_IFREG:
		h.Typeflag, h.Size = tar.TypeReg, e.Stat.Size
	case unix.S_IFLNK:
		h.Typeflag = tar.TypeSymlink
		h.Linkname, err = e.Target()
	case unix.S_IFIFO:
		h.Typeflag = tar.TypeFifo
	case unix.S_IFCHR, unix.S_IFBLK:
		h.Typeflag = tar.TypeChar
		if e.Stat.Mode&unix.S_IFMT == unix.S_IFBLK {
			h.Typeflag = tar.TypeBlock
		}
		h.Devmajor, h.Devminor = int64(unix.Major(e.Stat.Rdev)), int64(unix.Minor(e.Stat.Rdev))
	default:
		err = fmt.Errorf("%.200q is of a kind that no archive has", e.Path)
	}
	return err
}

// recorder writes a tar as a skeleton.
type recorder struct {
	*packer
	skeleton *skeletonWriter
	lending  bool // what comes is a file's content
}

func newRecorder(s *skeletonWriter) *recorder {
	r := &recorder{skeleton: s}
	r.packer = newPacker(r)
	r.packer.content = r.lend
	return r
}

// Write implements io.Writer, for the tar.
func (r *recorder) Write(p []byte) (int, error) {
	if r.lending {
		r.skeleton.content(p)
		return len(p), nil
	}
	return len(p), r.skeleton.literal(p)
}

func (r *recorder) lend(e union.Entry) error {
	r.lending = true
	err := r.copy(e)
	r.lending = false
	if err == nil {
		err = r.skeleton.file(e.Path, e.Stat.Size)
	}
	if err != nil {
		return err
	}
	return r.tar.Flush() // the padding
}
