package archive

import (
	"bytes"
	"context"
	"hash"
	"io"

	"github.com/podtui/podtui/engine/fetch/oci"
)

// Document reads a manifest, an index or a config.
func (a *Archive) Document(_ context.Context, d oci.Descriptor) (oci.Document, error) {
	if d.Size > oci.MaxDocument {
		return oci.Document{}, refuse("%s has %d bytes; at most %d are taken", show(string(d.Digest)), d.Size, oci.MaxDocument)
	}
	f, _, err := a.open(d)
	if err != nil {
		return oci.Document{}, err
	}
	defer f.Close()
	raw, err := f.whole(string(d.Digest))
	if err != nil {
		return oci.Document{}, err
	}
	return oci.Document{MediaType: d.MediaType, Digest: d.Digest, Raw: raw}, d.Check(raw)
}

// Blob opens a layer as it lies in the archive, compressed or not, and returns
// its size. Reading it to the end fails if the digest is another; but for
// uncompressed layers of docker save, whose digest is their diff ID, which
// whoever unpacks them checks anyway.
func (a *Archive) Blob(ctx context.Context, d oci.Descriptor) (io.ReadCloser, int64, error) {
	f, saved, err := a.open(d)
	if err != nil {
		return nil, 0, err
	}
	b := &blob{ctx: ctx, file: f, want: d.Digest, left: f.Size()}
	if !saved || d.MediaType != oci.DockerLayer {
		b.hash = d.Digest.Hash()
	}
	return b, f.Size(), nil
}

// open finds what a descriptor describes. Saved tells that docker save has it.
func (a *Archive) open(d oci.Descriptor) (f *file, saved bool, err error) {
	if _, err := oci.ParseDigest(string(d.Digest)); err != nil {
		return nil, false, refuse("%v", err)
	}
	k, ok := a.find(d.Digest)
	switch {
	case ok && k.path == "":
		f = &file{SectionReader: io.NewSectionReader(bytes.NewReader(k.raw), 0, int64(len(k.raw))), Closer: nothing{}}
	case ok:
		f, err = a.tree.open(k.path)
	case a.layout:
		f, err = a.tree.open(blobPath(d.Digest))
	default:
		err = missing(string(d.Digest))
	}
	if err != nil {
		return nil, false, err
	}
	if f.Size() != d.Size {
		f.Close()
		return nil, false, &oci.SizeError{Digest: d.Digest, Want: d.Size, Got: f.Size()}
	}
	return f, ok, nil
}

// blob reads a layer and checks it at its end.
type blob struct {
	file *file
	ctx  context.Context
	want oci.Digest
	hash hash.Hash // nil: somebody else checks
	left int64
}

func (b *blob) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.file.Read(p)
	b.left -= int64(n)
	if b.hash != nil {
		b.hash.Write(p[:n])
	}
	if err != io.EOF {
		return n, err
	}
	if b.left > 0 {
		return n, io.ErrUnexpectedEOF
	}
	if b.hash != nil {
		if got := b.want.Of(b.hash); got != b.want {
			return n, &oci.DigestError{Want: b.want, Got: got}
		}
	}
	return n, io.EOF
}

func (b *blob) Close() error { return b.file.Close() }
