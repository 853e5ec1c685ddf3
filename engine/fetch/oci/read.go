package oci

import (
	"context"
	"fmt"
)

// Read follows top to the image for the platform that is wanted: through an
// index, or indexes, to the manifest and its config. It reads no layer. What it
// returns is consistent; that the layers are what is said of them is for whoever
// reads them to see.
func Read(ctx context.Context, source Source, top Document, want Platform) (*Image, error) {
	if err := top.Digest.Verify(top.Raw); err != nil {
		return nil, err
	}
	_, k, err := top.parse()
	if err != nil {
		return nil, err
	}
	if k == manifest {
		return readManifest(ctx, source, top, want)
	}
	c := chooser{source: source, want: want}
	d, found, err := c.choose(ctx, top, 1)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, c.none()
	}
	doc, err := read(ctx, source, d)
	if err != nil {
		return nil, err
	}
	if d.Platform != nil {
		want.Variant = "" // decided by the index; configs often have none, or another
	}
	img, err := readManifest(ctx, source, doc, want)
	if err != nil {
		return nil, err
	}
	img.Index = &top
	return img, nil
}

func readManifest(ctx context.Context, source Source, doc Document, want Platform) (*Image, error) {
	b, k, err := doc.parse()
	if err != nil {
		return nil, err
	}
	if k != manifest {
		return nil, doc.refuse("manifest", fmt.Errorf("is an index"))
	}
	if err := b.check(); err != nil {
		return nil, doc.refuse("manifest", err)
	}
	img := &Image{Manifest: doc}
	if img.Config, err = read(ctx, source, *b.Config); err != nil {
		return nil, err
	}
	if img.Parsed, err = ParseConfig(img.Config.Raw); err != nil {
		return nil, err
	}
	if img.Platform, err = platformOf(img.Parsed.Platform, want); err != nil {
		return nil, err
	}
	if img.Layers, err = layers(b.Layers, img.Parsed.RootFS.DiffIDs); err != nil {
		return nil, doc.refuse("manifest", err)
	}
	return img, nil
}

// platformOf is the image's platform by its config, which has to be the one
// that is wanted. What old configs leave out is taken to fit.
func platformOf(have, want Platform) (Platform, error) {
	if have.OS == "" {
		have.OS = want.OS
	}
	if have.Architecture == "" {
		have.Architecture = want.Architecture
	}
	asked := want
	if want.Variant == "" || have.Variant == "" {
		// One of them says nothing of it.
		asked.Variant = have.Variant
	}
	if asked.rank(have) < 0 {
		return Platform{}, &PlatformError{Want: want, Have: []Platform{have}}
	}
	return have.normal(), nil
}

// read asks a source for a document, and believes it nothing.
func read(ctx context.Context, source Source, d Descriptor) (Document, error) {
	doc, err := source.Document(ctx, d)
	if err != nil {
		return Document{}, err
	}
	if err := d.Check(doc.Raw); err != nil {
		return Document{}, err
	}
	// The descriptor came by digest; what a server says of the type did not.
	doc.Digest = d.Digest
	if d.MediaType != "" {
		doc.MediaType = d.MediaType
	}
	return doc, nil
}
