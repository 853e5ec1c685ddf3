package trust

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/store"
)

// pins is the Voucher of approved digests: of what a registry called the content, or of
// the image as the store has it.
type pins struct{ *Store }

// Vouch looks for exactly the pins that could vouch: no folder is read.
func (v pins) Vouch(x Subject) (*store.Verification, error) {
	refused := &refusal.Error{Kind: refusal.NoSignature, Name: x.Name}
	for _, digest := range slices.Concat(x.Evidence.Digests, []string{x.ID}) {
		p, err := ParsePin(digest)
		if err != nil { // no ID yet
			continue
		}
		_, err = v.pin(p)
		if wrong := (*FileError)(nil); errors.As(err, &wrong) {
			refused.Detail = wrong.Error()
			continue
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return x.approved(p), nil
	}
	if r := x.Recorded; r != nil && r.Pin != "" && refused.Detail == "" {
		refused.Detail = "its digest was approved on " + day(r.At) + ", and is not any more"
	}
	return nil, refused
}

// approved is the verification. A signature that is kept of the image stays, for the
// day when a key makes it count. A record of the same pin tells who signed, too: a key
// that was believed for this image alone. That is only told: the pin is what vouches.
func (x Subject) approved(p Pin) *store.Verification {
	v := &store.Verification{By: "digest approved", Pin: string(p), At: time.Now()}
	if r := x.Recorded; r != nil {
		v.Signature = r.Signature
		if r.Pin == v.Pin {
			v.By, v.Key, v.At = cmp.Or(r.By, v.By), r.Key, r.At
		}
	}
	return v
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
