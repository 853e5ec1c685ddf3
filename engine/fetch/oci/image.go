package oci

// Layer is one layer of an image.
type Layer struct {
	Descriptor
	DiffID      Digest // of the uncompressed tar; always sha256
	Compression string // "", "gzip" or "zstd", as the media type says; the bytes decide
}

// Image is an image of one platform, whole but for its layers' content.
type Image struct {
	Manifest Document
	Index    *Document // that led to the manifest, the outermost; nil: there was none
	Config   Document
	Layers   []Layer // lowest first
	Parsed   Config  // what Config says
	Platform Platform
}
