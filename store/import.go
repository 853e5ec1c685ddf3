package store

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/appc/spec/schema"
	"golang.org/x/sys/unix"
)

// Progress is told how many bytes of an archive have been read, of how many;
// total is 0 if that is not known. It is called from one goroutine at a time,
// often, and holds up the import while it runs.
type Progress func(read, total int64)

// ImportOptions say what is known of an archive, and how much of it is taken.
type ImportOptions struct {
	Size     int64         // bytes to be read, compressed as they are; 0: unknown
	Progress Progress      // nil: nobody asks
	Verified *Verification // nil: nobody vouches for the archive

	// Check has the last word once the archive was read to the end of r and
	// found good, before it becomes an image: an error of it refuses the image,
	// and is what Import returns. Here a name is compared with what was asked
	// for, or the bytes that went through r with those that were signed.
	Check func(Image) error

	// Bounds on what an archive may cost. 0 stands for the default.
	MaxSize    int64 // bytes uncompressed, holes in sparse files included
	MaxEntries int
}

// What an image may have if its importer does not say. Real images stay a long
// way below; a few kilobytes of gzip can claim any size.
const (
	DefaultMaxSize    = 64 << 30
	DefaultMaxEntries = 1 << 20
)

// Import reads an image archive to its end, whatever its compression, and makes
// it an image of the store. Fresh is false if the image was here already; then
// the archive was checked all the same, and a verification is added if the
// image had none.
//
// An archive that is damaged, hostile or no image at all is an *ArchiveError,
// an image that needs what podtui can't do yet an *UnsupportedError. Whatever
// goes wrong, nothing of it is left. When the context is cancelled Import
// returns as soon as r's Read does; a reader that can block for long should
// heed the same context.
func (s *Store) Import(ctx context.Context, r io.Reader, o ImportOptions) (img Image, fresh bool, err error) {
	if o.MaxSize == 0 {
		o.MaxSize = DefaultMaxSize
	}
	if o.MaxEntries == 0 {
		o.MaxEntries = DefaultMaxEntries
	}
	st, err := s.stage()
	if err != nil {
		return Image{}, false, err
	}
	defer func() { err = also(err, st.discard()) }()
	a, err := st.unpack(ctx, r, o)
	if err != nil {
		return Image{}, false, err
	}
	rec := record{ID: a.id, Size: a.size, Imported: time.Now(), Layers: []string{a.id}, Verified: o.Verified}
	if o.Check != nil {
		if err := o.Check(rec.image(a.parsed, rec.Imported)); err != nil {
			return Image{}, false, err
		}
	}
	return s.commit(ctx, st, rec, a)
}

// arrival is an archive that was read to its end, found good, and unpacked.
type arrival struct {
	id       string
	size     int64
	manifest []byte
	parsed   *schema.ImageManifest
}

// The layer and the record of an import, in its private folder.
func (st *staging) layer() string  { return filepath.Join(st.dir, "layer") }
func (st *staging) record() string { return filepath.Join(st.dir, "record") }

// unpack reads the archive in one pass: one goroutine decompresses, one hashes,
// one unpacks.
func (st *staging) unpack(ctx context.Context, r io.Reader, o ImportOptions) (a arrival, err error) {
	if err := os.Mkdir(st.layer(), 0o700); err != nil {
		return a, err
	}
	d, err := decompress(&progressReader{r: r, ctx: ctx, report: o.Progress, total: o.Size})
	if err != nil {
		return a, err
	}
	defer d.Close()
	hash := sha512.New()
	err = pump(ctx, d, o.MaxSize,
		func(c *chunks) (err error) {
			a.size, err = hashAll(hash, c)
			return err
		},
		func(c *chunks) (err error) {
			a.manifest, a.parsed, err = unpackACI(c, st.layer(), o)
			return err
		})
	a.id = idPrefix + hex.EncodeToString(hash.Sum(nil))
	return a, err
}

func hashAll(sum hash.Hash, c *chunks) (size int64, err error) {
	for {
		p, err := c.next(chunkSize)
		if err == io.EOF {
			return size, nil
		}
		if err != nil {
			return size, err
		}
		_, _ = sum.Write(p) // a hash never fails
		size += int64(len(p))
	}
}

// commit makes the image exist. The order is the package comment's.
func (s *Store) commit(ctx context.Context, st *staging, r record, a arrival) (img Image, fresh bool, err error) {
	if img, err := s.arrived(r.ID, r.Verified); !absent(err) {
		return img, false, err
	}
	file, err := encodeRecord(r, a.manifest)
	if err != nil {
		return Image{}, false, err
	}
	if err := os.WriteFile(st.record(), file, 0o600); err != nil {
		return Image{}, false, err
	}
	at(beforeSync)
	if err := st.sync(); err != nil {
		return Image{}, false, err
	}
	if err := ctx.Err(); err != nil {
		return Image{}, false, err
	}
	for {
		fresh, err := s.publish(st, r, a)
		if err != nil {
			return Image{}, false, err
		}
		if fresh {
			return r.image(a.parsed, r.Imported), true, nil
		}
		// Somebody else's is here, unless it has just been removed again.
		img, err := s.arrived(r.ID, r.Verified)
		if !absent(err) {
			return img, false, err
		}
	}
}

// absent tells of an image's error whether there is room for it: it is not
// here, or damaged, which the same archive mends.
func absent(err error) bool {
	var damaged *DamagedError
	return errors.Is(err, ErrNotFound) || errors.As(err, &damaged)
}

// whole returns an image that is here with its record and its layers.
func (s *Store) whole(id string) (Image, error) {
	img, err := s.Get(id)
	if err == nil {
		_, err = s.Layers(img)
	}
	return img, err
}

// arrived returns an image that is here, having added the verification if it
// has none.
func (s *Store) arrived(id string, v *Verification) (Image, error) {
	img, err := s.whole(id)
	if err != nil || v == nil || img.Verified != nil {
		return img, err
	}
	unlock, err := s.lock(commitLock, unix.LOCK_EX)
	if err != nil {
		return Image{}, err
	}
	defer unlock()
	shared, err := s.lock(removalLock, unix.LOCK_SH)
	if err != nil {
		return Image{}, err
	}
	defer shared()
	if err := s.vouch(id, v); err != nil {
		return Image{}, err
	}
	return s.Get(id)
}

// publish renames layer and record to where they are seen. Two processes with
// the same image meet here: the second finds it and gives up its own. A damaged
// one is replaced, and those who lease it have the new one.
func (s *Store) publish(st *staging, r record, a arrival) (fresh bool, err error) {
	unlock, err := s.lock(commitLock, unix.LOCK_EX)
	if err != nil {
		return false, err
	}
	defer unlock()
	// Or a GC could take the layer for one that nobody has.
	shared, err := s.lock(removalLock, unix.LOCK_SH)
	if err != nil {
		return false, err
	}
	defer shared()
	if _, err := s.whole(r.ID); !absent(err) {
		return false, err
	}
	if err := s.publishLayer(st, r.ID); err != nil {
		return false, err
	}
	at(layerRenamed)
	if err := s.addToIndex(r.image(a.parsed, r.Imported).Entry()); err != nil {
		return false, err
	}
	at(indexed)
	if err := os.Rename(st.record(), s.path(imagesDir, r.ID)); err != nil {
		return false, err
	}
	at(committed)
	return true, fsyncPath(s.path(imagesDir))
}

// publishLayer renames the layer. One that is there already is whole, as
// everything in layers is, and the same: what a crash left is used. But one
// that somebody emptied makes room.
func (s *Store) publishLayer(st *staging, id string) error {
	path := s.path(layersDir, id)
	if _, err := os.Lstat(filepath.Join(path, rootfsDir)); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(path, filepath.Join(st.dir, "emptied")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	err := os.Rename(st.layer(), path)
	if errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.EEXIST) {
		return nil
	}
	if err != nil {
		return err
	}
	return fsyncPath(s.path(layersDir))
}

// progressReader counts what is read, and ends with its context.
type progressReader struct {
	r      io.Reader
	ctx    context.Context
	report Progress
	total  int64
	read   int64
}

func (p *progressReader) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := p.r.Read(b)
	p.read += int64(n)
	if p.report != nil && n > 0 {
		p.report(p.read, p.total)
	}
	return n, err
}
