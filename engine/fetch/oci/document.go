// Package oci knows the manifests and configs of Docker and OCI: it reads them,
// bounded and checked, from whatever has them, chooses among platforms, and
// makes an appc image manifest of a config by the rule in docs/images.md.
//
// It reads documents only, never a layer, and knows no registry and no file:
// those are Sources. All that comes from one is taken for hostile: each document
// is at most MaxDocument long, has the digest and size that its descriptor says,
// is one JSON value without duplicate keys, and is either a manifest or an
// index, never both. URLs of layers are not followed.
package oci

import (
	"context"
	"mime"
	"strings"
)

// MaxDocument is how long a manifest, an index or a config may be. Registries
// take no longer ones either.
const MaxDocument = 4 << 20

// Media types of documents.
const (
	DockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	DockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
	DockerConfig   = "application/vnd.docker.container.image.v1+json"
	OCIManifest    = "application/vnd.oci.image.manifest.v1+json"
	OCIIndex       = "application/vnd.oci.image.index.v1+json"
	OCIConfig      = "application/vnd.oci.image.config.v1+json"
)

// Accepted are the media types that Read takes as its top, for an Accept header.
func Accepted() []string {
	return []string{OCIIndex, OCIManifest, DockerList, DockerManifest}
}

// Descriptor is what one document says of another, or of a layer.
type Descriptor struct {
	MediaType    string            `json:"mediaType,omitempty"`
	Digest       Digest            `json:"digest"`
	Size         int64             `json:"size"`
	Platform     *Platform         `json:"platform,omitempty"`
	URLs         []string          `json:"urls,omitempty"` // never followed
	Annotations  map[string]string `json:"annotations,omitempty"`
	ArtifactType string            `json:"artifactType,omitempty"`
}

// Check tells whether content is what the descriptor says: a *SizeError or
// *DigestError if not.
func (d Descriptor) Check(content []byte) error {
	if int64(len(content)) != d.Size {
		return &SizeError{Digest: d.Digest, Want: d.Size, Got: int64(len(content))}
	}
	return d.Digest.Verify(content)
}

// Document is a manifest, an index or a config as it came.
type Document struct {
	MediaType string // as its source says; "" if it doesn't
	Digest    Digest
	Raw       []byte
}

// Source is where documents are read from, by digest.
type Source interface {
	// Document returns what d describes. It reads no more than d.Size, and never
	// more than MaxDocument. Read checks size and digest whatever a source did.
	Document(ctx context.Context, d Descriptor) (Document, error)
}

// mediaType is a media type without parameters, in lower case.
func mediaType(s string) string {
	if t, _, err := mime.ParseMediaType(s); err == nil {
		return t
	}
	return strings.ToLower(strings.TrimSpace(s))
}
