package engine

import (
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/store"
)

// noSignature is why an image is not believed, in the words of the contract.
const noSignature = "no signature"

// verify asks, before a file is read, whether its image may run. Nobody can
// vouch for a file yet.
func (e *Engine) verifyFile(reference string, skip bool, sink event.Sink) error {
	return unverified(reference, skip, sink)
}

// verifyStored asks whether a stored image may run: it was verified when it
// came, or this binary vouches for it.
func (e *Engine) verifyStored(reference string, image store.Image, skip bool, sink event.Sink) error {
	by := e.options.Pinned[image.ID]
	if image.Verified != nil {
		by = image.Verified.By
	}
	if by == "" {
		return unverified(reference, skip, sink)
	}
	sink.Emit(event.Event{Type: event.ImageVerify, State: event.Done, Image: reference, ID: image.ID, Message: by})
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

// Verified reports whether an image may run without anybody's consent, and by
// whose word.
func (e *Engine) Verified(image store.Image) (by string, ok bool) {
	if image.Verified != nil {
		return image.Verified.By, true
	}
	by, ok = e.options.Pinned[image.ID]
	return by, ok
}
