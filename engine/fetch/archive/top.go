package archive

import (
	"context"
	"slices"

	"github.com/podtui/podtui/engine/fetch/oci"
)

// image is one of an archive's images.
type image struct {
	names, others []string
	descriptor    oci.Descriptor // in a layout
	saved         saved          // of docker save
}

// Top returns the image that the archive has, or of several the one called
// reference, and the names that it has there. An image for several platforms is
// an index. An archive without the one image that is wanted is a *ChoiceError.
func (a *Archive) Top(ctx context.Context, reference string) (oci.Document, []string, error) {
	list := a.dockerImages
	if a.layout {
		list = a.layoutImages
	}
	all, err := list()
	if err != nil {
		return oci.Document{}, nil, err
	}
	fit := all
	if reference != "" {
		fit = slices.DeleteFunc(slices.Clone(all), func(i image) bool { return !i.called(reference) })
	}
	switch {
	case len(fit) == 1 && a.layout:
		doc, err := a.Document(ctx, fit[0].descriptor)
		return doc, fit[0].names, err
	case len(fit) == 1:
		doc, err := a.manifestOf(ctx, fit[0].saved)
		return doc, fit[0].names, err
	case len(fit) > 1 && a.layout && platformsOfOne(fit):
		return a.together(fit), fit[0].names, nil
	case len(fit) == 0:
		return oci.Document{}, nil, &ChoiceError{Reference: reference, Names: namesOf(all)}
	}
	return oci.Document{}, nil, &ChoiceError{Reference: reference, Count: len(fit), Names: namesOf(fit)}
}

// platformsOfOne tells whether these are one image for several platforms, which
// some tools write side by side into a layout: under one name, or all of them
// without any.
func platformsOfOne(list []image) bool {
	for _, i := range list {
		if i.descriptor.Platform == nil || !slices.Equal(i.names, list[0].names) {
			return false
		}
	}
	return true
}

// together makes an index of them.
func (a *Archive) together(list []image) oci.Document {
	var manifests []oci.Descriptor
	for _, i := range list {
		manifests = append(manifests, i.descriptor)
	}
	doc := oci.NewIndex(manifests)
	a.keep(doc.Digest, known{raw: doc.Raw})
	return doc
}

func namesOf(list []image) []string {
	var names []string
	for _, i := range list {
		names = append(names, i.names...)
	}
	return names
}

func (a *Archive) keep(d oci.Digest, k known) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known[d] = k
}

func (a *Archive) find(d oci.Digest) (known, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k, ok := a.known[d]
	return k, ok
}
