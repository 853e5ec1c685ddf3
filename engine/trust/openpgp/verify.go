package openpgp

import (
	"slices"
	"time"

	"github.com/podtui/podtui/engine/trust/refusal"
)

// Good is a signature that is good, or of which nobody knows yet that it isn't.
type Good struct {
	Key *Key
	By  string // fingerprint of what signed: the primary key or a subkey
}

// maxSkew is how far the clock of who signs may be ahead of this host's.
const maxSkew = 5 * time.Minute

// Verify tells which of the signatures over these bytes are good and by one of
// keys, one for each key. If none is, it says why, as a *refusal.Error: the most
// telling reason of all signatures. Whether anything has expired is judged at that time: now for what has just come, the
// time of its verification for what was verified before. A revocation always counts.
//
// Several keys may have one key ID. Each is asked.
func Verify(s *Signatures, over State, keys []*Key, at time.Time) ([]Good, error) {
	return s.by(keys, func(sig *signature, k *Key, p *part) *refusal.Error {
		if refused := sig.unlikely(k, p, at); refused != nil {
			return refused
		}
		return sig.verify(k, p, over)
	})
}

// Foresee is Verify before the bytes are there: which signatures can be good, and if
// none can, why.
func Foresee(s *Signatures, keys []*Key, at time.Time) ([]Good, error) {
	return s.by(keys, func(sig *signature, k *Key, p *part) *refusal.Error {
		return sig.unlikely(k, p, at)
	})
}

// check is what is asked of a signature and the part of a key that it claims to be by.
type check func(*signature, *Key, *part) *refusal.Error

// by are the signatures against which a check says nothing, one for each key.
func (s *Signatures) by(keys []*Key, c check) ([]Good, error) {
	var good []Good
	var refusals []*refusal.Error
	for i := range s.list {
		found, refused := s.list[i].by(keys, c)
		refusals = append(refusals, refused...)
		for _, g := range found {
			if !contains(good, g.Key) {
				good = append(good, g)
			}
		}
	}
	if len(good) == 0 {
		return nil, mostTelling(refusals)
	}
	return good, nil
}

func contains(list []Good, k *Key) bool {
	return slices.ContainsFunc(list, func(g Good) bool { return g.Key.Fingerprint() == k.Fingerprint() })
}

// by asks each key that the signature may be by.
func (s *signature) by(keys []*Key, c check) (good []Good, refused []*refusal.Error) {
	if s.refused != nil {
		return nil, []*refusal.Error{s.refused}
	}
	for _, k := range keys {
		p := s.maker(k)
		if p == nil {
			continue
		}
		if err := c(s, k, p); err != nil {
			refused = append(refused, err)
			continue
		}
		good = append(good, Good{Key: k, By: p.fingerprint()})
	}
	if len(good) == 0 && len(refused) == 0 {
		refused = append(refused, &refusal.Error{Kind: refusal.UnknownKey, KeyID: s.issuerID()})
	}
	return good, refused
}

// unlikely is why the signature can't be good by this part of a key, whatever it is
// over, or nil.
func (s *signature) unlikely(k *Key, p *part, at time.Time) *refusal.Error {
	if err := k.Problem(at); err != nil {
		return err
	}
	if err := k.problem(p, at); err != nil {
		return err
	}
	switch {
	case p.unfit != "":
		return k.refuse(refusal.BadSignature, p.unfit)
	case s.packet.PubKeyAlgo != p.public.PubKeyAlgo:
		return k.refuse(refusal.BadSignature, "made by another algorithm than "+p.name+" has")
	}
	return s.timely(k, p, at)
}

// verify holds the signature against the bytes.
func (s *signature) verify(k *Key, p *part, over State) *refusal.Error {
	digest := over.resume(s.packet.Hash)
	if digest == nil {
		return k.refuse(refusal.BadSignature, s.packet.Hash.String()+" of the bytes is not known")
	}
	if p.public.VerifySignature(digest, s.packet) != nil {
		refused := k.refuse(refusal.BadSignature, "it is not over these bytes")
		refused.OtherBytes = true
		return refused
	}
	return nil
}

// timely refuses a signature that has ended, or was made at a time when it can't
// have been.
func (s *signature) timely(k *Key, p *part, at time.Time) *refusal.Error {
	made := s.packet.CreationTime
	ends := signatureEnd(s.packet)
	switch {
	case made.After(at.Add(maxSkew)):
		return k.refuse(refusal.BadSignature, "made in the future, on "+second(made)+"; is this host's clock right?")
	case made.Before(p.public.CreationTime):
		return k.refuse(refusal.BadSignature, "made on "+second(made)+", before its key")
	case !ends.IsZero() && !at.Before(ends):
		return k.refuse(refusal.Expired, "the signature expired on "+day(ends))
	}
	return nil
}

func second(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// mostTelling is the refusal that says most about what would have to be done.
func mostTelling(refusals []*refusal.Error) error {
	for _, tells := range []func(*refusal.Error) bool{
		is(refusal.Revoked), is(refusal.Weak), is(refusal.Expired),
		func(r *refusal.Error) bool { return r.OtherBytes }, is(refusal.BadSignature), is(refusal.UnknownKey),
	} {
		if i := slices.IndexFunc(refusals, tells); i >= 0 {
			return refusals[i]
		}
	}
	return bad(errNothing.Error())
}

func is(kind refusal.Kind) func(*refusal.Error) bool {
	return func(r *refusal.Error) bool { return r.Kind == kind }
}
