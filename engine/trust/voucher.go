package trust

import (
	"errors"

	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/store"
)

// Voucher is one way in which somebody vouches for an image. Another system of
// signatures becomes another one, in a file of its own and a line of vouchers.
type Voucher interface {
	// Vouch says who vouches for an image. If nobody does, the error is a
	// *refusal.Error; any other says that it couldn't be found out.
	Vouch(x Subject) (*store.Verification, error)
}

func (s *Store) vouchers() []Voucher {
	return []Voucher{signatures{s}, pins{s}}
}

// Subject is an image that somebody may vouch for, as far as it is known.
type Subject struct {
	Name     string // the image's, from its manifest
	ID       string // "" while it is not known
	Evidence Evidence
	Given    *openpgp.Signatures // that came just now; nil: those of Recorded
	Recorded *store.Verification // what was found earlier; nil: nothing
}

// Evidence is what an image's bytes were as they came. The store keeps it beside the
// image, so that a verification can be computed again whenever somebody asks.
type Evidence struct {
	Hashes  *openpgp.State `json:"hashes,omitempty"`  // of what was downloaded
	Digests []string       `json:"digests,omitempty"` // "docker://HOST/REPO@sha256:…", of a registry's index and manifest
}

// Judge says who vouches for an image by what this host believes now. A record only
// says what to look at: its key, its pin, its words count for nothing until they have
// been found true again. If nobody vouches, the most telling *refusal.Error is returned.
func (s *Store) Judge(x Subject) (*store.Verification, error) {
	var most *refusal.Error
	for _, v := range s.vouchers() {
		verification, err := v.Vouch(x)
		if err == nil {
			return verification, nil
		}
		r := (*refusal.Error)(nil)
		if !errors.As(err, &r) {
			return nil, err
		}
		if most == nil || r.Kind > most.Kind || r.Kind == most.Kind && most.Detail == "" {
			most = r
		}
	}
	return nil, most
}
