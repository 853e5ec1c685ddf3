package trust

import (
	"errors"

	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/store"
)

var errSoon = errors.New("not written yet")

// Keys are the keys that count.
func (s *Store) Keys() ([]Held, []error) { return nil, nil }

// Add trusts a key.
func (s *Store) Add(scope Scope, k *openpgp.Key) (Change, error) { return 0, errSoon }

// Remove ends it.
func (s *Store) Remove(fingerprint string, in *Scope) ([]Held, error) { return nil, errSoon }

// ParsePin reads what --digest= takes.
func ParsePin(s string) (Pin, error) { return "", errSoon }

// Pins are the digests that were approved.
func (s *Store) Pins() ([]PinHeld, []error) { return nil, nil }

// Approve approves one.
func (s *Store) Approve(p Pin, note string) (Change, error) { return 0, errSoon }

// Withdraw ends that.
func (s *Store) Withdraw(p Pin) error { return errSoon }

// Judge asks every voucher.
func (s *Store) Judge(x Subject) (*store.Verification, error) { return nil, errSoon }

// Signers are who signed something.
type Signers struct{}

// Signers finds whose good signatures these are.
func (s *Store) Signers(sig *openpgp.Signatures, over openpgp.State) (Signers, error) {
	return Signers{}, errSoon
}

// For is the signer whose key counts for a name.
func (x Signers) For(name string) (*store.Verification, error) { return nil, errSoon }

// Knows tells whether one of the issuers is known.
func (s *Store) Knows(sig *openpgp.Signatures) bool { return false }

// Book is a snapshot for listings.
type Book struct{}

// Book reads the folders once.
func (s *Store) Book() (*Book, error) { return nil, errSoon }

// Counts tells whether what an image's record says still counts.
func (b *Book) Counts(key string, pin string, name string) bool { return false }
