package oci

// NewManifest is a manifest of an image that came without one, as docker save
// writes them.
func NewManifest(config Descriptor, layers []Descriptor) Document {
	return compose(body{SchemaVersion: 2, MediaType: DockerManifest, Config: &config, Layers: layers})
}

// NewIndex is an index of manifests that nobody else has put together.
func NewIndex(manifests []Descriptor) Document {
	return compose(body{SchemaVersion: 2, MediaType: OCIIndex, Manifests: manifests})
}

func compose(b body) Document {
	raw := []byte(asJSON(b))
	return Document{MediaType: b.MediaType, Digest: DigestOf(raw), Raw: raw}
}
