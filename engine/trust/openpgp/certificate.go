package openpgp

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	v2 "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// always is the time at which the library asks for none.
var always time.Time

// maxUserIDs is how many user ids of a key are told.
const maxUserIDs = 64

// examination is one key while the library is asked about it. The library remembers
// what it has found valid, so each policy needs a copy of its own.
type examination struct {
	elements []element
	strict   *v2.Entity
	lax      func() *v2.Entity
}

// examine finds out what a certificate is worth, whatever the time.
func examine(elements []element) (*Key, error) {
	if len(elements[0].body) > 0 && elements[0].body[0] != 4 {
		return nil, fmt.Errorf("of version %d; only version 4 is read", elements[0].body[0])
	}
	entity, err := entityOf(elements)
	if err != nil {
		return nil, err
	}
	x := examination{
		elements: elements,
		strict:   entity,
		lax: sync.OnceValue(func() *v2.Entity {
			again, _ := entityOf(elements) // as well as the first time
			return again
		}),
	}
	k := &Key{elements: elements}
	revoked, subkeys := x.revocations()
	if err := x.primary(k, revoked); err != nil {
		return nil, err
	}
	for i, revoked := range subkeys {
		k.subkeys = append(k.subkeys, x.subkey(i, revoked))
	}
	return k, nil
}

// entityOf lets the library read one certificate, but for what it can't: a broken
// signature that some stranger has put on a key would make it refuse the key.
func entityOf(elements []element) (*v2.Entity, error) {
	if _, err := elements[0].parse(); err != nil {
		return nil, fmt.Errorf("unreadable: %w", err)
	}
	var readable []element
	named := false
	for _, e := range elements {
		if parsed(e) != nil {
			readable = append(readable, e)
			named = named || e.tag == tagUserID
		}
	}
	if !named {
		return nil, errNameless
	}
	entity, err := v2.ReadEntity(packet.NewReader(bytes.NewReader(join(readable))))
	if err != nil {
		return nil, fmt.Errorf("unreadable: %w", err)
	}
	return entity, nil
}

// errNameless is a key that nobody could tell apart from others. Some servers give
// keys away like that.
var errNameless = errors.New("without a user id that the key itself certified and has not revoked")

// primary fills in what is said about the key as a whole.
func (x *examination) primary(k *Key, revoked revocation) error {
	public := x.strict.PrimaryKey
	p := part{public: public, name: "the key", revoked: revoked, weak: weakness(public)}
	names := x.names()
	if len(names) == 0 {
		return errNameless
	}
	first := preferred(names)
	k.userIDs = append(k.userIDs, names[first].userID)
	for i, n := range names {
		if i != first && len(k.userIDs) < maxUserIDs {
			k.userIDs = append(k.userIDs, n.userID)
		}
	}
	self := names[first]
	if p.weak == "" && self.weak {
		p.weak = digestName(self.by) + " in the key's signature over itself"
	}
	p.expires = earlier(keyEnd(public, self.by), signatureEnd(self.by))
	if direct, err := x.strict.LatestValidDirectSignature(always, strict()); err == nil {
		p.expires = earlier(p.expires, keyEnd(public, direct))
	}
	p.unfit = x.unfit(&p)
	k.primary = p
	return nil
}

// subkey is what is said about one of the subkeys.
func (x *examination) subkey(i int, revoked revocation) part {
	s := &x.strict.Subkeys[i]
	p := part{public: s.PublicKey, revoked: revoked, weak: weakness(s.PublicKey)}
	p.name = "the subkey " + p.id()
	if p.weak != "" {
		p.weak = p.name + " is " + p.weak
	}
	binding, err := s.LatestValidBindingSignature(always, strict())
	if err != nil {
		if binding, err = x.lax().Subkeys[i].LatestValidBindingSignature(always, lax()); err != nil {
			p.unfit = p.name + " is not bound to the key in both directions"
			return p
		}
		p.weak = digestName(binding) + " binds " + p.name + " to the key"
	}
	p.meant = binding.FlagSign || !binding.FlagsValid
	p.expires = earlier(keyEnd(s.PublicKey, binding), signatureEnd(binding))
	if back := binding.EmbeddedSignature; back != nil {
		p.expires = earlier(p.expires, signatureEnd(back))
		if p.weak == "" && weakDigest(back.Hash) != "" {
			p.weak = digestName(back) + " binds the key to " + p.name
		}
	}
	p.unfit = x.unfit(&p, *s)
	return p
}

// unfit is why a part signs nothing, as the library sees it, or "". It judges the
// primary key with each, so a weak one fits nothing; that is told first. It is asked
// about the one subkey alone: of a key with all it goes through them each time.
func (x *examination) unfit(p *part, subkey ...v2.Subkey) string {
	alone := *x.strict
	alone.Subkeys = subkey
	found, ok := alone.SigningKeyById(always, p.public.KeyId, strict())
	if !ok || !bytes.Equal(found.PublicKey.Fingerprint, p.public.Fingerprint) {
		return p.name + " is not one for signatures"
	}
	return ""
}

// keyEnd is when a key ends by this signature of its owner, or zero.
func keyEnd(k *packet.PublicKey, sig *packet.Signature) time.Time {
	return after(k.CreationTime, sig.KeyLifetimeSecs)
}

// signatureEnd is when a signature ends, or zero.
func signatureEnd(sig *packet.Signature) time.Time {
	return after(sig.CreationTime, sig.SigLifetimeSecs)
}

func after(start time.Time, seconds *uint32) time.Time {
	if seconds == nil || *seconds == 0 {
		return time.Time{}
	}
	return start.Add(time.Duration(*seconds) * time.Second).UTC()
}

// earlier is the earlier of two times, where zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func digestName(sig *packet.Signature) string {
	if name := weakDigest(sig.Hash); name != "" {
		return name
	}
	return sig.Hash.String()
}
