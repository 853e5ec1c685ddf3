package cli

import (
	"cmp"
	"strings"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// mend says what would let an image come that was not believed, as little as
// possible at a time: who signs badly gets no hint how to be let in all the same.
// Verb is what --insecure-skip-verify would do.
func (p *program) mend(e *engine.UnverifiedError, verb string) string {
	if e.Anew {
		return "; fetch image and signature anew with --pull-policy=update, or ask whoever signed it"
	}
	switch e.Refusal.Kind {
	case refusal.NoSignature:
		return "; --insecure-skip-verify " + verb + " it unverified" + orApprove(e)
	case refusal.UnknownKey, refusal.NotTrusted:
		return p.introduce(e)
	case refusal.BadSignature:
		return "; fetch image and signature anew, or ask whoever signed it"
	case refusal.Expired, refusal.Revoked, refusal.Weak:
		return "; whoever signed it has to sign it anew"
	}
	return ""
}

// orApprove is the other way for an image of a registry, which has no signature
// that could be looked for.
func orApprove(e *engine.UnverifiedError) string {
	if len(e.Digests) == 0 {
		return ""
	}
	return `, or "podtui trust --digest=` + e.Digests[0] + `" approves exactly this content`
}

// introduce says how the key becomes one that is known, or known for this name.
func (p *program) introduce(e *engine.UnverifiedError) string {
	words := []string{"podtui", "trust", "--prefix=" + cmp.Or(e.Name, "NAME")}
	switch file := p.keyFile(e.Refusal); {
	case len(e.Offers) > 0 && isURL(e.Offers[0].Source): // of the site of the name
	case len(e.Offers) > 0:
		words = append(words, e.Offers[0].Source)
	case file != "":
		words = append(words, file)
	default:
		return `; "` + strings.Join(words, " ") + ` KEY" reviews it`
	}
	return `; "` + spec.Quote(words) + `" reviews it`
}

// keyFile is where a key lies that is trusted for other names.
func (p *program) keyFile(e *refusal.Error) string {
	if e.Kind != refusal.NotTrusted || e.KeyID == "" {
		return ""
	}
	trusted, _ := p.trusted()
	for _, key := range trusted.Keys {
		if strings.HasSuffix(key.Fingerprint, strings.ToLower(e.KeyID)) {
			return key.Path
		}
	}
	return ""
}
