package enginetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/podtui/podtui/engine"
)

// ScriptedTrust is whom a scripted engine believes. It is kept in memory, and
// decides as the engine does which images are still vouched for.
type ScriptedTrust struct {
	KeyFiles map[string][]engine.Offer // what ReadKeys finds at a path or a URL
	Signers  map[string][]engine.Offer // what DiscoverKeys finds for a name

	trusted *engine.Trusted // nil: whatever an image says of itself counts
	written error
}

// SetTrusted says whom the engine believes from now on.
func (s *Scripted) SetTrusted(t engine.Trusted) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trusted = &engine.Trusted{Keys: slices.Clone(t.Keys), Pins: slices.Clone(t.Pins), Warnings: t.Warnings}
}

// FailTrust makes every change of trust fail, as for somebody who is not root.
func (s *Scripted) FailTrust(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written = err
}

// Trusted tells whom the engine believes.
func (s *Scripted) Trusted() (engine.Trusted, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trusted == nil {
		return engine.Trusted{}, s.err
	}
	t := *s.trusted
	t.Keys, t.Pins = slices.Clone(t.Keys), slices.Clone(t.Pins)
	return t, s.err
}

// ReadKeys returns the keys of one of KeyFiles.
func (s *Scripted) ReadKeys(ctx context.Context, source string) ([]engine.Offer, error) {
	s.note("keys " + source)
	if err := s.sleep(ctx, 300*time.Millisecond); err != nil {
		return nil, err
	}
	if strings.HasPrefix(source, "http://") {
		return nil, fmt.Errorf("keys %s: keys come over https only", source)
	}
	offers, ok := s.KeyFiles[source]
	if !ok {
		return nil, fmt.Errorf("keys %s: no such file or directory", source)
	}
	return slices.Clone(offers), nil
}

// DiscoverKeys returns the keys of one of Signers.
func (s *Scripted) DiscoverKeys(ctx context.Context, name string) ([]engine.Offer, error) {
	s.note("signers " + name)
	if err := s.sleep(ctx, 300*time.Millisecond); err != nil {
		return nil, err
	}
	offers, ok := s.Signers[name]
	if !ok {
		return nil, fmt.Errorf("%s: its site names no keys", name)
	}
	return slices.Clone(offers), nil
}

// revoked reports whether a key was taken back by its owner.
func revoked(k engine.KeyInfo) bool { return strings.HasPrefix(k.Problem, "revoked") }

// Trust trusts a key for a prefix of names. A revocation goes to every place where the
// key is, and nothing undoes it.
func (s *Scripted) Trust(prefix string, key engine.KeyInfo) (engine.TrustChange, error) {
	s.note("trust " + cmp.Or(prefix, "all") + " " + key.Fingerprint)
	return change(s, func(t *engine.Trusted) (engine.TrustChange, error) {
		var here []*engine.TrustedKey
		for i := range t.Keys {
			if t.Keys[i].Fingerprint == key.Fingerprint {
				here = append(here, &t.Keys[i])
			}
		}
		is := func(f func(k *engine.TrustedKey) bool) bool { return slices.ContainsFunc(here, f) }
		gone := is(func(k *engine.TrustedKey) bool { return revoked(k.KeyInfo) })
		switch {
		case revoked(key) && gone:
			return engine.TrustSame, nil
		case revoked(key) && len(here) > 0:
			for _, k := range here {
				k.Problem = key.Problem
			}
			return engine.TrustUpdated, nil
		case gone:
			return "", fmt.Errorf("revoked: this copy of the key is older than its revocation, which is here")
		case is(func(k *engine.TrustedKey) bool { return k.Scope == prefix }):
			return engine.TrustSame, nil
		case is(func(k *engine.TrustedKey) bool { return k.Problem == "" }):
			key.Problem = "" // what is newer about it is kept
		case key.Problem != "":
			return "", fmt.Errorf("%s: it is not trusted here, and would not count", key.Problem)
		}
		t.Keys = append(t.Keys, engine.TrustedKey{KeyInfo: key, Scope: prefix})
		slices.SortStableFunc(t.Keys, func(a, b engine.TrustedKey) int {
			return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Fingerprint, b.Fingerprint))
		})
		return engine.TrustNew, nil
	})
}

// Distrust no longer trusts a key, for a prefix or for anything.
func (s *Scripted) Distrust(fingerprint string, prefix *string) ([]engine.TrustedKey, error) {
	scope := "everywhere"
	if prefix != nil {
		scope = cmp.Or(*prefix, "all")
	}
	s.note("distrust " + scope + " " + fingerprint)
	return change(s, func(t *engine.Trusted) ([]engine.TrustedKey, error) {
		var gone []engine.TrustedKey
		t.Keys = slices.DeleteFunc(t.Keys, func(k engine.TrustedKey) bool {
			hit := strings.HasSuffix(k.Fingerprint, strings.ToLower(fingerprint)) && (prefix == nil || k.Scope == *prefix)
			if hit {
				gone = append(gone, k)
			}
			return hit
		})
		if len(gone) == 0 {
			return nil, fmt.Errorf("key %s: not trusted here", fingerprint)
		}
		return gone, nil
	})
}

// Approve vouches for the content of a digest.
func (s *Scripted) Approve(pin, note string) (engine.TrustChange, error) {
	s.note("approve " + pin)
	return change(s, func(t *engine.Trusted) (engine.TrustChange, error) {
		if slices.ContainsFunc(t.Pins, func(p engine.TrustedPin) bool { return p.Pin == pin }) {
			return engine.TrustSame, nil
		}
		t.Pins = append(t.Pins, engine.TrustedPin{Pin: pin, Note: note, At: time.Now()})
		return engine.TrustNew, nil
	})
}

// Withdraw takes an approval back.
func (s *Scripted) Withdraw(pin string) error {
	s.note("withdraw " + pin)
	_, err := change(s, func(t *engine.Trusted) (bool, error) {
		n := len(t.Pins)
		t.Pins = slices.DeleteFunc(t.Pins, func(p engine.TrustedPin) bool { return p.Pin == pin })
		if len(t.Pins) == n {
			return false, fmt.Errorf("%s: not approved here", pin)
		}
		return true, nil
	})
	return err
}

// change changes whom a scripted engine believes, if it may.
func change[T any](s *Scripted, f func(*engine.Trusted) (T, error)) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var none T
	if s.written != nil {
		return none, s.written
	}
	if s.trusted == nil {
		s.trusted = &engine.Trusted{}
	}
	return f(s.trusted)
}

// judged takes from an image what today's keys don't vouch for. The lock is held.
func (s *Scripted) judged(img engine.Image) engine.Image {
	if s.trusted == nil {
		return img
	}
	for _, p := range s.trusted.Pins {
		if p.Pin == img.ID || img.Verified != nil && p.Pin == img.Verified.Pin {
			img.Verified = &engine.Verification{By: "digest approved", Pin: p.Pin, At: p.At}
			return img
		}
	}
	if img.Verified == nil || img.Verified.Key == "" && img.Verified.Pin == "" {
		return img
	}
	for _, k := range s.trusted.Keys {
		name := img.Name()
		if k.Fingerprint == img.Verified.Key && !revoked(k.KeyInfo) &&
			(k.Scope == "" || name == k.Scope || strings.HasPrefix(name, k.Scope+"/")) {
			return img
		}
	}
	img.Verified = nil
	return img
}
