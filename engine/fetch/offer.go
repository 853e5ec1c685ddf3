package fetch

import (
	"fmt"
	"time"

	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// UnverifiedError says that nobody who is trusted here vouches for an image.
type UnverifiedError struct {
	Image   string // as it was asked for
	Name    string // the image's, if that is known before it is read; ""
	Refusal *refusal.Error
	Offers  []Offer // keys that somebody says the image is signed with

	// Anew says that the signature doesn't fit the copy that is here, and that the
	// image's source, if it is asked for it anew, may have one that it does.
	Anew bool

	// Digests are what could be approved instead, of an image of a registry:
	// docker://HOST/REPO@sha256:…, that of the index first.
	Digests []string

	misfit bool // what is kept of its bytes is at fault
}

func (e *UnverifiedError) Error() string {
	return fmt.Sprintf("image %s: %v", shown(imageref.Masked(e.Image)), e.Refusal)
}

// Reason is the error without the image.
func (e *UnverifiedError) Reason() string { return e.Refusal.Error() }

// Unwrap lets callers ask for the refusal.
func (e *UnverifiedError) Unwrap() error { return e.Refusal }

// Offer is a public key that can be trusted, and where it came from.
type Offer struct {
	Key      KeyInfo
	Source   string   // a URL or a path
	TLS      bool     // it came from a server whose certificate was checked
	Prefixes []string // of the image's name that it may be trusted for, the narrowest first; nil: no name is known

	key *openpgp.Key
}

// KeyInfo is an OpenPGP key as people see it. All words in it are its maker's:
// what shows them escapes them.
type KeyInfo struct {
	Fingerprint string // lower-case hex
	KeyID       string // the end of it, 16 digits in upper case
	Algorithm   string // "ed25519", "RSA 4096"
	UserIDs     []string
	Created     time.Time
	Expires     time.Time // zero: never
	Problem     string    // why nothing that it signs is believed; "": it is good
	Armored     []byte    // the key itself
}

// UserID is who the key says it is first, or "".
func (k KeyInfo) UserID() string {
	if len(k.UserIDs) == 0 {
		return ""
	}
	return k.UserIDs[0]
}
