package trust

import (
	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/store"
)

// Voucher is one way in which somebody vouches for an image. Another system of
// signatures is another one, and a line in Judge.
type Voucher interface {
	// Vouch says who vouches for an image. The error is a *refusal.Error if nobody
	// does.
	Vouch(x Subject) (*store.Verification, error)
}

// Subject is an image that somebody may vouch for, as far as it is known.
type Subject struct {
	Name     string // the image's, from its manifest
	ID       string // "" while it is not known
	Evidence Evidence
	Given    *openpgp.Signatures // that came just now; nil: those of Recorded
	Recorded *store.Verification // what was found earlier; nil: nothing
}

// Evidence is what an image's bytes were as they came. The store keeps it beside
// the image as it is; a verification is computed from it again and again.
type Evidence struct {
	Hashes  *openpgp.State `json:"hashes,omitempty"`  // of what was downloaded
	Digests []string       `json:"digests,omitempty"` // "docker://HOST/REPO@sha256:…", of a registry's index and manifest
}
