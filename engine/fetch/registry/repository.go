package registry

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/podtui/podtui/engine/fetch/oci"
	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/imageref"
)

// Repository is a repository of a registry, and what is wanted from it.
type Repository struct {
	host *host
	ref  imageref.Repository
}

const maxEtag = 1 << 10

var _ oci.Source = (*Repository)(nil)

func (r *Repository) scope() string { return "repository:" + r.ref.Repo + ":pull" }

// Top is the manifest or the index that the reference leads to: by its digest
// if it has one, else by its tag. With the etag of an earlier answer, an
// unchanged tag is told in one request and without a document.
func (r *Repository) Top(ctx context.Context, etag string) (doc oci.Document, newEtag string, notModified bool, err error) {
	if d := r.ref.Digest; d != "" {
		doc, err := r.manifest(ctx, oci.Digest(d))
		return doc, quote(oci.Digest(d)), false, err
	}
	header := http.Header{"Accept": {accepted()}}
	if etag != "" {
		header.Set("If-None-Match", etag)
	}
	d, err := r.get(ctx, "manifests/"+r.ref.Tag, transfer.Request{Header: header, MaxBody: oci.MaxDocument})
	switch {
	case err != nil:
		return doc, "", false, err
	case d.NotModified:
		return doc, etag, true, nil
	}
	doc = oci.Document{MediaType: d.Header.Get("Content-Type"), Digest: oci.DigestOf(d.Body), Raw: d.Body}
	newEtag = d.Header.Get("Etag")
	if newEtag == "" || len(newEtag) > maxEtag {
		newEtag = quote(doc.Digest)
	}
	return doc, newEtag, false, r.check(d)
}

// quote makes an entity tag of a digest: it is what docker-registry has, and
// no other content has it where a registry has none.
func quote(d oci.Digest) string { return `"` + string(d) + `"` }

// accepted is in one line: some registries read the first Accept header only.
func accepted() string { return strings.Join(oci.Accepted(), ", ") }

// Document reads a manifest, an index or a config by its digest.
func (r *Repository) Document(ctx context.Context, d oci.Descriptor) (oci.Document, error) {
	switch {
	case !d.Digest.Valid():
		return oci.Document{}, r.fail(Invalid, "%q is not a digest", brief(string(d.Digest)))
	case d.Size <= 0 || d.Size > oci.MaxDocument:
		return oci.Document{}, r.fail(Invalid, "%s has %d bytes, 1 to %d are taken", d.Digest, d.Size, oci.MaxDocument)
	case isManifest(d.MediaType):
		doc, err := r.manifest(ctx, d.Digest)
		if err == nil {
			err = d.Check(doc.Raw)
		}
		return doc, err
	}
	got, err := r.get(ctx, "blobs/"+string(d.Digest), transfer.Request{MaxBody: d.Size})
	if err == nil {
		err = d.Check(got.Body)
	}
	if err != nil {
		return oci.Document{}, err
	}
	return oci.Document{MediaType: d.MediaType, Digest: d.Digest, Raw: got.Body}, nil
}

// manifest reads a manifest or an index by its digest.
func (r *Repository) manifest(ctx context.Context, digest oci.Digest) (oci.Document, error) {
	d, err := r.get(ctx, "manifests/"+string(digest), transfer.Request{
		Header: http.Header{"Accept": {accepted()}}, MaxBody: oci.MaxDocument,
	})
	if err != nil {
		return oci.Document{}, err
	}
	if err := r.check(d); err != nil {
		return oci.Document{}, err
	}
	doc := oci.Document{MediaType: d.Header.Get("Content-Type"), Digest: digest, Raw: d.Body}
	return doc, digest.Verify(d.Body)
}

func isManifest(mediaType string) bool {
	for _, one := range oci.Accepted() {
		if one == mediaType {
			return true
		}
	}
	return false
}

// check looks at what came instead of a manifest, and at the digest that the
// registry says it has.
func (r *Repository) check(d *transfer.Document) error {
	kind := kindOf(d.Header)
	if strings.EqualFold(kind, "text/html") {
		return r.fail(NotRegistry, "answers with a web page instead of a manifest")
	}
	var about struct {
		Schema int `json:"schemaVersion"`
	}
	// Whether it is one JSON value is for package oci.
	_ = json.Unmarshal(d.Body, &about)
	if about.Schema == 1 || strings.HasPrefix(kind, "application/vnd.docker.distribution.manifest.v1+") {
		return r.fail(Invalid, "its manifest is of Docker's schema 1, of before 2016, which says too little to be checked; "+
			"pushed again by a docker of today it can be read")
	}
	for _, said := range d.Header.Values("Docker-Content-Digest") {
		if err := oci.Digest(said).Verify(d.Body); err != nil {
			return r.fail(Invalid, "the registry calls its manifest %s, but it is %s", brief(said), oci.DigestOf(d.Body))
		}
	}
	return nil
}

// Blob is how to ask for a layer. Before it, something of the repository must
// have been read: that tells how the registry is spoken to.
func (r *Repository) Blob(d oci.Descriptor) transfer.Request {
	base := r.host.known()
	if base == "" {
		base = "https://" + r.host.address
	}
	return transfer.Request{
		URL:       base + "/v2/" + r.ref.Repo + "/blobs/" + string(d.Digest),
		Authorize: r.host.authorize(r.scope()),
	}
}

// Explain puts into words why a blob could not be downloaded.
func (r *Repository) Explain(err error) error { return r.host.explain(err, r.ref.String()) }

// get asks for a document of the repository.
func (r *Repository) get(ctx context.Context, path string, request transfer.Request) (*transfer.Document, error) {
	d, err := r.host.get(ctx, r.ref.Repo+"/"+path, r.scope(), request)
	var length *transfer.LengthError
	if errors.As(err, &length) && length.AtMost {
		return nil, r.fail(Invalid, "%s has more than the %d bytes that are taken", path, length.Want).from(err)
	}
	return d, r.Explain(err)
}

func (r *Repository) fail(kind Kind, format string, args ...any) *Error {
	return r.host.fail(kind, r.ref.String(), format, args...)
}
