package dialog

import (
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// What can be said of an image that nobody has signed, and what that means.
const (
	ApproveContent  = "approve content"
	ApprovedContent = "Approved content runs without being asked about again, here and in batch, until that is taken back."
)

// Reviewable reports whether there is a key whose review could mend a refusal.
func Reviewable(err *engine.UnverifiedError) bool {
	if err == nil || err.Refusal == nil || len(err.Offers) == 0 {
		return false
	}
	return err.Refusal.Kind == refusal.UnknownKey || err.Refusal.Kind == refusal.NotTrusted
}

// noOffer says that nobody names an unknown key: only of an image that is asked for
// by its name anybody is asked.
func noOffer(image string) string {
	if ref, err := imageref.Parse(image, nil); err == nil && ref.Kind == imageref.Name {
		return "Its site names no such key."
	}
	return "No key came with it."
}

// Mend says what would make somebody vouch for an image that was refused.
func Mend(err *engine.UnverifiedError) string {
	if err.Anew {
		return "The signature is not of the copy that is here. Fetching the image anew may bring one that it fits."
	}
	switch err.Refusal.Kind {
	case refusal.NoSignature:
		return "Nothing tells who made it, or that it is unchanged."
	case refusal.UnknownKey:
		if Reviewable(err) {
			return "Its site names the key: look at it, and trust it or not."
		}
		return noOffer(err.Image) + " One that you have otherwise is added on the Trust screen."
	case refusal.NotTrusted:
		if Reviewable(err) {
			return "The key is known here, but counts for other names: a review lets it count for this one."
		}
		return "The key is known here, but counts for other names: the Trust screen lets it count for this one."
	case refusal.BadSignature:
		if !err.Refusal.OtherBytes {
			return "Nothing can be told from such a signature: only another one will do."
		}
		return "What came is not what was signed: it was changed or damaged on its way, or where it lies. Fetching it again may bring what was signed."
	case refusal.Expired:
		return "A newer copy of the key, or an image that is signed anew, would do. The Trust screen adds keys."
	case refusal.Revoked:
		return "The key's owner took it back: only an image that another key has signed will do."
	case refusal.Weak:
		return "Such a signature can be forged: only an image that is signed anew, by stronger means, will do."
	}
	return ""
}
