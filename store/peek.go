package store

import (
	"archive/tar"
	"context"
	"errors"
	"io"

	"github.com/appc/spec/schema"

	"github.com/podtui/podtui/store/unpack"
)

// ReadManifest returns the manifest of an image archive, whatever its
// compression, and reads no further: it is for who has to know an image's name
// before anything of it is unpacked. What it meets on its way there is refused as
// ReadACI does, with the same bounds. What comes behind, it doesn't see: whether
// all of the archive is good, ReadACI says.
func ReadManifest(ctx context.Context, r io.Reader) (*schema.ImageManifest, error) {
	return readManifest(ctx, r, limits{DefaultMaxSize, DefaultMaxEntries})
}

func readManifest(ctx context.Context, r io.Reader, l limits) (m *schema.ImageManifest, err error) {
	d, err := decompress(ctx, &progressReader{r: r, ctx: ctx})
	if err != nil {
		return nil, err
	}
	defer func() { err = also(err, d.Close()) }()
	stream := &passage{r: d, ctx: ctx, limit: l.size}
	a := &aci{headers: newHeaders(stream, &stream.position, l)}
	a.inside = a.pass
	err = a.each(func(h *tar.Header) error {
		if err := a.entry(h); err != nil || a.manifest == nil {
			return err
		}
		return errFound
	})
	if errors.Is(err, errFound) {
		return a.parsed, nil
	}
	if err == nil {
		err = a.complete()
	}
	return nil, err
}

// errFound ends a search.
var errFound = errors.New("found")

// pass goes past a file. Holes are in no stream: what follows a sparse file is
// found without them.
func (a *aci) pass(e unpack.Entry) error {
	if unpack.Sparse(e.Header) {
		return nil
	}
	_, err := io.Copy(io.Discard, a.tar)
	return a.stream.blame(err)
}

// passage is a stream that one reads who keeps nothing of it.
type passage struct {
	position
	r     io.Reader
	ctx   context.Context
	limit int64
}

func (p *passage) Read(b []byte) (n int, err error) {
	if err = context.Cause(p.ctx); err == nil {
		n, err = p.r.Read(b)
	}
	if p.read += int64(n); p.read > p.limit {
		err = tooLarge(p.limit)
	}
	if err != nil {
		p.err = err
	}
	return n, err
}
