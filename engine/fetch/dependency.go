package fetch

import (
	"context"
	"strings"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/store"
)

// maxDependencies bounds how many images one may need, all in all.
const maxDependencies = 100

// dependencies brings what an image depends on into the store, depth first and
// in the manifest's order, and returns the IDs in that order (ace.md,
// "Filesystem Setup").
func (j *job) dependencies(ctx context.Context, m *schema.ImageManifest) ([]string, error) {
	var ids []string
	for _, d := range m.Dependencies {
		img, err := j.dependency(ctx, d)
		if err != nil {
			if _, isCycle := err.(*CycleError); isCycle {
				return nil, err
			}
			return nil, &DependencyError{Name: d.ImageName.String(), Err: err}
		}
		ids = append(ids, img.ID)
	}
	return ids, nil
}

func (j *job) dependency(ctx context.Context, d types.Dependency) (store.Image, error) {
	ref := reference(d)
	child := &job{
		Fetcher: j.Fetcher, parent: j, family: j.family,
		Request: Request{Ref: ref, Policy: j.Policy, Admit: j.Admit, Sink: j.Sink},
		report:  newReporter(ref.String(), j.Sink),
	}
	key := newNamePlace(child).key()
	if j.holds(key) {
		child.name = key
		return store.Image{}, child.circle(nil)
	}
	img, known := j.family[key]
	if !known && d.ImageID != nil {
		img, known = child.pinned(d.ImageID.String())
	}
	if !known {
		if len(j.family) >= maxDependencies {
			return store.Image{}, &store.ArchiveError{Reason: "depends on more images than anybody needs"}
		}
		var err error
		if img, err = child.run(ctx); err != nil {
			return store.Image{}, err
		}
		j.family[key] = img
	}
	return img, matches(img, d)
}

// pinned returns a dependency that is called by its whole ID and is here: nobody
// has anything newer.
func (j *job) pinned(id string) (store.Image, bool) {
	img, err := j.store.Get(id)
	if err != nil || newNamePlace(j).fits(img) != nil {
		return store.Image{}, false
	}
	j.report.step(event.ImageSearch, event.Started)
	img, err = j.take(img, "in the store")
	return img, err == nil
}

// matches holds an image against what its dependent says of it beyond name and
// labels.
func matches(img store.Image, d types.Dependency) error {
	if d.ImageID != nil && d.ImageID.String() != img.ID && !strings.HasPrefix(img.ID, d.ImageID.String()) {
		return &MismatchError{What: "ID", Want: d.ImageID.String(), Got: img.ID}
	}
	return nil
}

// reference is a dependency as if somebody had typed it.
func reference(d types.Dependency) imageref.Ref {
	name := imageref.AppName{Name: d.ImageName.String()}
	for _, l := range d.Labels {
		name.Labels = append(name.Labels, imageref.Label{Name: l.Name.String(), Value: l.Value})
	}
	return imageref.OfName(name)
}
