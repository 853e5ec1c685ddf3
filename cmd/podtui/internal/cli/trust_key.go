package cli

import (
	"fmt"
	"strings"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/text"
)

// trustKey asks about a key, and trusts it if the answer is yes.
func (p *program) trustKey(k *keyring, offer engine.Offer, review *review) error {
	key := offer.Key
	held := k.held(key.Fingerprint)
	switch {
	case key.Problem != "" && len(held) == 0:
		return fmt.Errorf("key %s: %s; nothing that it signs would be believed", key.Fingerprint, key.Problem)
	case len(held) > 0 && isRevoked(held[0].KeyInfo): // no answer could make it count
		return p.addKey(k, key, review.scope, held)
	case isRevoked(key):
		return p.revokeKey(k, offer, held, review)
	}
	if said := review.ask(review.describe(offer, held), question); !isYes(said) {
		outcome := "not trusted"
		if isFor(held, review.scope) {
			outcome = "nothing was changed"
		}
		return fmt.Errorf("key %s: %s%s", keyAndOwner(key), outcome, notYes(said, "trusts"))
	}
	return p.addKey(k, key, review.scope, held)
}

// revokeKey asks whether a key that is trusted is to count no more.
func (p *program) revokeKey(k *keyring, offer engine.Offer, held []engine.TrustedKey, review *review) error {
	key := offer.Key
	images, err := k.vouchedFor(key.Fingerprint)
	stops := "no stored image"
	switch {
	case err != nil:
		stops = "stored images that can't be told: " + firstLine(err)
	case len(images) > 0:
		stops = text.Count(len(images), "stored image") + ": " + fewNames(images)
	}
	shown := review.describe(offer, held) + inReview("stops:", text.Escape(stops))
	if said := review.ask(shown, revocation); !isYes(said) {
		return fmt.Errorf("key %s: nothing was changed%s", keyAndOwner(key), notYes(said, "revokes"))
	}
	return p.stopping(k, func() error { return p.addKey(k, key, review.scope, held) })
}

// addKey trusts a key that was approved, and tells what this has changed.
func (p *program) addKey(k *keyring, key engine.KeyInfo, scope string, held []engine.TrustedKey) error {
	change, err := k.Trust(scope, key)
	if err != nil {
		return fmt.Errorf("key %s: %w", keyAndOwner(key), err)
	}
	line := "key " + keyAndOwner(key)
	switch {
	case isRevoked(key) && !isRevoked(held[0].KeyInfo):
		line += " is revoked now, in " + text.Count(len(held), "place") + ": " + strings.Join(scopes(held), ", ")
	case isRevoked(key):
		line += " is revoked already, and counts for nothing"
	case change == engine.TrustNew:
		line = "trusted " + line + " for " + forImages(scope)
	case change == engine.TrustUpdated:
		line = "updated " + line + ", which was trusted already for " + strings.Join(scopes(held), ", ")
	default:
		line += " was trusted already for " + forImages(scope)
	}
	p.output().Say(line)
	return nil
}

// isFor reports whether keys are trusted for exactly this.
func isFor(held []engine.TrustedKey, scope string) bool {
	for _, key := range held {
		if key.Scope == scope {
			return true
		}
	}
	return false
}

// keyAndOwner is a key in a line: its fingerprint and who it says it is.
func keyAndOwner(key engine.KeyInfo) string {
	if key.UserID() == "" {
		return key.Fingerprint
	}
	return key.Fingerprint + " (" + quoted(key.UserID()) + ")"
}

func forImages(prefix string) string {
	if prefix == "" {
		return "all images"
	}
	return prefix
}
