package openpgp

import (
	"bytes"
	"fmt"
)

// component is a key, a user id or a picture, and the signatures that follow it.
type component struct {
	head       element
	signatures []element
}

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
	merged := components(k.elements)
	for _, theirs := range components(other.elements) {
		i := indexOf(merged, theirs.head)
		if i < 0 {
			merged = append(merged, theirs)
			continue
		}
		merged[i].add(theirs.signatures)
	}
	var all []element
	for _, c := range merged {
		all = append(append(all, c.head), c.signatures...)
	}
	packets := join(all)
	if len(packets) > MaxKeys/2 { // as text it is longer by a third
		return nil, &KeyError{fmt.Sprintf("two copies of key %s have more than %s", k.Fingerprint(), size(MaxKeys/2))}
	}
	keys, err := readCertificates(packets)
	if err != nil {
		return nil, err
	}
	return keys[0], nil
}

func components(elements []element) []component {
	var list []component
	for _, e := range elements {
		if e.tag != tagSignature {
			list = append(list, component{head: e})
			continue
		}
		last := &list[len(list)-1] // the first is a key: group sees to it
		last.add([]element{e})
	}
	return list
}

// add adds the signatures that aren't there yet.
func (c *component) add(signatures []element) {
	for _, s := range signatures {
		if !has(c.signatures, s) {
			c.signatures = append(c.signatures, s)
		}
	}
}

func has(list []element, e element) bool {
	for _, other := range list {
		if bytes.Equal(other.body, e.body) {
			return true
		}
	}
	return false
}

func indexOf(list []component, head element) int {
	for i, c := range list {
		if c.head.tag == head.tag && bytes.Equal(c.head.body, head.body) {
			return i
		}
	}
	return -1
}
