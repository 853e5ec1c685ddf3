package refusal

import (
	"strings"
	"testing"
)

func TestRefusalsInWords(t *testing.T) {
	t.Parallel()
	const id, user = "1A2B3C4D5E6F7081", "Alice <alice@example.com>"
	for want, e := range map[string]*Error{
		"no signature": {Kind: NoSignature},
		"no signature: https://example.com/app.aci.asc (404)":        {Kind: NoSignature, Detail: "https://example.com/app.aci.asc (404)"},
		"unknown key 1A2B3C4D5E6F7081":                               {Kind: UnknownKey, KeyID: id},
		`unknown key 1A2B3C4D5E6F7081 ("Alice <alice@example.com>")`: {Kind: UnknownKey, KeyID: id, UserID: user},
		`not trusted for example.com/app (key 1A2B3C4D5E6F7081, "Alice <alice@example.com>")`: {
			Kind: NotTrusted, KeyID: id, UserID: user, Name: "example.com/app"},
		"bad signature: it is not over these bytes":                              {Kind: BadSignature, Detail: "it is not over these bytes"},
		"expired: the key expired on 2026-01-02 (key 1A2B3C4D5E6F7081)":          {Kind: Expired, KeyID: id, Detail: "the key expired on 2026-01-02"},
		"revoked: the subkey 00 was revoked (key 1A2B3C4D5E6F7081)":              {Kind: Revoked, KeyID: id, Detail: "the subkey 00 was revoked"},
		`weak: RSA 1024 ("Alice \"\x1b[2J\u202e\u200b\u009b\n\xff")`:             {Kind: Weak, Detail: "RSA 1024", UserID: "Alice \"\x1b[2J\u202e\u200b\u009b\n\xff"},
		`weak ("` + strings.Repeat("ü", 100) + `…")`:                             {Kind: Weak, UserID: strings.Repeat("ü", 10_000)},
		`bad signature: \x1b[2J\n\u202e and "more"`:                              {Kind: BadSignature, Detail: "\x1b[2J\n\u202e and \"more\""},
		`not trusted for example.com/\u200bapp: \u0085 � (key \u202e\u00ad\x00)`: {Kind: NotTrusted, Name: "example.com/\u200bapp", Detail: "\u0085 \xff", KeyID: "\u202e\u00ad\x00"},
		"not verified": {},
	} {
		if got := e.Error(); got != want {
			t.Errorf("%s\nis not\n%s", got, want)
		}
	}
}
