package openpgp

import (
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	v2 "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// name is a user id and the newest signature by which the key certified it.
type name struct {
	userID string
	by     *packet.Signature
	weak   bool // only by a digest that is not believed
}

// names are the user ids that the key has certified and not revoked, in its order.
// Those that it takes a weak digest to believe are told only if there are no others:
// such a key is refused, but with a name.
func (x *examination) names() []name {
	if good := x.namesBy(x.strict, strict(), false); len(good) > 0 {
		return good
	}
	return x.namesBy(x.lax(), lax(), true)
}

func (x *examination) namesBy(entity *v2.Entity, policy *packet.Config, weak bool) []name {
	var list []name
	seen := make(map[string]bool)
	for _, e := range x.elements {
		userID := string(e.body)
		identity := entity.Identities[userID]
		if e.tag != tagUserID || identity == nil || userID == "" || seen[userID] {
			continue
		}
		seen[userID] = true
		if sig, err := identity.Verify(always, policy); err == nil {
			list = append(list, name{userID, sig, weak})
		}
	}
	return list
}

// preferred is which user id comes first: one that says it is the primary one, then
// the newest.
func preferred(names []name) (best int) {
	primary := func(n name) bool { return n.by.IsPrimaryId != nil && *n.by.IsPrimaryId }
	for i, n := range names {
		switch b := names[best]; {
		case primary(n) != primary(b):
			if primary(n) {
				best = i
			}
		case n.by.CreationTime.After(b.by.CreationTime):
			best = i
		}
	}
	return best
}
