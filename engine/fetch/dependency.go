package fetch

import (
	"context"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/store"
)

// maxDependencies bounds how many images one may need, all in all.
const maxDependencies = 100

// dependencies brings what an image depends on into the store, depth first and
// in the manifest's order, and returns them in that order (ace.md, "Filesystem
// Setup").
func (j *job) dependencies(ctx context.Context, m *schema.ImageManifest) ([]store.Image, error) {
	var images []store.Image
	for _, d := range m.Dependencies {
		img, err := j.dependency(ctx, d)
		if err != nil {
			if _, isCycle := err.(*CycleError); isCycle {
				return nil, err
			}
			return nil, &DependencyError{Name: d.ImageName.String(), Err: err}
		}
		images = append(images, img)
	}
	return images, nil
}

// child is the job of an image that this one depends on.
func (j *job) child(d types.Dependency) *job {
	ref := referenceTo(d)
	child := &job{
		Fetcher: j.Fetcher, parent: j, family: j.family, believed: j.believed,
		Request: Request{Ref: ref, Policy: j.Policy, Verify: j.Verify.ofDependency(), Sink: j.Sink},
		report:  newReporter(ref.String(), j.Sink),
		limit:   int64(d.Size), // whether packed or not, it can't be longer packed
	}
	if d.ImageID != nil {
		child.wanted = d.ImageID.String()
	}
	return child
}

func (j *job) dependency(ctx context.Context, d types.Dependency) (store.Image, error) {
	child := j.child(d)
	key := newNamePlace(child).key()
	if j.holds(key) {
		child.name = key
		return store.Image{}, child.circle(nil)
	}
	if img, known := j.family[key+child.wanted]; known {
		return img, nil
	}
	if len(j.family) >= maxDependencies {
		return store.Image{}, &store.ArchiveError{Reason: "depends on more images than anybody needs"}
	}
	img, found, err := child.pinned(ctx)
	if !found {
		img, err = child.run(ctx)
	}
	if err == nil && child.wanted != "" && img.ID != child.wanted {
		err = &MismatchError{What: "ID", Want: child.wanted, Got: img.ID}
	}
	if err == nil {
		j.family[key+child.wanted] = img
	}
	return img, err
}

// pinned finds a dependency that is called by its ID and is here: nobody has
// anything newer.
func (j *job) pinned(ctx context.Context) (img store.Image, found bool, err error) {
	if j.wanted == "" {
		return img, false, nil
	}
	p := newNamePlace(j)
	if here, err := j.store.Get(j.wanted); err == nil && p.fits(here) == nil {
		j.report.step(event.ImageSearch, event.Started)
		img, err = j.take(ctx, p, here, "in the store")
		return img, true, err
	}
	return img, false, nil // its source is asked
}

// referenceTo is a dependency as if somebody had typed it.
func referenceTo(d types.Dependency) imageref.Ref {
	name := imageref.AppName{Name: d.ImageName.String()}
	for _, l := range d.Labels {
		name.Labels = append(name.Labels, imageref.Label{Name: l.Name.String(), Value: l.Value})
	}
	return imageref.OfName(name)
}
