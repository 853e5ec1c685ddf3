package engine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/trust"
	"github.com/podtui/podtui/engine/trust/openpgp"
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

// Keyring is whom this host believes. It needs no data folder: Engine has one.
type Keyring struct {
	trust   *trust.Store
	fetcher *fetch.Fetcher // for keys from elsewhere
}

// OpenKeyring opens the keys of a configuration folder, which need not exist.
func OpenKeyring(o Options) *Keyring {
	return newKeyring(trust.Open(trust.Folders{Config: o.ConfigDir, System: rktDir}), fetch.New(fetchOptions(o)))
}

func newKeyring(t *trust.Store, f *fetch.Fetcher) *Keyring { return &Keyring{trust: t, fetcher: f} }

// Close closes connections that wait for more to do.
func (k *Keyring) Close() error {
	k.fetcher.Close()
	return nil
}

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
	Path   string // of its file
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

// CheckPrefix says why a text is no prefix of image names, or nil.
func CheckPrefix(prefix string) error {
	_, err := trust.ParseScope(prefix)
	return err
}

// CheckPin says why a text names no content that could be approved, or returns it as
// it is kept: docker://HOST/REPO@sha256:…, or the ID of an image.
func CheckPin(pin string) (string, error) {
	p, err := trust.ParsePin(pin)
	return string(p), err
}

// Trusted reads whom this host believes.
func (k *Keyring) Trusted() (Trusted, error) {
	var t Trusted
	held, wrong := k.trust.Keys()
	for _, h := range held {
		t.Keys = append(t.Keys, trustedKey(h))
	}
	pins, wrongPins := k.trust.Pins()
	for _, p := range pins {
		t.Pins = append(t.Pins, TrustedPin{Pin: string(p.Pin), Note: p.Note, At: p.At})
	}
	for _, err := range append(wrong, wrongPins...) {
		t.Warnings = append(t.Warnings, err.Error())
	}
	return t, nil
}

func trustedKey(h trust.Held) TrustedKey {
	return TrustedKey{KeyInfo: fetch.Info(h.Key), Scope: string(h.Scope), System: h.System, Path: h.Path}
}

// ReadKeys reads the keys in a file, or at an https URL.
func (k *Keyring) ReadKeys(ctx context.Context, source string) ([]Offer, error) {
	return k.fetcher.ReadKeys(ctx, source)
}

// ParseKeys reads keys from r, armoured or binary. Source is where they came from,
// for people.
func (k *Keyring) ParseKeys(r io.Reader, source string) ([]Offer, error) {
	return fetch.ParseKeys(r, source)
}

// DiscoverKeys asks the site of a name, or of a prefix of names, for its signers'
// keys (ac-discovery-pubkeys).
func (k *Keyring) DiscoverKeys(ctx context.Context, name string) ([]Offer, error) {
	return k.fetcher.DiscoverKeys(ctx, name)
}

// Trust trusts a key for images whose name begins with a prefix; "" stands for
// all images. A key that is revoked, expired or weak is refused, unless a good
// copy of it is here.
func (k *Keyring) Trust(prefix string, key KeyInfo) (TrustChange, error) {
	scope, err := scopeOf(prefix)
	if err != nil {
		return "", err
	}
	keys, err := openpgp.ReadKeys(bytes.NewReader(key.Armored))
	if err != nil {
		return "", err
	}
	if len(keys) != 1 || keys[0].Fingerprint() != key.Fingerprint {
		return "", fmt.Errorf("key %s: not what was shown", key.Fingerprint)
	}
	change, err := k.trust.Add(scope, keys[0])
	return changes[change], err
}

func scopeOf(prefix string) (trust.Scope, error) {
	if prefix == "" {
		return trust.Root, nil
	}
	return trust.ParseScope(prefix)
}

var changes = map[trust.Change]TrustChange{trust.New: TrustNew, trust.Updated: TrustUpdated, trust.Same: TrustSame}

// Distrust no longer trusts a key, of a fingerprint or the end of one, for a
// prefix, or, if that is nil, for anything. It returns what was trusted.
func (k *Keyring) Distrust(fingerprint string, prefix *string) ([]TrustedKey, error) {
	var in *trust.Scope
	if prefix != nil {
		scope, err := scopeOf(*prefix)
		if err != nil {
			return nil, err
		}
		in = &scope
	}
	held, err := k.trust.Remove(fingerprint, in)
	removed := make([]TrustedKey, len(held))
	for i, h := range held {
		removed[i] = trustedKey(h)
	}
	return removed, err
}

// Approve vouches for exactly the content of a digest: docker://HOST/REPO@sha256:…,
// or the ID of an image.
func (k *Keyring) Approve(pin, note string) (TrustChange, error) {
	p, err := trust.ParsePin(pin)
	if err != nil {
		return "", err
	}
	change, err := k.trust.Approve(p, note)
	return changes[change], err
}

// Withdraw takes an approval back.
func (k *Keyring) Withdraw(pin string) error {
	p, err := trust.ParsePin(pin)
	if err != nil {
		return err
	}
	return k.trust.Withdraw(p)
}

// readBelieved reads keys that somebody was shown.
func readBelieved(believe map[string][]KeyInfo) (map[string][]*openpgp.Key, error) {
	all := make(map[string][]*openpgp.Key, len(believe))
	for image, infos := range believe {
		for _, info := range infos {
			keys, err := openpgp.ReadKeys(bytes.NewReader(info.Armored))
			if err != nil {
				return nil, err
			}
			all[image] = append(all[image], keys...)
		}
	}
	return all, nil
}
