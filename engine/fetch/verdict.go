package fetch

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/podtui/podtui/engine/trust"
	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/store"
)

// verdict is who vouches for an image.
type verdict struct {
	by    *store.Verification // nil: nobody does, and nobody has to
	once  bool                // the key is believed for this image alone
	adopt *Offer              // the key is to be trusted for the image's name, as its site says
}

// isOf notes for which image a key is believed alone.
func (v verdict) isOf(id string) {
	if v.once {
		v.by.Pin = id
		v.by.By += " (for this image alone)"
	}
}

// believeOnce asks the keys that are believed for this image alone, and those that
// its site names if that is enough, where all others have been asked.
func (j *job) believeOnce(over openpgp.State, signed *openpgp.Signatures, otherwise error) (verdict, error) {
	keys := slices.Clone(j.Verify.Believe[j.Ref.String()])
	for _, o := range j.adoptable {
		keys = append(keys, o.key)
	}
	if len(keys) == 0 {
		return verdict{}, otherwise
	}
	now := time.Now()
	good, err := openpgp.Verify(signed, over, keys, now)
	if err != nil {
		return verdict{}, err
	}
	key := good[0].Key
	by := cmp.Or(key.UserID(), "key "+key.KeyID())
	v := verdict{by: &store.Verification{By: by, Key: key.Fingerprint(), Signature: signed.Bytes(), At: now}}
	i := slices.IndexFunc(j.adoptable, func(o Offer) bool { return o.Key.Fingerprint == key.Fingerprint() })
	if v.once = i < 0; !v.once {
		v.adopt = &j.adoptable[i]
	}
	return v, nil
}

// settle trusts whom the verdict was found by, now that the image is here.
func (j *job) settle(v verdict) error {
	switch {
	case v.once:
		pin, err := trust.ParsePin(v.by.Pin)
		if err == nil {
			_, err = j.options.Trust.Approve(pin, "signed with "+v.by.Key)
		}
		return err
	case v.adopt != nil:
		name := j.Ref.Name.Name
		scope, err := trust.ParseScope(name)
		if err == nil {
			_, err = j.options.Trust.Add(scope, v.adopt.key)
		}
		if err == nil {
			j.report.warn(fmt.Errorf("trusting key %s (%q) for %s, as %s says", v.by.Key, v.by.By, name, v.adopt.Source))
		}
		return err
	}
	return nil
}
