package fetch

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch/oci"
	"github.com/podtui/podtui/engine/trust"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/store"
)

// atOnce is how many layers come and are unpacked at the same time: more gain
// nothing on the usual host, and each takes its memory.
const atOnce = 3

// layerSource has the content of layers.
type layerSource interface {
	// read brings a layer that the draft lacks.
	read(ctx context.Context, l *layerJob) error
}

// imageNames is what an image of a registry or an archive is called.
type imageNames struct {
	oci.Names
	origin  string   // where its content is, by digest if that is known
	digests []string // docker://HOST/REPO@DIGEST, of all that can be approved
}

// bringImage makes an image of the store out of manifest, config and layers.
// Layers that any other image has are there already.
func (j *job) bringImage(ctx context.Context, img *oci.Image, names imageNames, src layerSource) (store.Image, error) {
	by, err := j.approved(names)
	if err == nil && j.Verify.Signature != "" && !j.skips() {
		err = fmt.Errorf("signature %s: an image of a registry has no bytes that it could be over", j.Verify.Signature)
	}
	if err != nil {
		return store.Image{}, err
	}
	draft, err := j.store.Draft()
	if err != nil {
		return store.Image{}, err
	}
	defer draft.Close()
	if err := j.bringLayers(ctx, draft, img.Layers, src); err != nil {
		return store.Image{}, err
	}
	return j.commit(ctx, draft, img, names, by)
}

// approved says who vouches for the image of a registry: such images carry no
// signature, but their digests may have been approved.
func (j *job) approved(names imageNames) (*store.Verification, error) {
	by, err := j.options.Trust.Judge(trust.Subject{Name: names.Name, Evidence: trust.Evidence{Digests: names.digests}})
	var refused *refusal.Error
	switch {
	case err == nil:
		j.report.emit(event.Event{Type: event.ImageVerify, State: event.Done, Message: by.By})
		return by, nil
	case !errors.As(err, &refused):
		return nil, err
	case j.skips() || j.Verify.AllowUnsigned:
		j.report.emit(event.Event{Type: event.ImageVerify, State: event.Skipped, Message: refused.Error()})
		return nil, nil
	}
	return nil, &UnverifiedError{Image: j.Ref.String(), Name: names.Name, Refusal: refused, Digests: names.digests}
}

func (j *job) commit(ctx context.Context, draft *store.Draft, img *oci.Image, names imageNames, by *store.Verification) (store.Image, error) {
	diffIDs := make([]string, len(img.Layers))
	ids := make([]oci.Digest, len(img.Layers))
	for i, layer := range img.Layers {
		diffIDs[i], ids[i] = string(layer.DiffID), layer.DiffID
	}
	root, err := draft.Look(diffIDs)
	if err != nil {
		return store.Image{}, err
	}
	defer root.Close()
	manifest, err := img.Convert(names.Names, users{root})
	if err != nil {
		return store.Image{}, err
	}
	evidence, err := json.Marshal(trust.Evidence{Digests: names.digests})
	if err != nil {
		return store.Image{}, err
	}
	id := oci.ImageID(manifest, ids)
	if err := j.mayStand(id, by, nil); err != nil {
		return store.Image{}, err
	}
	stored, isNew, err := draft.Commit(ctx, store.CommitOptions{
		ID: id, Manifest: manifest, DiffIDs: diffIDs, Origin: names.origin,
		Verified: by, Evidence: evidence, Insecure: j.insecure(names.origin),
	})
	if err != nil {
		return store.Image{}, err
	}
	j.unpacked(stored, isNew, j.report.last(event.ImageUnpack).Total)
	return j.arrived(stored)
}

// bringLayers brings those that the store lacks, some at a time. They are begun
// in the order of their digests, and so are the downloads of every other
// process: of two that share layers, one always has what the other waits for.
func (j *job) bringLayers(ctx context.Context, draft *store.Draft, layers []oci.Layer, src layerSource) error {
	all := j.newTally(layers)
	missing, err := all.missing(draft)
	if err != nil {
		return err
	}
	all.begin()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, l := range missing {
		ready := make(chan struct{})
		l.begun = sync.OnceFunc(func() { close(ready) })
		group.Go(func() error {
			defer l.begun()
			return l.failed(src.read(ctx, l))
		})
		<-ready // it has its download, and the next one may ask for its own
	}
	if err := group.Wait(); err != nil {
		return err
	}
	all.end()
	return nil
}

// layerJob is one layer on its way.
type layerJob struct {
	oci.Layer
	tally     *tally
	draft     *store.Draft
	begun     func() // lets the next layer begin
	unpacking bool   // what failed was the unpacking
}

func (l *layerJob) fetching(bytes, _ int64) { l.tally.add(event.ImageFetch, l, bytes) }

func (l *layerJob) done(t event.Type) { l.tally.done(t, l) }

func (l *layerJob) unpack(ctx context.Context, r io.Reader) error {
	err := l.draft.ReadLayer(ctx, r, store.LayerOptions{
		DiffID: string(l.DiffID), Size: l.Size,
		Progress: func(read, _ int64) { l.tally.add(event.ImageUnpack, l, read) },
	})
	if err == nil {
		l.done(event.ImageUnpack)
	}
	return err
}

// found is the end of a layer that another process has brought meanwhile.
func (l *layerJob) found(here bool, err error) error {
	if here {
		l.done(event.ImageFetch)
		l.done(event.ImageUnpack)
	}
	return err
}

// failed says which layer it was.
func (l *layerJob) failed(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return &LayerError{Digest: string(l.Digest), Err: err, unpacking: l.unpacking}
}

// tally adds up what the layers of an image do.
type tally struct {
	job    *job
	layers []*layerJob
	total  int64

	mu    sync.Mutex
	bytes map[event.Type]map[*layerJob]int64
	sum   map[event.Type]int64
}

func (j *job) newTally(layers []oci.Layer) *tally {
	t := &tally{job: j, bytes: make(map[event.Type]map[*layerJob]int64), sum: make(map[event.Type]int64)}
	for _, layer := range layers {
		if !slices.ContainsFunc(t.layers, func(l *layerJob) bool { return l.DiffID == layer.DiffID || l.Digest == layer.Digest }) {
			t.layers = append(t.layers, &layerJob{Layer: layer, tally: t})
			t.total += layer.Size
		}
	}
	for _, step := range []event.Type{event.ImageFetch, event.ImageUnpack} {
		t.bytes[step] = make(map[*layerJob]int64)
	}
	return t
}

// missing are the layers that the store lacks, in the order of their digests.
// Those that it has are told to be there.
func (t *tally) missing(draft *store.Draft) ([]*layerJob, error) {
	var missing []*layerJob
	for _, l := range t.layers {
		l.draft = draft
		here, err := draft.Keep(string(l.DiffID))
		if err != nil {
			return nil, err
		}
		if !here {
			missing = append(missing, l)
			continue
		}
		t.total -= l.Size
		for _, step := range []event.Type{event.ImageFetch, event.ImageUnpack} {
			t.job.report.emit(event.Event{Type: step, State: event.Skipped, Layer: string(l.Digest), Message: "in the store already"})
		}
	}
	slices.SortFunc(missing, func(a, b *layerJob) int { return cmp.Compare(a.Digest, b.Digest) })
	return missing, nil
}

// begin tells of the whole, and of each layer that is to come.
func (t *tally) begin() {
	for _, step := range []event.Type{event.ImageFetch, event.ImageUnpack} {
		t.job.report.progress(step, "", 0, t.total)
	}
}

func (t *tally) end() {
	t.job.report.emit(event.Event{Type: event.ImageFetch, State: event.Done, Bytes: t.total, Total: t.total})
}

func (t *tally) add(step event.Type, l *layerJob, bytes int64) {
	t.mu.Lock()
	t.sum[step] += bytes - t.bytes[step][l]
	t.bytes[step][l] = bytes
	sum := t.sum[step]
	t.mu.Unlock()
	t.job.report.progress(step, string(l.Digest), bytes, l.Size)
	t.job.report.progress(step, "", sum, t.total)
}

func (t *tally) done(step event.Type, l *layerJob) {
	t.add(step, l, l.Size)
	t.job.report.emit(event.Event{Type: step, State: event.Done, Layer: string(l.Digest), Bytes: l.Size, Total: l.Size})
}
