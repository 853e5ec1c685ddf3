package dialog

import (
	"strings"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/trust/refusal"
)

func TestOnlyAnImageByItsNameHasASiteThatNamesKeys(t *testing.T) {
	for image, want := range map[string]string{
		"example.com/app:1.0": "Its site names no such key.", "./app.aci": "No key came with it.", "/srv/app.aci": "No key came with it.",
		"https://example.com/app.aci": "No key came with it.", "sha512-0123": "No key came with it.",
	} {
		err := &engine.UnverifiedError{Image: image, Refusal: &refusal.Error{Kind: refusal.UnknownKey}}
		if words := Mend(err); !strings.HasPrefix(words, want) {
			t.Errorf("%s: %s", image, words)
		}
	}
}

// Each kind of refusal has words of its own for what would mend it, and only what a
// key can mend is reviewed.
func TestEachRefusalSaysWhatWouldMendIt(t *testing.T) {
	seen := map[string]refusal.Kind{}
	for kind := refusal.NoSignature; kind <= refusal.Weak; kind++ {
		for _, offers := range [][]engine.Offer{nil, {{}}} {
			err := &engine.UnverifiedError{Image: "example.com/app", Refusal: &refusal.Error{Kind: kind}, Offers: offers}
			words := Mend(err)
			if other, ok := seen[words]; words == "" || ok && other != kind {
				t.Errorf("%v: %q, as of %v", kind, words, other)
			}
			seen[words] = kind
			if want := len(offers) > 0 && (kind == refusal.UnknownKey || kind == refusal.NotTrusted); Reviewable(err) != want {
				t.Errorf("%v with %d offers: reviewable %v", kind, len(offers), !want)
			}
		}
	}
	bytes := &engine.UnverifiedError{Refusal: &refusal.Error{Kind: refusal.BadSignature, OtherBytes: true}}
	if words := Mend(bytes); seen[words] != 0 {
		t.Errorf("other bytes are like any bad signature: %q", words)
	}
	bytes.Anew = true
	if words := Mend(bytes); seen[words] != 0 {
		t.Errorf("an old copy is like any bad signature: %q", words)
	}
	if Reviewable(nil) || Reviewable(&engine.UnverifiedError{}) {
		t.Error("nothing is reviewed")
	}
}
