package store

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/union"
	"github.com/podtui/podtui/store/unpack"
)

// audit compares the entries of a layer's tar with its tree: kinds, modes,
// owners, times, links, attributes, what is missing and what is too much. The
// contents are another's business, but for sparse files, which the tar does not
// have as they are.
type audit struct {
	root    *os.File
	oci     bool
	guess   bool            // nobody can say which folders are implied
	implied map[string]bool // paths of folders without an entry
	tell    func(path, what string)

	past   *past
	n      int                // the entry that is looked at, from 1
	seen   map[place]struct{} // places that the tar has an entry for
	wrong  map[place]*fault   // what is there instead of the last one; of too many nil
	opaque map[uint64]bool    // folders that the tar makes opaque
	texts  int                // bytes of what is wrong
	seed   maphash.Seed
	parent *os.File // of the last entry
	within string   // its path
	inode  uint64   // its inode
}

// place stands for a name in a folder, the same for a path through symlinks. It is
// a hash that nobody can foresee: a million names would take too much memory, and
// of so many two are alike once in thirty million times.
type place uint64

// placeOf is a name in the folder of an inode; if there is none, 0 and a path.
func (u *audit) placeOf(folder uint64, name string) place {
	var h maphash.Hash
	h.SetSeed(u.seed)
	h.Write(binary.LittleEndian.AppendUint64(nil, folder))
	h.WriteString(name)
	return place(h.Sum64())
}

type fault struct{ path, what string }

// maxFaults bounds what is kept of faults, which later entries may take back.
const maxFaults = 2 << 20

// errHeaders says that a tar can't be read any more.
var errHeaders = errors.New("its headers can't be read")

func newAudit(root *os.File, a about, guess bool, tell func(path, what string)) *audit {
	u := &audit{
		root: root, oci: a.Kind == layerOfOCI, guess: guess, tell: tell, implied: make(map[string]bool),
		seen: make(map[place]struct{}), wrong: make(map[place]*fault), seed: maphash.MakeSeed(),
		opaque: make(map[uint64]bool), past: newPast(root, a.moved),
	}
	for _, path := range a.Implicit {
		u.implied[path] = true
	}
	return u
}

// read is a consumer of the tar.
func (u *audit) read(c *chunks) error {
	defer u.close()
	stream := &chunkReader{chunks: c}
	t := tar.NewReader(stream)
	for {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			if stream.err != nil && stream.err != io.EOF {
				return stream.err
			}
			return fmt.Errorf("%w: %v", errHeaders, err)
		}
		u.n++
		if err := u.entry(h, t); err != nil {
			return err
		}
	}
	if _, err := io.Copy(io.Discard, stream); err != nil {
		return err
	}
	return u.finish()
}

func (u *audit) close() {
	if u.parent != nil {
		u.parent.Close()
	}
}

// entry finds out what an entry is about, as unpacking did.
func (u *audit) entry(h *tar.Header, content io.Reader) error {
	path, err := unpack.Clean(strings.TrimLeft(h.Name, "/"))
	if err != nil || h.Typeflag == tar.TypeXGlobalHeader {
		return nil //nolint:nilerr // unpacking made nothing of it
	}
	if u.oci {
		return u.ociEntry(h, path, content)
	}
	inside, err := inRootfs(h.Name, path)
	if err != nil {
		return nil //nolint:nilerr // the manifest, or the archive's own folder
	}
	link := ""
	if h.Typeflag == tar.TypeLink {
		target, _ := unpack.Clean(h.Linkname)
		link, _ = inRootfs(h.Linkname, target)
	}
	return u.compare(h, inside, link, content)
}

func (u *audit) ociEntry(h *tar.Header, path string, content io.Reader) error {
	dir, name := split(path)
	switch {
	case name == opaqueName:
		u.hidesBelow(dir)
		return nil
	case hasPart(path, aufsPrefix):
		return nil
	case strings.HasPrefix(name, whiteoutPrefix):
		u.whiteout(dir, strings.TrimPrefix(name, whiteoutPrefix))
		return nil
	}
	path, stayed := u.past.entry(path, u.n)
	if !stayed {
		return nil
	}
	link := ""
	if h.Typeflag == tar.TypeLink {
		link, _ = cleanInLayer(h.Linkname)
		if link, stayed = u.past.entry(link, u.n); !stayed {
			link = ""
		}
	}
	return u.compare(h, path, link, content)
}

// hidesBelow expects an opaque folder, if the layer still has a folder there.
func (u *audit) hidesBelow(dir string) {
	at := u.past.folder(dir, u.n)
	if at.error != nil || at.fate == lost {
		return
	}
	if at.fate == replaced {
		u.hides(at.path)
	} else if _, err := u.in(at.path); err == nil {
		u.opaque[u.inode] = true
	}
}

// hides expects an opaque folder where there was one, if there is a folder.
func (u *audit) hides(path string) {
	if _, st, err := u.stat(path); err == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR {
		u.opaque[st.Ino] = true
	}
}

// whiteout expects one, or what the layer has there itself.
func (u *audit) whiteout(dir, name string) {
	in := u.past.folder(dir, u.n)
	if in.fate != stayed {
		return
	}
	if in.error == nil {
		dir = in.path
	}
	path := join(dir, name)
	at, st, err := u.stat(path)
	switch {
	case err != nil:
		u.note(at, fault{path, "is missing, and hides nothing"})
	case st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == 0:
		u.note(at, fault{})
	case st.Mode&unix.S_IFMT == unix.S_IFDIR:
		u.opaque[st.Ino] = true
	}
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// in opens the folder of an entry. Symlinks on the way stay in the root.
func (u *audit) in(dir string) (int, error) {
	if u.parent != nil && u.within == dir {
		return int(u.parent.Fd()), nil
	}
	path := dir
	if path == "" {
		path = "."
	}
	fd, err := unix.Openat2(int(u.root.Fd()), path, &unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS,
	})
	if err != nil {
		return -1, err
	}
	u.close()
	u.parent, u.within = os.NewFile(uintptr(fd), dir), dir
	var st unix.Stat_t
	err = unix.Fstat(fd, &st)
	u.inode = st.Ino
	return fd, err
}

// stat tells which place a path is, and what is there.
func (u *audit) stat(path string) (at place, st unix.Stat_t, err error) {
	if path == "" {
		return u.placeOf(0, ""), st, unix.Fstat(int(u.root.Fd()), &st)
	}
	dir, name := split(path)
	parent, err := u.in(dir)
	if err != nil {
		return u.placeOf(0, path), st, err
	}
	return u.placeOf(u.inode, name), st, unix.Fstatat(parent, name, &st, unix.AT_SYMLINK_NOFOLLOW)
}

// note keeps what is wrong at a place, or forgets it: of several entries the
// last counts.
func (u *audit) note(at place, f fault) {
	u.seen[at] = struct{}{}
	u.forget(at)
	if f.what != "" {
		u.keep(at, f)
	}
}

func (u *audit) forget(at place) {
	if f := u.wrong[at]; f != nil {
		u.texts -= f.size()
	}
	delete(u.wrong, at)
}

// keep keeps a fault, or of one too many that there is one.
func (u *audit) keep(at place, f fault) {
	if u.texts+f.size() > maxFaults {
		u.wrong[at] = nil
		return
	}
	u.texts += f.size()
	f.path = strings.Clone(f.path) // and not all of a header
	u.wrong[at] = &f
}

func (f *fault) size() int { return len(f.path) + len(f.what) }

func (u *audit) compare(h *tar.Header, path, link string, content io.Reader) error {
	at, st, err := u.stat(path)
	if err != nil {
		u.note(at, fault{path, missing(err)})
		return nil
	}
	if h.Typeflag == tar.TypeLink {
		u.note(at, fault{path, u.link(st, link)})
		return nil
	}
	what := differs(h, &st)
	if what == "" {
		what, err = u.inside(h, path, content)
	}
	u.note(at, fault{path, what})
	return err
}

func missing(err error) string {
	if err == unix.ENOENT || err == unix.ENOTDIR {
		return "is missing"
	}
	return err.Error()
}

// link tells of a hard link that is none, unless something else took the target's
// place, which is then "".
func (u *audit) link(st unix.Stat_t, to string) string {
	if to == "" {
		return ""
	}
	if _, is, err := u.stat(to); err != nil || is.Ino != st.Ino {
		return fmt.Sprintf("is no hard link to %q any more", "/"+to)
	}
	return ""
}

// inside compares what can't be told without opening the entry.
func (u *audit) inside(h *tar.Header, path string, content io.Reader) (what string, err error) {
	f, err := u.open(path, unix.O_PATH)
	if err != nil {
		return err.Error(), nil
	}
	defer f.Close()
	if h.Typeflag == tar.TypeSymlink {
		buf := make([]byte, unix.PathMax)
		n, err := unix.Readlinkat(int(f.Fd()), "", buf)
		if err != nil {
			return err.Error(), nil
		}
		if target := string(buf[:n]); target != h.Linkname {
			return fmt.Sprintf("links to %q, not to %q", target, h.Linkname), nil
		}
	}
	attributes, err := union.Attributes(f)
	if err != nil {
		return err.Error(), nil
	}
	if what := attributesDiffer(h, attributes); what != "" {
		return what, nil
	}
	if !unpack.Sparse(h) {
		return "", nil
	}
	return u.sparse(path, content)
}

func (u *audit) open(path string, flags int) (*os.File, error) {
	parent, name := int(u.root.Fd()), "."
	if path != "" {
		var dir string
		var err error
		dir, name = split(path)
		if parent, err = u.in(dir); err != nil {
			return nil, err
		}
	}
	fd, err := unix.Openat(parent, name, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}

// sparse compares a file with its content as the tar expands it.
func (u *audit) sparse(path string, content io.Reader) (what string, err error) {
	f, err := u.open(path, unix.O_RDONLY)
	if err != nil {
		return err.Error(), nil
	}
	defer f.Close()
	want, got := make([]byte, chunkSize), make([]byte, chunkSize)
	for {
		n, err := io.ReadFull(content, want)
		if n > 0 {
			m, _ := io.ReadFull(f, got[:n])
			if !bytes.Equal(want[:n], got[:m]) {
				return "has another content", nil
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return "", nil
		}
		if err != nil {
			return "", err
		}
	}
}

// chunkReader is a consumer's view of the stream as an io.Reader.
type chunkReader struct {
	chunks *chunks
	err    error
}

func (r *chunkReader) Read(p []byte) (int, error) {
	b, err := r.chunks.next(len(p))
	if err != nil {
		r.err = err
		return 0, err
	}
	return copy(p, b), nil
}
