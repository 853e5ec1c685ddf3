package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/imageref"
)

func (p *program) trustRmCommand() *cobra.Command {
	var s trustScope
	c := &cobra.Command{
		Use: "rm [--root|--prefix=NAME] FINGERPRINT…|PIN…", Short: "no longer trust keys, or approved digests",
		DisableFlagsInUseLine: true,
		Long: `No longer trust keys: for NAME, with --root as keys for all images, or without either
wherever they are trusted. Either end of a FINGERPRINT is enough, from 8 digits on, if
only one key has it. Of a PIN, docker://HOST/REPO@sha256:… or the ID of an image, the
approval is taken back; the beginning of its sha256:… or sha512-… is enough. What this
keeps from running of the images that are here is told.

A revoked key that is removed is no longer known to be revoked. The exit status is 1 if
something that was named was not there.`,
		ValidArgsFunction: p.completeKeys,
		RunE:              func(_ *cobra.Command, args []string) error { return p.trustRm(args, &s) },
	}
	s.addTo(c)
	_ = c.RegisterFlagCompletionFunc("prefix", p.completePrefixes)
	_ = c.RegisterFlagCompletionFunc("digest", p.completePins)
	return c
}

func (p *program) trustRm(words []string, s *trustScope) error {
	fingerprints, pins, err := s.sort(words)
	if err != nil {
		return err
	}
	k, err := p.openKeyring()
	if err != nil {
		return err
	}
	defer k.close()
	return errors.Join(
		each(fingerprints, func(fingerprint string) error {
			return p.stopping(k, func() error { return p.distrust(k, fingerprint, s) })
		}),
		each(pins, func(pin string) error {
			return p.stopping(k, func() error { return p.withdraw(k, pin) })
		}))
}

// sort tells fingerprints from digests.
func (s *trustScope) sort(words []string) (fingerprints, pins []string, err error) {
	pins = s.digests
	for _, word := range joinGroups(words) {
		switch {
		case isPin(word):
			if err := checkShortPin(word); err != nil {
				return nil, nil, usage("trust rm: %v", err)
			}
			pins = append(pins, word)
		case !isKeyID(word):
			return nil, nil, usage("trust rm: %q is no key; write its fingerprint, or at least 8 of its digits", imageref.Masked(word))
		default:
			fingerprints = append(fingerprints, word)
		}
	}
	switch {
	case len(fingerprints)+len(pins) == 0:
		err = usage("trust rm: an argument is missing; write podtui trust rm [--root|--prefix=NAME] FINGERPRINT…, or podtui trust rm --digest=PIN")
	case len(pins) > 0 && len(fingerprints) > 0:
		err = usage("trust rm: %s is content, and %s a key; remove one after the other", pins[0], fingerprints[0])
	default:
		err = (&trustScope{root: s.root, prefix: s.prefix, digests: pins}).check("trust rm", nil)
	}
	return fingerprints, pins, err
}

// joinGroups makes words of groups of four digits, in which reviews show
// fingerprints.
func joinGroups(words []string) []string {
	var joined []string
	open := false // the last one may go on
	for _, word := range words {
		group := len(word) == 4 && isHex(word)
		if last := len(joined) - 1; group && open && len(joined[last]) < 40 {
			joined[last] += word
		} else {
			joined = append(joined, word)
		}
		open = group
	}
	return joined
}

// isKeyID tells what can be a key's fingerprint, or an end of one.
func isKeyID(word string) bool {
	digits := strings.TrimPrefix(strings.ToLower(strings.ReplaceAll(word, " ", "")), "0x")
	return len(digits) >= 8 && isHex(digits)
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }

func (p *program) distrust(k *keyring, fingerprint string, s *trustScope) error {
	var scope *string // anywhere
	if s.root || s.prefix != "" {
		scope = &s.prefix
	}
	keys, err := k.Distrust(fingerprint, scope)
	for _, key := range keys {
		p.output().Say(removed(key, k.held(key.Fingerprint)))
	}
	return err
}

// removed tells of a key that was removed from one place, and of what is left of
// it elsewhere.
func removed(key engine.TrustedKey, left []engine.TrustedKey) string {
	line := "key " + keyAndOwner(key.KeyInfo)
	of := forImages(key.Scope)
	through := slices.DeleteFunc(slices.Clone(left), func(k engine.TrustedKey) bool { return !covers(k.Scope, key.Scope) })
	switch {
	case isRevoked(key.KeyInfo) && len(left) > 0:
		line += ", which is revoked, is removed for " + of + "; it is kept, and refused, for " + strings.Join(scopes(left), ", ")
	case isRevoked(key.KeyInfo):
		line += " is removed for " + of + ", and its revocation is forgotten with it: an older copy could be trusted again. To refuse a revoked key for ever, keep it"
	case len(through) > 0:
		line += " is removed for " + of + ", but still counts for " + of + " through " + strings.Join(scopes(through), ", ")
	case len(left) > 0:
		line += " is no longer trusted for " + of + "; it still counts for " + strings.Join(scopes(left), ", ")
	default:
		line += " is no longer trusted for " + of
	}
	if key.System {
		line += "; it is the system's, and masked"
	}
	return line
}
