package oci

import (
	"errors"
	"fmt"
)

// maxLayerSize is how long a layer may say it is, as it is moved.
const maxLayerSize = 1 << 40

// body is all that a document can be: which of it, the document has to agree
// about with its media type.
type body struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType,omitempty"`
	ArtifactType  string       `json:"artifactType,omitempty"`
	Config        *Descriptor  `json:"config,omitempty"`
	Layers        []Descriptor `json:"layers,omitempty"`
	Manifests     []Descriptor `json:"manifests,omitempty"`
}

// kind is what a media type stands for.
type kind int

const (
	unknown kind = iota
	manifest
	index
)

func kindOf(t string) kind {
	switch mediaType(t) {
	case DockerManifest, OCIManifest:
		return manifest
	case DockerList, OCIIndex:
		return index
	}
	return unknown
}

// parse reads a manifest or an index, and tells which of them it is.
func (doc Document) parse() (body, kind, error) {
	var b body
	if err := decode(doc.Raw, &b); err != nil {
		return b, unknown, doc.refuse("manifest", err)
	}
	k, err := b.kind(doc.MediaType)
	if err != nil {
		return b, unknown, doc.refuse("manifest", err)
	}
	return b, k, nil
}

// kind tells manifest from index. What served the document says so, the
// document may, and its fields do; they have to agree.
func (b body) kind(served string) (kind, error) {
	k, err := b.shape()
	if err != nil {
		return unknown, err
	}
	said := kindOf(served) // a server without types says text/plain or the like: that is nothing
	if said != unknown && said != k {
		return unknown, fmt.Errorf("is not what its media type %s says", show(served))
	}
	switch {
	case b.MediaType == "":
	case kindOf(b.MediaType) != k:
		return unknown, fmt.Errorf("is not what its media type %s says", show(b.MediaType))
	case said != unknown && mediaType(served) != mediaType(b.MediaType):
		return unknown, fmt.Errorf("is served as %s and says that it is %s", show(served), show(b.MediaType))
	}
	return k, nil
}

// shape tells manifest from index by the fields. A document that can be read as
// either is refused, because whoever checked it may have read the other
// (CVE-2021-41190).
func (b body) shape() (kind, error) {
	manifests, parts := b.Manifests != nil, b.Config != nil || b.Layers != nil
	switch {
	case b.SchemaVersion == 1:
		return unknown, errors.New("is of Docker's schema 1, which is taken no more")
	case b.SchemaVersion != 2:
		return unknown, fmt.Errorf("its schemaVersion is %d; only 2 is known", b.SchemaVersion)
	case manifests && parts:
		return unknown, errors.New("is a manifest and an index at once")
	case manifests:
		return index, nil
	case b.Config != nil:
		return manifest, nil
	}
	return unknown, errors.New("is neither a manifest nor an index")
}

// check is about a manifest: whether it is an image, and of sizes that can be.
func (b body) check() error {
	switch t := mediaType(b.Config.MediaType); t {
	case DockerConfig, OCIConfig:
	case "application/octet-stream", "": // of old Dockers, and of registries that forgot it
	default:
		return fmt.Errorf("is no image but an artifact of the type %s", show(t))
	}
	if b.ArtifactType != "" {
		return fmt.Errorf("is no image but an artifact of the type %s", show(b.ArtifactType))
	}
	if err := b.Config.check(MaxDocument); err != nil {
		return fmt.Errorf("its config %w", err)
	}
	switch n := len(b.Layers); {
	case n == 0:
		return errors.New("has no layers")
	case n > maxLayers:
		return fmt.Errorf("has %d layers; at most %d are taken", n, maxLayers)
	}
	for _, l := range b.Layers {
		if err := l.check(maxLayerSize); err != nil {
			return fmt.Errorf("a layer %w", err)
		}
	}
	return nil
}

// check is about what a descriptor says by itself.
func (d Descriptor) check(most int64) error {
	switch {
	case !d.Digest.Valid():
		return fmt.Errorf("has the digest %s; known are sha256 and sha512, in lower-case hex", show(string(d.Digest)))
	case d.Size <= 0:
		return fmt.Errorf("%s has %d bytes", d.Digest, d.Size)
	case d.Size > most:
		return fmt.Errorf("%s has %d bytes; at most %d are taken", d.Digest, d.Size, most)
	}
	return nil
}

// refuse is an error about the document.
func (doc Document) refuse(what string, err error) error {
	return &InvalidError{What: what + " " + string(doc.Digest), Reason: err.Error()}
}
