package uitest

import (
	"strings"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
)

// Fingerprints of the keys that sign the samples.
const (
	CoreOSKey  = "8b86de38890ddb7291867b025210bd888f1c1a2b3c4d5e6f7a8b9c0d4b1f22a9"
	ExampleKey = "18ad5014c99ef7e3ba5f6ce950bdd3e0fc8a365e"
)

// BackupPin is what was approved of a registry's repository, OtherPin what is there
// as well.
const (
	BackupPin = "docker://registry.test/backup@sha256:9f3a1c77e02b5d4e9f3a1c77e02b5d4e9f3a1c77e02b5d4e9f3a1c77e02b5d4e"
	OtherPin  = "docker://registry.test/backup@sha256:4e9f3a1c77e02b5d4e9f3a1c77e02b5d4e9f3a1c77e02b5d4e9f3a1c77e02b5d"
)

func key(fingerprint, algorithm string, days int, names ...string) engine.KeyInfo {
	k := engine.KeyInfo{
		Fingerprint: fingerprint, KeyID: strings.ToUpper(fingerprint[len(fingerprint)-16:]),
		Algorithm: algorithm, UserIDs: names, Created: Noon.AddDate(-2, 0, 0),
	}
	if days != 0 {
		k.Expires = Noon.Add(time.Duration(days) * 24 * time.Hour)
	}
	return k
}

// keyPath is where a host has a key.
func keyPath(k engine.TrustedKey) string {
	folder := "/etc/podtui/trustedkeys/"
	if k.System {
		folder = "/usr/lib/rkt/trustedkeys/"
	}
	if k.Scope == "" {
		return folder + "root.d/" + k.Fingerprint
	}
	return folder + "prefix.d/" + k.Scope + "/" + k.Fingerprint
}

// Trusted gives a scripted engine keys and approvals as hosts have them: good ones
// and such that don't count, one that counts for everything, one that came with
// rkt's packages, one that tries to fool the screen, and files and pages with more.
func Trusted(e *enginetest.Scripted) {
	expired := key("77f1a2b3c4d5e6f708192a3b4c5d6e7f80912a3b", "RSA 2048", -20, "Example Builds, old <builds@example.com>")
	expired.Problem = "expired: on " + expired.Expires.Format(time.DateOnly)
	trick := key("00112233445566778899aabbccddeeff00112233", "ed25519", 0,
		"\x1b]0;owned\x07\u202e"+strings.Repeat("long ", 2000), "CoreOS Builds <builds@coreos.com>")
	coreos := key(CoreOSKey, "ed25519", 400, "CoreOS Builds <builds@coreos.com>", "CoreOS Security <security@coreos.com>")
	keys := []engine.TrustedKey{
		{KeyInfo: key("d00dfeedd00dfeedd00dfeedd00dfeedd00dfeed", "ed25519", 0, "Site administration <root@site.test>")},
		{KeyInfo: coreos, Scope: "coreos.com"},
		{KeyInfo: key("bff313cdaa560b16a898f95d9c0e2f1a3b4c5d6e", "RSA 4096", 0, "rkt builds <rkt@coreos.com>"), Scope: "coreos.com/rkt", System: true},
		{KeyInfo: key(ExampleKey, "RSA 4096", 12, "Example Builds <builds@example.com>"), Scope: "example.com"},
		{KeyInfo: expired, Scope: "example.com/reduce-worker"},
		{KeyInfo: trick, Scope: "trick.test"},
	}
	for i, k := range keys {
		keys[i].Path = keyPath(k)
	}
	e.SetTrusted(engine.Trusted{
		Keys: keys,
		Pins: []engine.TrustedPin{
			{Pin: BackupPin, Note: "looked at by hand", At: Noon.Add(-50 * time.Hour)},
		},
		Warnings: []string{
			"/etc/podtui/trustedkeys/root.d/4b1f22a9: its key is 18ad5014c99ef7e3ba5f6ce950bdd3e0fc8a365e",
			"/etc/podtui/trustedkeys/prefix.d/example.com/notes.txt: there is no key in it",
		},
	})
	fresh := key("4e9d2b8c7a6f5e4d3c2b1a09f8e7d6c5b4a39281", "ed25519", 700, "Reduce Team <reduce@example.com>")
	second := key("a1b2c3d4e5f60718293a4b5c6d7e8f9001122334", "RSA 4096", 0, "Reduce Team, spare <reduce@example.com>")
	weak := key("0badc0de0badc0de0badc0de0badc0de0badc0de", "RSA 1024", 0, "Old Team <old@example.com>")
	weak.Problem = "weak: RSA 1024"
	offer := func(source string, tls bool, keys ...engine.KeyInfo) {
		for _, k := range keys {
			e.KeyFiles[source] = append(e.KeyFiles[source], engine.Offer{Key: k, Source: source, TLS: tls})
		}
	}
	offer("https://example.com/pubkeys.asc", true, fresh)
	offer("https://example.com/team.asc", true, fresh, second, weak)
	offer("keys/reduce.asc", false, fresh)
	gone := coreos
	gone.Problem = "revoked: the key was revoked on 2026-03-01"
	offer("https://example.com/revoked.asc", true, gone)
	offer("https://example.com/anew.asc", true, coreos)
	offer("https://example.com/weak.asc", true, weak)
	e.Signers["example.com/reduce-worker"] = []engine.Offer{{Key: fresh, Source: "https://example.com/pubkeys.asc", TLS: true,
		Prefixes: []string{"example.com/reduce-worker", "example.com"}}}
}
