package engine

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/trust"
)

// Images lists what the store has, sorted by name and version, each with who
// vouches for it today. It opens no image: ten thousand take milliseconds.
func (e *Engine) Images() ([]Entry, error) {
	list, err := e.store.List()
	if err != nil {
		return nil, err
	}
	var book *trust.Book // of today's keys; few stores have any
	for i := range list {
		image := &list[i]
		if by, pinned := e.options.Pinned[image.ID]; pinned {
			image.VerifiedBy, image.VerifiedKey, image.VerifiedPin = by, "", ""
			continue
		}
		if image.VerifiedBy == "" {
			continue
		}
		if book == nil {
			if book, err = e.trust.Book(); err != nil {
				return nil, err
			}
		}
		if !book.Counts(image.VerifiedKey, image.VerifiedPin, image.Name) || image.Dependent && !e.vouchedWhole(image.ID) {
			image.VerifiedBy, image.VerifiedKey, image.VerifiedPin = "", "", ""
		}
	}
	return list, nil
}

// Approve vouches for exactly the content of a digest, as the keyring does. Images
// that are here are verified at once.
func (e *Engine) Approve(pin, note string) (TrustChange, error) {
	change, err := e.Keyring.Approve(pin, note)
	if err != nil {
		return "", err
	}
	return change, e.fetcher.Reconsider(pin)
}

// vouchedWhole opens an image to see who vouches for those below it.
func (e *Engine) vouchedWhole(id string) bool {
	image, err := e.store.Get(id)
	return err == nil && e.fetcher.Vouched(image).Verified != nil
}

// LastUsed returns when each of the listed images was last used.
func (e *Engine) LastUsed(list []Entry) ([]time.Time, error) { return e.store.LastUsed(list) }

// Image finds a stored image by its ID or an unambiguous prefix of it.
func (e *Engine) Image(id string) (Image, error) {
	image, err := e.store.Find(id)
	if err != nil {
		return Image{}, err
	}
	return e.fetcher.Vouched(image), nil
}

// ManifestJSON is an image's manifest, byte for byte.
func (e *Engine) ManifestJSON(id string) ([]byte, error) { return e.store.ManifestJSON(id) }

// RemoveImage removes an image by its ID or an unambiguous prefix of it. By its
// whole ID it removes one that is damaged as well.
func (e *Engine) RemoveImage(id string) error {
	image, err := e.store.Find(id)
	var damaged *DamagedImageError
	if errors.As(err, &damaged) && strings.EqualFold(damaged.ID, id) {
		return e.store.Remove(damaged.ID)
	}
	if err != nil {
		return err
	}
	return e.store.Remove(image.ID)
}

// Stored finds the stored image that a reference led to when it was fetched, or
// a name would lead to. No connection is made; a file that is new is read.
func (e *Engine) Stored(ctx context.Context, reference string) (Image, error) {
	return e.Fetch(ctx, reference, FetchOptions{SkipVerify: true, Pull: spec.PullNever}, nil)
}

// FetchOptions say how an image is fetched.
type FetchOptions struct {
	SkipVerify bool            // nobody needs to vouch for it, and no signature is asked for
	Pull       spec.PullPolicy // when its source is asked
	Stored     bool            // it is in the store, or not to be had: not even a file is read

	// AllowUnsigned lets an image come that carries no signature. It stays
	// unverified; a signature that it does carry has to be good.
	AllowUnsigned bool

	Signature string // a file with the signature, in place of the one at its source

	// Believe are keys that are believed for one image alone, by what an
	// UnverifiedError calls it: that one is then approved by its ID.
	Believe map[string][]KeyInfo

	// Unverified are images that may come though nobody vouches for them, by what an
	// UnverifiedError calls them, each with the ID that it has to have; "": whatever
	// comes. It says nothing of those below them.
	Unverified map[string]string
}

// Fetch brings an image that is to run into the store, however it is called, as
// Run does it, and reports each step. Of one that nobody vouches for nothing is
// unpacked, and the error is an *UnverifiedError.
func (e *Engine) Fetch(ctx context.Context, reference string, o FetchOptions, sink event.Sink) (Image, error) {
	ref, err := imageref.Parse(reference, fetch.FileExists)
	if err != nil {
		reference = imageref.Masked(reference)
		sink.Emit(event.Event{Type: event.ImageSearch, State: event.Failed, Image: reference, Message: reason(err)})
		return Image{}, &ImageError{Image: reference, Err: err}
	}
	believe, err := readBelieved(o.Believe)
	if err != nil {
		return Image{}, &ImageError{Image: reference, Err: err}
	}
	if o.Stored {
		o.Pull = spec.PullNever
	}
	image, err := e.fetcher.Fetch(ctx, fetch.Request{
		Ref: ref, Policy: o.Pull, Stored: o.Stored, Sink: sink,
		Verify: fetch.Verify{Skip: o.SkipVerify, AllowUnsigned: o.AllowUnsigned, Signature: o.Signature, Believe: believe, Allow: o.Unverified},
	})
	return e.fetched(reference, image, err)
}

// fetched names the image in an error that doesn't.
func (e *Engine) fetched(reference string, image Image, err error) (Image, error) {
	switch err.(type) {
	case nil:
		return image, nil
	case *UnverifiedError:
		return Image{}, err
	}
	return Image{}, &ImageError{Image: reference, Err: err}
}

// Import reads an ACI into the store, in one pass: the stages overlap, and each
// is done when it is done. Reference is what the events call it.
func (e *Engine) Import(ctx context.Context, reference string, r io.Reader, size int64, sink event.Sink) (Image, error) {
	image, err := e.fetcher.Import(ctx, reference, r, size, sink)
	return e.fetched(reference, image, err)
}
