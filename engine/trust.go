package engine

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/podtui/podtui/engine/fetch"
)

// What the engine says of keys is what fetch says of them.
type (
	// UnverifiedError says that nobody who is trusted here vouches for an image.
	UnverifiedError = fetch.UnverifiedError
	// KeyInfo is an OpenPGP key as people see it.
	KeyInfo = fetch.KeyInfo
	// Offer is a key that can be trusted, and where it came from.
	Offer = fetch.Offer
)

// Trusted is whom this host believes, and what.
type Trusted struct {
	Keys     []TrustedKey // by scope, then fingerprint
	Pins     []TrustedPin
	Warnings []string // files that don't count, a line each
}

// TrustedKey is a key, and the images that it counts for.
type TrustedKey struct {
	KeyInfo
	Scope  string // a prefix of names; "": all images
	System bool   // it comes with rkt's packages; to remove it masks it
}

// TrustedPin is content that somebody approved.
type TrustedPin struct {
	Pin  string // docker://HOST/REPO@sha256:…, or an image's ID
	Note string // why, in words
	At   time.Time
}

// TrustChange is what Trust did.
type TrustChange string

// What there is to do.
const (
	TrustNew     TrustChange = "new"     // it was not trusted so far
	TrustUpdated TrustChange = "updated" // the copy that is here was older
	TrustSame    TrustChange = "same"
)

var errNotWired = errors.New("not yet")

// Trusted reads whom this host believes.
func (e *Engine) Trusted() (Trusted, error) { return Trusted{}, errNotWired }

// ReadKeys reads the keys in a file, or at an https URL.
func (e *Engine) ReadKeys(ctx context.Context, source string) ([]Offer, error) {
	return nil, errNotWired
}

// ParseKeys reads keys from r, armoured or binary. Source is where they came from,
// for people.
func (e *Engine) ParseKeys(r io.Reader, source string) ([]Offer, error) { return nil, errNotWired }

// DiscoverKeys asks the site of a name, or of a prefix of names, for its signers'
// keys (ac-discovery-pubkeys).
func (e *Engine) DiscoverKeys(ctx context.Context, name string) ([]Offer, error) {
	return nil, errNotWired
}

// Trust trusts a key for images whose name begins with a prefix; "" stands for
// all images.
func (e *Engine) Trust(prefix string, key KeyInfo) (TrustChange, error) { return "", errNotWired }

// Distrust no longer trusts a key, of a fingerprint or the end of one, for a
// prefix, or, if that is nil, for anything. It returns what was trusted.
func (e *Engine) Distrust(fingerprint string, prefix *string) ([]TrustedKey, error) {
	return nil, errNotWired
}

// Approve vouches for exactly the content of a digest: docker://HOST/REPO@sha256:…,
// or the ID of an image.
func (e *Engine) Approve(pin, note string) (TrustChange, error) { return "", errNotWired }

// Withdraw takes an approval back.
func (e *Engine) Withdraw(pin string) error { return errNotWired }
