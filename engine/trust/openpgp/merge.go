package openpgp

import (
	"bytes"
	"fmt"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// Merge is the key with all that two copies of it say. So nothing is lost when an
// older copy comes, least of all a revocation. What two copies have more than a key
// file may have is a *KeyError.
func (k *Key) Merge(other *Key) (*Key, error) {
	if k.Fingerprint() != other.Fingerprint() {
		return nil, fmt.Errorf("key %s can't be merged with %s", k.Fingerprint(), other.Fingerprint())
	}
	if bytes.Equal(join(k.elements), join(other.elements)) {
		return k, nil
	}
	u := newUnion(k.elements)
	u.add(other.elements)
	all := u.elements()
	if len(join(all)) > MaxKeys/2 || len(all) > maxPackets { // as text it is longer by a third
		return nil, &KeyError{fmt.Sprintf("two copies of key %s have more than %s, or %d packets", k.Fingerprint(), size(MaxKeys/2), maxPackets)}
	}
	keys, err := examineAll([][]element{all})
	if err != nil {
		return nil, err
	}
	return keys[0], nil
}

// united makes one certificate of all copies of a key. What is in them is looked into
// afterwards, once.
func united(certificates [][]element) ([][]element, error) {
	places := make(map[string]int)
	var unions []*union
	for i, certificate := range certificates {
		primary, ok := parsed(certificate[0]).(*packet.PublicKey)
		if !ok {
			_, err := examine(certificate)
			return nil, &KeyError{fmt.Sprintf("key %d of %d: %v", i+1, len(certificates), err)}
		}
		if at, ok := places[string(primary.Fingerprint)]; ok {
			unions[at].add(certificate)
			continue
		}
		places[string(primary.Fingerprint)] = len(unions)
		unions = append(unions, newUnion(certificate))
	}
	keys := make([][]element, len(unions))
	for i, u := range unions {
		keys[i] = u.elements()
	}
	return keys, nil
}

// union is what copies of one key have, each thing once, in the order of the first.
type union struct {
	only       []element // the first copy, while there is no other
	components []*component
	places     map[string]*component // by what they begin with
}

// component is a key, a user id or a picture, and the signatures that follow it.
type component struct {
	head       element
	signatures []element
	has        map[string]bool
}

func newUnion(elements []element) *union { return &union{only: elements} }

func (u *union) elements() []element {
	if u.places == nil {
		return u.only
	}
	var all []element
	for _, c := range u.components {
		all = append(append(all, c.head), c.signatures...)
	}
	return all
}

// add adds what another copy has. Both begin with the key itself, which may be written
// in two ways.
func (u *union) add(elements []element) {
	if u.places == nil {
		u.places = make(map[string]*component)
		u.addCopy(u.only)
	}
	u.addCopy(elements)
}

func (u *union) addCopy(elements []element) {
	var to *component
	for i, e := range elements {
		switch {
		case i == 0 && len(u.components) > 0:
			to = u.components[0]
		case e.tag != tagSignature:
			to = u.component(e)
		case !to.has[string(e.body)]:
			to.has[string(e.body)] = true
			to.signatures = append(to.signatures, e)
		}
	}
}

// component finds what begins so, or adds it.
func (u *union) component(head element) *component {
	id := string(append([]byte{head.tag}, head.body...))
	c := u.places[id]
	if c == nil {
		c = &component{head: head, has: make(map[string]bool)}
		u.places[id] = c
		u.components = append(u.components, c)
	}
	return c
}
