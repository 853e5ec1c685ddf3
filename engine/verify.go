package engine

import "github.com/podtui/podtui/engine/event"

// noSignature is why an image is not believed, in the words of the contract.
const noSignature = "no signature"

// verifyFile asks, before a file is read, whether its image may run. Nobody can
// vouch for a file yet.
func (e *Engine) verifyFile(reference string, skip bool, sink event.Sink) error {
	return unverified(reference, skip, sink)
}

// verifyStored asks whether a stored image may run: somebody vouches for it.
func (e *Engine) verifyStored(reference string, image Image, skip bool, sink event.Sink) error {
	if image.Verified == nil {
		return unverified(reference, skip, sink)
	}
	sink.Emit(event.Event{Type: event.ImageVerify, State: event.Done, Image: reference, ID: image.ID, Message: image.Verified.By})
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
	return &UnverifiedError{Image: reference, Reason: noSignature}
}

// vouched is an image that says who vouches for it: whoever was believed when it
// came or later, or this very binary.
func (e *Engine) vouched(image Image) Image {
	if by, ok := e.options.Pinned[image.ID]; ok && image.Verified == nil {
		image.Verified = &Verification{By: by, At: image.Imported}
	}
	return image
}
