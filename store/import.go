package store

import (
	"cmp"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"time"

	"github.com/appc/spec/schema"
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
// the archive was checked all the same, and a verification takes the place of
// what the image had.
//
// An archive that is damaged, hostile or no image at all is an *ArchiveError.
// Whatever goes wrong, nothing of it is left. When the context is cancelled
// Import returns as soon as r's Read does; a reader that can block for long
// should heed the same context.
func (s *Store) Import(ctx context.Context, r io.Reader, o ImportOptions) (img Image, fresh bool, err error) {
	d, err := s.Draft()
	if err != nil {
		return Image{}, false, err
	}
	defer func() { err = also(err, d.Close()) }()
	if _, err := d.ReadACI(ctx, r, o); err != nil {
		return Image{}, false, err
	}
	return d.Commit(ctx, CommitOptions{Verified: o.Verified})
}

// ReadACI reads an image archive as Import does, and leaves it to Commit to make
// it an image: until then it can be asked what it depends on. A draft takes one.
func (d *Draft) ReadACI(ctx context.Context, r io.Reader, o ImportOptions) (Image, error) {
	if d.aci != nil {
		return Image{}, errors.New("a draft takes one archive")
	}
	work, err := d.work()
	if err != nil {
		return Image{}, err
	}
	a, err := readACI(ctx, r, work, o)
	if err != nil {
		return Image{}, also(err, os.RemoveAll(work))
	}
	img := record{ID: a.id, Kind: KindACI, Size: a.size, Imported: time.Now(), Layers: []string{a.id}, standing: standing{Verified: o.Verified}}.image(a.parsed, time.Now())
	if o.Check != nil {
		if err := o.Check(img); err != nil {
			return Image{}, err
		}
	}
	if err := d.st.takeLayer(a.id, work); err != nil {
		return Image{}, err
	}
	d.aci = &a
	return img, nil
}

// arrival is an archive that was read to its end, found good, and unpacked.
type arrival struct {
	id       string
	size     int64
	manifest []byte
	parsed   *schema.ImageManifest
}

// readACI reads the archive in one pass: one goroutine decompresses, one hashes,
// one unpacks into a folder that becomes a layer.
func readACI(ctx context.Context, r io.Reader, layer string, o ImportOptions) (a arrival, err error) {
	size, entries := bounds(o.MaxSize, o.MaxEntries)
	d, err := decompress(ctx, &progressReader{r: r, ctx: ctx, report: o.Progress, total: o.Size})
	if err != nil {
		return a, err
	}
	defer d.Close()
	hash := sha512.New()
	err = pump(ctx, d, size,
		func(c *chunks) (err error) {
			a.size, err = hashAll(hash, c)
			return err
		},
		func(c *chunks) (err error) {
			a.manifest, a.parsed, err = unpackACI(c, layer, limits{size, entries})
			return err
		})
	a.id = idPrefix + hex.EncodeToString(hash.Sum(nil))
	return a, err
}

func bounds(size int64, entries int) (int64, int) {
	return cmp.Or(size, DefaultMaxSize), cmp.Or(entries, DefaultMaxEntries)
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
