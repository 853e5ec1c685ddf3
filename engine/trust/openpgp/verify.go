package openpgp

import (
	"time"

	"github.com/podtui/podtui/engine/trust/refusal"
)

// Good is a signature that is good.
type Good struct {
	Key  *Key
	By   string    // fingerprint of what signed: the primary key or a subkey
	Made time.Time // as the signature says
}

// Verify tells which of the signatures over these bytes are good and by one of
// keys, one for each key. If none is, it says why, as a *refusal.Error: the most
// telling reason of all signatures. Whether anything has expired is judged at that
// time: now for what has just come, the time of its verification for what was
// verified before. A revocation always counts.
//
// Several keys may have one key ID. Each is asked.
func Verify(s *Signatures, over State, keys []*Key, at time.Time) ([]Good, error) {
	var good []Good
	var refusals []*refusal.Error
	for i := range s.list {
		found, refused := s.list[i].verify(over, keys, at)
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
	for _, g := range list {
		if g.Key.Fingerprint() == k.Fingerprint() {
			return true
		}
	}
	return false
}

// verify asks each key that the signature may be by.
func (s *signature) verify(over State, keys []*Key, at time.Time) (good []Good, refused []*refusal.Error) {
	if s.refused != nil {
		return nil, []*refusal.Error{s.refused}
	}
	for _, k := range keys {
		p := s.maker(k)
		if p == nil {
			continue
		}
		if err := s.verifyBy(k, p, over, at); err != nil {
			refused = append(refused, err)
			continue
		}
		good = append(good, Good{Key: k, By: p.fingerprint(), Made: s.packet.CreationTime.UTC()})
	}
	if len(good) == 0 && len(refused) == 0 {
		refused = append(refused, &refusal.Error{Kind: refusal.UnknownKey, KeyID: s.issuerID()})
	}
	return good, refused
}

// verifyBy holds the signature against one part of one key.
func (s *signature) verifyBy(k *Key, p *part, over State, at time.Time) *refusal.Error {
	if err := k.Problem(at); err != nil {
		return err
	}
	if err := k.problem(p, at); err != nil {
		return err
	}
	if p.unfit != "" {
		return k.refuse(refusal.BadSignature, p.unfit)
	}
	if err := s.timely(k, p, at); err != nil {
		return err
	}
	digest := over.resume(s.packet.Hash)
	if digest == nil {
		return k.refuse(refusal.BadSignature, s.packet.Hash.String()+" of the bytes is not known")
	}
	if p.public.VerifySignature(digest, s.packet) != nil {
		return k.refuse(refusal.BadSignature, "it is not over these bytes")
	}
	return nil
}

// timely refuses a signature that has ended, or was made at a time when it can't
// have been.
func (s *signature) timely(k *Key, p *part, at time.Time) *refusal.Error {
	made := s.packet.CreationTime
	ends := signatureEnd(s.packet)
	switch {
	case made.After(at):
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
	for _, kind := range []refusal.Kind{
		refusal.Revoked, refusal.Weak, refusal.Expired, refusal.BadSignature, refusal.UnknownKey,
	} {
		for _, r := range refusals {
			if r.Kind == kind {
				return r
			}
		}
	}
	return bad(errNothing.Error())
}
