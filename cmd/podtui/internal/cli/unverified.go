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
func mend(e *engine.UnverifiedError, verb string) string {
	if e.Anew {
		return "; --pull-policy=update asks its source for another copy"
	}
	switch e.Refusal.Kind {
	case refusal.NoSignature:
		return "; --insecure-skip-verify " + verb + " it unverified" + orApprove(e)
	case refusal.UnknownKey, refusal.NotTrusted:
		return introduce(e)
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
func introduce(e *engine.UnverifiedError) string {
	words := []string{"podtui", "trust", "--prefix=" + cmp.Or(e.Name, "NAME")}
	if len(e.Offers) == 0 {
		return `; "` + strings.Join(words, " ") + ` KEY" trusts it`
	}
	if source := e.Offers[0].Source; !isURL(source) { // of the site of the name, else
		words = append(words, source)
	}
	return `; "` + spec.Quote(words) + `" reviews it`
}
