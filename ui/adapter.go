package ui

import (
	"context"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/store"
)

// vouched is an engine whose images say who vouches for them, be it a
// signature or this very binary, so that no screen has to ask twice.
type vouched struct{ Engine }

// Images lists what the store has.
func (v vouched) Images() ([]store.Image, error) {
	all, err := v.Engine.Images()
	for i := range all {
		all[i] = v.vouch(all[i])
	}
	return all, err
}

// Resolve finds the image that a reference means.
func (v vouched) Resolve(ctx context.Context, reference string, sink event.Sink) (store.Image, error) {
	img, err := v.Engine.Resolve(ctx, reference, sink)
	if err != nil {
		return img, err
	}
	return v.vouch(img), nil
}

func (v vouched) vouch(img store.Image) store.Image {
	if by, ok := v.Verified(img); ok && img.Verified == nil {
		img.Verified = &store.Verification{By: by, At: img.Imported}
	}
	return img
}
