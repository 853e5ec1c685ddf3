package uitest

import (
	"fmt"
	"hash/crc32"
	"path/filepath"

	"github.com/appc/spec/schema/types"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// Team is the name below which the images of Refused are.
const Team = "example.com/team/"

// Refused gives a scripted engine images that nobody vouches for, one of each kind
// of refusal: "example.com/team/weak:1.0". They come once their key is trusted,
// where one is offered: "app" has one, "two" has two, and "https://files.test/app.aci"
// has one though nobody knows the image's name.
func Refused(e *enginetest.Scripted) error {
	team := key("4e9d2b8c7a6f5e4d3c2b1a09f8e7d6c5b4a39281", "ed25519", 700, "Reduce Team <reduce@example.com>")
	spare := key("a1b2c3d4e5f60718293a4b5c6d7e8f9001122334", "RSA 4096", 0, "Reduce Team, spare <reduce@example.com>", "Alice <alice@example.com>")
	offer := func(name string, k engine.KeyInfo) engine.Offer {
		o := engine.Offer{Key: k, Source: "https://example.com/pubkeys.asc", TLS: true}
		if name != "" {
			o.Prefixes = []string{Team + name, "example.com/team", "example.com"}
		}
		return o
	}
	about := func(k refusal.Kind, detail string) *refusal.Error {
		return &refusal.Error{Kind: k, KeyID: team.KeyID, UserID: team.UserID(), Detail: detail}
	}
	unknown := &refusal.Error{Kind: refusal.UnknownKey, KeyID: team.KeyID, UserID: team.UserID()}
	other := about(refusal.BadSignature, "it is not over these bytes")
	other.OtherBytes = true
	notTrusted := about(refusal.NotTrusted, "the key counts for coreos.com")
	notTrusted.Name = Team + "not-trusted"
	for name, r := range map[string]struct {
		refusal *refusal.Error
		offers  []engine.Offer
	}{
		"app":           {unknown, []engine.Offer{offer("app", team)}},
		"two":           {unknown, []engine.Offer{offer("two", team), offer("two", spare)}},
		"unknown-key":   {&refusal.Error{Kind: refusal.UnknownKey, KeyID: "0123456789ABCDEF"}, nil},
		"no-signature":  {&refusal.Error{Kind: refusal.NoSignature}, nil},
		"not-trusted":   {notTrusted, []engine.Offer{offer("not-trusted", team)}},
		"bad-signature": {other, nil},
		"expired":       {about(refusal.Expired, "the key expired on 2026-02-12"), nil},
		"revoked":       {about(refusal.Revoked, "the key was revoked on 2026-02-12"), nil},
		"weak":          {about(refusal.Weak, "the signature's digest is SHA-1"), nil},
	} {
		if err := refuse(e, Team+name+":1.0", Team+name, r.refusal, r.offers...); err != nil {
			return err
		}
		e.Names[Team+name+":1.0"] = engine.Discovered{Reference: Team + name + ":1.0", Prefix: "example.com", Signed: true,
			URLs: []string{"https://example.com/" + name + "-1.0.aci"}}
	}
	const registry = "docker://registry.test/backup:1" // its repository is approved, and not this
	if err := refuse(e, registry, "registry.test/backup", &refusal.Error{Kind: refusal.NoSignature}); err != nil {
		return err
	}
	e.Refusals[registry].Err.Digests = []string{OtherPin}
	return refuse(e, "https://files.test/app.aci", "", unknown, offer("", team))
}

func refuse(e *enginetest.Scripted, reference, name string, why *refusal.Error, offers ...engine.Offer) error {
	path := func(of string) string { return filepath.Join(Root(), "testdata", "events", of+".jsonl") }
	words := map[refusal.Kind]string{
		refusal.NoSignature: "no-signature", refusal.UnknownKey: "unknown-key", refusal.NotTrusted: "not-trusted",
		refusal.BadSignature: "bad-signature", refusal.Expired: "expired", refusal.Revoked: "revoked", refusal.Weak: "weak",
	}
	r, err := enginetest.NewScriptedRefusal(path("refused-"+words[why.Kind]), &engine.UnverifiedError{
		Image: reference, Name: name, Refusal: why, Offers: offers,
	})
	if err != nil {
		return err
	}
	e.Refusals[reference] = r
	if name == "" {
		name = "files.test/app"
	}
	app := &types.App{Exec: types.Exec{"/bin/app"}, User: "0", Group: "0"}
	image := enginetest.ScriptedImage(name, "1.0", fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(name))), app)
	e.Fetches[reference], err = enginetest.NewScriptedFetch(image, path("fetch/signed"))
	return err
}
