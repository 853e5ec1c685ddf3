package stages

import (
	"context"
	"errors"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// Fetcher is what Doubts needs of an engine.
type Fetcher interface {
	Fetch(ctx context.Context, reference string, o engine.FetchOptions, sink event.Sink) (engine.Image, error)
}

// Doubts asks why nobody vouches for an image of the store, or whether somebody does
// by the signature in a file. Nobody beyond the host is asked. If neither can be told,
// the error is not an *engine.UnverifiedError.
func Doubts(ctx context.Context, e Fetcher, id, signature string) (engine.Image, error) {
	return e.Fetch(ctx, id, engine.FetchOptions{Pull: spec.PullNever, Signature: signature}, nil)
}

// Doubt is why nobody vouches for an image; nil: that is not known.
type Doubt struct {
	Kind refusal.Kind
	Text string // the whole reason, in the engine's words
	Of   string // whom it is about, as the engine calls it
	Own  bool   // that is the image itself, and not one that it depends on
}

// DoubtOf is the doubt in the answer about an image that was asked for as reference.
func DoubtOf(err error, reference string) *Doubt {
	var refused *engine.UnverifiedError
	if !errors.As(err, &refused) || refused.Refusal == nil {
		return nil
	}
	d := &Doubt{Kind: refused.Refusal.Kind, Text: refused.Refusal.Error(), Of: refused.Image, Own: refused.Image == reference}
	if !d.Own {
		d.Text = refused.Image + ", which it depends on: " + d.Text
	}
	return d
}

// SkipsImages is the flag that lets a whole command line do without verification, and
// leaves servers' certificates alone.
const SkipsImages = "--insecure-options=image"

// Plain reports whether an image merely carries no signature, and nothing is known
// that speaks against it.
func (d *Doubt) Plain() bool { return d == nil || d.Kind == refusal.NoSignature && d.Own }

// Mark is how the image is marked where there is little room.
func (d *Doubt) Mark() string {
	if d == nil || d.Kind == refusal.NoSignature {
		return NotVerified
	}
	return "! " + d.Kind.String()
}

// Approvable reports whether it makes sense to approve the image for what it is:
// not if its signature speaks against it, nor if that would not be enough.
func (d *Doubt) Approvable() bool {
	return d == nil || d.Own && Approvable(d.Kind)
}

// Approvable is the same for a refusal of that kind.
func Approvable(k refusal.Kind) bool {
	switch k {
	case refusal.BadSignature, refusal.Revoked, refusal.Weak:
		return false
	}
	return true
}
