package trust

import (
	"errors"
	"io/fs"
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
	for _, digest := range append(x.Evidence.Digests[:len(x.Evidence.Digests):len(x.Evidence.Digests)], x.ID) {
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
		at := time.Now()
		if x.Recorded != nil && x.Recorded.Pin == string(p) {
			at = x.Recorded.At
		}
		return &store.Verification{By: "digest approved", Pin: string(p), At: at}, nil
	}
	if r := x.Recorded; r != nil && r.Pin != "" && refused.Detail == "" {
		refused.Detail = "its digest was approved on " + day(r.At) + ", and is not any more"
	}
	return nil, refused
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
