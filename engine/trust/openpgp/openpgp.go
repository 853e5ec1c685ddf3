// Package openpgp reads keys and detached signatures.
package openpgp

import (
	"errors"
	"io"
	"time"

	"github.com/podtui/podtui/engine/trust/refusal"
)

// MaxKeys and MaxSignature bound a file of keys and one of signatures, in bytes.
const (
	MaxKeys      = 1 << 20
	MaxSignature = 256 << 10
)

var errSoon = errors.New("not written yet")

// Key is a certificate: a primary key, its subkeys and its user ids.
type Key struct{}

// KeyError says why something is not a file of keys.
type KeyError struct{ Detail string }

func (e *KeyError) Error() string { return e.Detail }

// ReadKeys reads the keys of a file.
func ReadKeys(r io.Reader) ([]*Key, error) { return nil, errSoon }

// Fingerprint is the primary key's, in lower-case hex.
func (k *Key) Fingerprint() string { return "" }

// KeyID is 16 digits in upper case.
func (k *Key) KeyID() string { return "" }

// UserIDs are those that the key itself certified.
func (k *Key) UserIDs() []string { return nil }

// UserID is the first of them, or "".
func (k *Key) UserID() string { return "" }

// Algorithm is the primary key's, "ed25519" or "RSA 4096".
func (k *Key) Algorithm() string { return "" }

// Created is when the key was made.
func (k *Key) Created() time.Time { return time.Time{} }

// Expires is when it ends; zero: never.
func (k *Key) Expires() time.Time { return time.Time{} }

// Problem is why nothing that the key signs is believed at that time, or nil.
func (k *Key) Problem(now time.Time) *refusal.Error { return nil }

// Revoked tells whether the key is revoked.
func (k *Key) Revoked() bool { return false }

// Has tells whether the id is that of the primary key or a subkey.
func (k *Key) Has(id string) bool { return false }

// Armored is the key as a key file has it.
func (k *Key) Armored() []byte { return nil }

// Merge is all that two copies of one key say.
func (k *Key) Merge(other *Key) (*Key, error) { return nil, errSoon }

// Signatures are those of one file.
type Signatures struct{}

// ReadSignatures reads a detached signature.
func ReadSignatures(r io.Reader) (*Signatures, error) { return nil, errSoon }

// Issuers are who claim to have signed.
func (s *Signatures) Issuers() []string { return nil }

// By tells whether one of them claims to be the key's.
func (s *Signatures) By(k *Key) bool { return false }

// Bytes are the signatures as packets.
func (s *Signatures) Bytes() []byte { return nil }

// Hashes hash what is written to them.
type Hashes struct{}

// NewHashes starts.
func NewHashes() *Hashes { return &Hashes{} }

func (h *Hashes) Write(p []byte) (int, error) { return len(p), nil }

// State is what was hashed so far.
func (h *Hashes) State() State { return State{} }

// State is what was hashed.
type State struct{}

// SHA256 is the digest of it.
func (s State) SHA256() [32]byte { return [32]byte{} }

// MarshalText is for JSON.
func (s State) MarshalText() ([]byte, error) { return nil, errSoon }

// UnmarshalText is strict.
func (s *State) UnmarshalText(text []byte) error { return errSoon }

// Good is a signature that is good.
type Good struct {
	Key  *Key
	By   string
	Made time.Time
}

// Verify tells which signatures are good.
func Verify(s *Signatures, over State, keys []*Key, at time.Time) ([]Good, error) {
	return nil, errSoon
}
