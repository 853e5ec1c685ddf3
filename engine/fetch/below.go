package fetch

import (
	"context"

	"github.com/podtui/podtui/store"
)

// Vouched returns a stored image with whoever vouches for it today, if somebody
// does, and for every image below it: its record alone says nothing.
func (f *Fetcher) Vouched(img store.Image) store.Image {
	img.Verified = f.voucher(img, make(map[string]bool))
	return img
}

// voucher is nil if nobody vouches for an image or one below it.
func (f *Fetcher) voucher(img store.Image, seen map[string]bool) *store.Verification {
	by, err := f.judge(img)
	if err != nil {
		return nil
	}
	below, err := f.store.Below(img)
	if err != nil {
		return nil
	}
	for _, image := range below {
		if seen[image.ID] {
			continue
		}
		seen[image.ID] = true
		if f.voucher(image, seen) == nil {
			return nil
		}
	}
	return by
}

// believe is the last word on an image that is in the store: it may be taken if
// somebody vouches for it today, and for every image below it.
func (j *job) believe(ctx context.Context, p place, img store.Image) (store.Image, error) {
	img, err := j.believeAlone(ctx, p, img)
	if err != nil || j.Verify.Skip {
		return img, err
	}
	below, err := j.store.Below(img)
	if err != nil {
		return store.Image{}, err
	}
	j.believed[img.ID] = asking
	for i, image := range below {
		d := img.Manifest.Dependencies[i]
		state, err := j.believed[image.ID], error(nil)
		switch state {
		case asking:
			err = &CycleError{Names: []string{d.ImageName.String(), img.Name(), d.ImageName.String()}}
		case unasked:
			child := j.child(d)
			if image, err = child.believe(ctx, newNamePlace(child), image); err != nil && !misfit(err) {
				err = child.refused(err)
			}
		}
		if err != nil {
			return store.Image{}, &DependencyError{Name: d.ImageName.String(), Err: err}
		}
		if state == taken || state == unasked && image.Verified == nil {
			img.Verified = nil
		}
	}
	j.believed[img.ID] = vouched
	if img.Verified == nil {
		j.believed[img.ID] = taken
	}
	return img, nil
}

// belief is how far it is asked who vouches for an image below.
type belief int

const (
	unasked belief = iota
	asking
	taken // though nobody vouches for it, or for one below it
	vouched
)

// arrived says who vouches for an image that has just been committed, and whether it
// may be taken: whoever did may have been removed while it came, and what it stands
// on may be another than what came with it.
func (j *job) arrived(img store.Image) (store.Image, error) {
	by, err := j.accept(img, j.Ref.String(), make(map[string]*acceptance))
	if err != nil {
		return store.Image{}, j.unverified(err, img.Name(), nil)
	}
	img.Verified = by
	return img, nil
}

// accept says whether an image, as it is called here, and those below it may be taken
// as they are now. It asks nobody else, and is nil if one of them is taken though
// nobody vouches for it. Asked are those that it has been said of; of those that are
// being asked about, above this one, only that they are.
func (j *job) accept(img store.Image, reference string, asked map[string]*acceptance) (*store.Verification, error) {
	key := reference + " " + img.ID
	if a, known := asked[key]; known && a.done {
		return a.by, nil
	} else if known {
		return nil, &CycleError{Names: []string{img.Name(), img.Name()}}
	}
	a := &acceptance{}
	asked[key] = a
	by, err := j.judge(img)
	if err != nil && !j.allows(reference, img.ID) && !j.Verify.AllowUnsigned {
		return nil, err
	}
	below, err := j.store.Below(img)
	if err != nil {
		return nil, err
	}
	for i, image := range below {
		d := img.Manifest.Dependencies[i]
		lower, err := j.accept(image, referenceTo(d).String(), asked)
		if err != nil {
			return nil, &DependencyError{Name: d.ImageName.String(), Err: err}
		}
		if lower == nil {
			by = nil
		}
	}
	a.by, a.done = by, true
	return by, nil
}

// acceptance is what was said of an image, once it was.
type acceptance struct {
	by   *store.Verification
	done bool
}

// reaches reports whether an image is below another, or the same.
func (f *Fetcher) reaches(img store.Image, id string, seen map[string]bool) bool {
	if img.ID == id {
		return true
	}
	for _, lower := range img.Dependencies {
		if seen[lower] {
			continue
		}
		seen[lower] = true
		if below, err := f.store.Get(lower); err == nil && f.reaches(below, id, seen) {
			return true
		}
	}
	return false
}
