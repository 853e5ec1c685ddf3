package fetch

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch/oci"
	"github.com/podtui/podtui/engine/fetch/registry"
	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/store"
)

// registryPlace is a repository of a registry.
type registryPlace struct {
	*job
	repo *registry.Repository
	top  oci.Document // the manifest or index that the reference leads to
	etag string
}

func newRegistryPlace(j *job) *registryPlace { return &registryPlace{job: j} }

const scheme = "docker://"

func (p *registryPlace) key() string { return scheme + p.Ref.Registry.String() }

func (p *registryPlace) stored() (store.Image, error) {
	_, img, err := p.recalled()
	return img, err
}

// locate asks for the manifest, and nothing more if it is the one that was
// fetched before. A digest never leads to anything else, so it isn't even asked
// about.
func (p *registryPlace) locate(ctx context.Context, known store.Remembered) (string, error) {
	if known.ID != "" && p.Ref.Registry.Digest != "" {
		return "", sameDigest
	}
	p.repo = p.web().registry.Repository(p.Ref.Registry)
	top, etag, same, err := p.repo.Top(ctx, known.ETag)
	if err != nil {
		return "", err
	}
	p.top, p.etag = top, etag
	if known.ID != "" && (same || string(top.Digest) == known.Digest) {
		known.ETag = cmp.Or(etag, known.ETag)
		p.remember(known)
		return "", unchanged
	}
	return p.key(), nil
}

// bring reads what the manifest says, the layers that are missing, and makes an
// image of it.
func (p *registryPlace) bring(ctx context.Context) (store.Image, error) {
	img, err := oci.Read(ctx, p.repo, p.top, oci.Host())
	if err != nil {
		return store.Image{}, err
	}
	stored, err := p.bringImage(ctx, img, p.names(img), remoteLayers{p.job, p.repo})
	if err != nil {
		return store.Image{}, err
	}
	p.remember(store.Remembered{ID: stored.ID, Digest: string(p.top.Digest), ETag: p.etag})
	return stored, nil
}

func (p *registryPlace) names(img *oci.Image) imageNames {
	repo := p.Ref.Registry
	digests := digestsOf(repo, p.top, img)
	return imageNames{
		Names:  oci.Names{Name: repo.ImageName(), Version: repo.Tag, Reference: scheme + repo.String()},
		origin: digests[0], digests: digests,
	}
}

// digestsOf is by which digests people can mean an image: that of the index and
// that of its manifest, as docker:// references.
func digestsOf(repo imageref.Repository, top oci.Document, img *oci.Image) []string {
	var digests []string
	for _, digest := range []oci.Digest{top.Digest, img.Manifest.Digest} {
		at := imageref.Repository{Host: repo.Host, Repo: repo.Repo, Digest: string(digest)}
		if d := scheme + at.String(); !slices.Contains(digests, d) {
			digests = append(digests, d)
		}
	}
	return digests
}

// remoteLayers are layers of a repository.
type remoteLayers struct {
	*job
	repo *registry.Repository
}

// read downloads a layer and has it unpacked while it comes. What was downloaded
// has served its purpose then: others find the layer.
func (r remoteLayers) read(ctx context.Context, l *layerJob) error {
	partial, err := r.store.Partial(ctx, string(l.Digest), l.fetching)
	if err != nil {
		return err
	}
	defer partial.Close()
	l.begun()
	if here, err := l.draft.Keep(string(l.DiffID)); here || err != nil {
		return l.found(here, err) // whoever had the download before has finished it
	}
	err = r.readInto(ctx, l, partial)
	if err == nil || bad(err) && ctx.Err() == nil { // else it is another layer that is bad
		r.report.warn(partial.Remove())
	}
	if err != nil && partial.Size() > 0 {
		err = &keptError{err}
	}
	return err
}

func (r remoteLayers) readInto(ctx context.Context, l *layerJob, partial *store.Partial) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	downloaded := make(chan error, 1)
	go func() { downloaded <- r.download(ctx, l, partial) }()
	unpackErr := l.unpack(ctx, partial.Tail(ctx))
	for errors.Is(unpackErr, store.ErrRestarted) {
		unpackErr = l.unpack(ctx, partial.Tail(ctx))
	}
	if unpackErr != nil {
		cancel() // nobody needs the rest
	}
	if err := <-downloaded; err != nil && !errors.Is(err, context.Canceled) {
		return err // which is why the other ended as well
	}
	l.unpacking = unpackErr != nil
	return unpackErr
}

// download ends what is read at the same time, one way or the other.
func (r remoteLayers) download(ctx context.Context, l *layerJob, partial *store.Partial) error {
	request := r.repo.Blob(l.Descriptor)
	request.Retrying = r.report.retrying
	_, err := r.web().http.Download(ctx, request, resumable{partial},
		transfer.Wanted{Size: l.Size, Digest: string(l.Digest), Progress: l.fetching})
	err = r.repo.Explain(err)
	if err == nil {
		l.done(event.ImageFetch)
	}
	partial.Finish(err)
	return err
}
