package engine

import (
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// noSignature is why an image is not believed, in the words of the contract.
const noSignature = "no signature"

// admit says, before anything of an image is read, whether it may run. Nobody
// can vouch for one that is not in the store yet.
func (e *Engine) admit(found fetch.Found, skip bool, sink event.Sink) error {
	if found.Stored == nil {
		return unverified(found.Reference, skip, sink)
	}
	image := e.vouched(*found.Stored)
	if image.Verified == nil {
		return unverified(found.Reference, skip, sink)
	}
	sink.Emit(event.Event{Type: event.ImageVerify, State: event.Done, Image: found.Reference, ID: image.ID, Message: image.Verified.By})
	return nil
}

func unverified(reference string, skip bool, sink event.Sink) error {
	verdict := event.Event{Type: event.ImageVerify, State: event.Failed, Image: reference, Message: noSignature}
	if skip {
		verdict.State = event.Skipped
		sink.Emit(verdict)
		return nil
	}
	sink.Emit(verdict)
	return &UnverifiedError{Image: reference, Refusal: &refusal.Error{Kind: refusal.NoSignature}}
}

// vouched is an image that says who vouches for it: whoever was believed when it
// came or later, or this very binary.
func (e *Engine) vouched(image Image) Image {
	if by, ok := e.options.Pinned[image.ID]; ok && image.Verified == nil {
		image.Verified = &Verification{By: by, At: image.Imported}
	}
	return image
}
