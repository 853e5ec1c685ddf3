package trust

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/store"
)

// Signers are those whose good signatures are there, by keys that this host knows.
// Which of them counts is a question of the image's name.
type Signers struct {
	signatures *openpgp.Signatures
	at         time.Time
	good       []openpgp.Good
	known      map[string]*known
}

// Signers checks signatures over bytes of which nothing is known yet, not even their
// name, against all keys that count for anything.
func (s *Store) Signers(sig *openpgp.Signatures, over openpgp.State) (Signers, error) {
	if sig == nil {
		return Signers{}, &refusal.Error{Kind: refusal.NoSignature}
	}
	c, err := s.catalogue()
	if err != nil {
		return Signers{}, err
	}
	return c.signers(c.all(), sig, over, time.Now())
}

// Foresee says what can be said before there are bytes, so that nothing is downloaded
// in vain: nil if a key that claims to have signed counts for the name, "" for any,
// and nothing is known against it, or the *refusal.Error that will come. If it can't be
// known, since CONFIG can't be read as a whole, the error is another one.
func (s *Store) Foresee(sig *openpgp.Signatures, name string) error {
	if sig == nil {
		return &refusal.Error{Kind: refusal.NoSignature}
	}
	c, err := s.catalogue()
	if err != nil {
		return err
	}
	if err := c.foresee(sig, name); err != nil {
		return cmp.Or(c.incomplete, err)
	}
	return nil
}

func (c *catalogue) foresee(sig *openpgp.Signatures, name string) error {
	x, keys := claimed(c.all(), sig)
	var err error
	if x.good, err = openpgp.Foresee(sig, keys, time.Now()); err != nil {
		return c.explain(err, sig)
	}
	if name == "" {
		return nil
	}
	_, err = x.For(name)
	return err
}

// HeldBy are the keys that claim to have signed, at each place where they count, whether
// or not they would be believed.
func (s *Store) HeldBy(sig *openpgp.Signatures) []Held {
	held, _ := s.Keys()
	return slices.DeleteFunc(held, func(h Held) bool { return sig == nil || !sig.By(h.Key) })
}

// For says whose signature counts for a name.
func (x Signers) For(name string) (*store.Verification, error) {
	for _, g := range x.good {
		if k := g.Key; x.known[k.Fingerprint()].covers(name) {
			return &store.Verification{By: by(k), Key: k.Fingerprint(), Signature: x.signatures.Bytes(), At: x.at}, nil
		}
	}
	refused := &refusal.Error{Kind: refusal.NotTrusted, Name: name}
	if len(x.good) > 0 {
		k := x.good[0].Key
		refused.KeyID, refused.UserID = k.Fingerprint(), k.UserID()
		refused.Detail = "the key counts for " + x.known[k.Fingerprint()].words()
	}
	return nil, refused
}

// by is who a key says it is, in a record's words.
func by(k *openpgp.Key) string { return cmp.Or(k.UserID(), "key "+k.KeyID()) }

// words are the key's scopes, a few of them.
func (k *known) words() string {
	var words []string
	for _, h := range k.held {
		words = append(words, string(h.Scope))
	}
	if len(words) > 3 {
		words = append(words[:3], "others")
	}
	return strings.Join(words, ", ")
}

func (c *catalogue) signers(of []*known, sig *openpgp.Signatures, over openpgp.State, at time.Time) (Signers, error) {
	x, keys := claimed(of, sig)
	x.at = at
	var err error
	x.good, err = openpgp.Verify(sig, over, keys, at)
	if err != nil {
		return Signers{}, c.explain(err, sig)
	}
	return x, nil
}

// claimed are the keys that count for anything and claim to have signed.
func claimed(of []*known, sig *openpgp.Signatures) (x Signers, keys []*openpgp.Key) {
	x = Signers{signatures: sig, known: map[string]*known{}}
	for _, k := range of {
		if len(k.held) > 0 && sig.By(k.key) {
			keys = append(keys, k.key)
			x.known[k.key.Fingerprint()] = k
		}
	}
	return x, keys
}

// explain adds to an unknown key that there is a file for it, or for another that
// claims to have signed, which is broken.
func (c *catalogue) explain(err error, sig *openpgp.Signatures) error {
	r := (*refusal.Error)(nil)
	if !errors.As(err, &r) || r.Kind != refusal.UnknownKey {
		return err
	}
	for _, issuer := range sig.Issuers() {
		for fingerprint, k := range c.known {
			if len(k.held) == 0 && len(k.wrong) > 0 && strings.HasSuffix(fingerprint, strings.ToLower(issuer)) {
				explained := *r
				explained.KeyID = strings.ToUpper(issuer[len(issuer)-16:])
				explained.Detail = k.wrong[0].Error()
				return &explained
			}
		}
	}
	return err
}

// signatures is the Voucher of OpenPGP: signatures over the bytes as they came.
type signatures struct{ *Store }

// Vouch reads the one key that a record names, and the others only if that doesn't do:
// another signer may count as well.
func (v signatures) Vouch(x Subject) (*store.Verification, error) {
	sig, at, err := x.claim()
	if err != nil {
		return nil, err
	}
	c, err := v.catalogue()
	if err != nil {
		return nil, err
	}
	if x.Given == nil && c.places[x.Recorded.Key] != nil {
		if signers, err := c.signers([]*known{c.look(x.Recorded.Key)}, sig, *x.Evidence.Hashes, at); err == nil {
			if found, err := signers.For(x.Name); err == nil {
				return found, nil
			}
		}
	}
	signers, err := c.signers(c.all(), sig, *x.Evidence.Hashes, at)
	if err != nil {
		return nil, x.removed(err)
	}
	return signers.For(x.Name)
}

// claim is the signatures that speak for an image, and the time at which it is asked
// whether they had expired: for recorded ones that of the record, if that can be true.
func (x Subject) claim() (*openpgp.Signatures, time.Time, error) {
	now := time.Now()
	r := x.Recorded
	switch {
	case x.Given == nil && (r == nil || len(r.Signature) == 0):
		return nil, now, &refusal.Error{Kind: refusal.NoSignature}
	case x.Evidence.Hashes == nil:
		return nil, now, &refusal.Error{Kind: refusal.NoSignature, Detail: "what was downloaded is not known any more"}
	case x.Given != nil:
		return x.Given, now, nil
	}
	sig, err := openpgp.ReadSignatures(bytes.NewReader(r.Signature))
	if r.At.IsZero() || r.At.After(now) {
		return sig, now, err
	}
	return sig, r.At, err
}

// removed adds to an unknown key that it was known once.
func (x Subject) removed(err error) error {
	r := (*refusal.Error)(nil)
	if x.Given != nil || x.Recorded.Key == "" || !errors.As(err, &r) || r.Kind != refusal.UnknownKey || r.Detail != "" {
		return err
	}
	removed, was := *r, "trusted"
	if x.Recorded.Pin != "" {
		was = "believed for this image alone"
	}
	removed.UserID = cmp.Or(r.UserID, x.Recorded.By)
	removed.Detail = "it was " + was + " on " + day(x.Recorded.At) + ", and is not any more"
	return &removed
}
