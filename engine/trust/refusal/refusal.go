// Package refusal says why an image is not believed, in the contract's words and
// in one type, so that each front end can add what would mend it. It decides
// nothing, and knows neither keys nor images beyond their names.
package refusal

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind is the reason, as the contract (section 5) tells them apart.
type Kind int

// The kinds. A signature is asked for in this order, and the last three are about
// a key or signature that is known.
const (
	NoSignature  Kind = iota + 1 // there is none
	UnknownKey                   // by keys that nobody here knows
	NotTrusted                   // good, by a key that doesn't count for this name
	BadSignature                 // not over these bytes, or not a detached signature at all
	Expired                      // the key, or the signature
	Revoked                      // the key, or the subkey that signed
	Weak                         // SHA-1, RSA under 2048 bits, DSA
)

// String is the kind in the contract's words.
func (k Kind) String() string {
	switch k {
	case NoSignature:
		return "no signature"
	case UnknownKey:
		return "unknown key"
	case NotTrusted:
		return "not trusted"
	case BadSignature:
		return "bad signature"
	case Expired:
		return "expired"
	case Revoked:
		return "revoked"
	case Weak:
		return "weak"
	}
	return "not verified"
}

// Error is one refusal.
type Error struct {
	Kind   Kind
	KeyID  string // whose signature or key it is about: 16 hex digits in upper case, or a whole fingerprint; "" if none
	UserID string // who the key says it is, raw; "" if not known
	Name   string // NotTrusted: the image's name
	Detail string // what exactly: "SHA-1", "RSA 1024", "the key expired on 2026-01-02"

	// OtherBytes is a BadSignature that a believed key could have made, but not over
	// these bytes. With no other refusal is there anything wrong with a download.
	OtherBytes bool
}

// Error is one line, safe to print whatever a stranger called himself:
//
//	unknown key 1A2B3C4D5E6F7081 ("Alice <alice@example.com>")
//	not trusted for example.com/app (key 4b1f…, "Alice <alice@example.com>")
//	weak: the signature's digest is SHA-1 (key 1A2B3C4D5E6F7081)
func (e *Error) Error() string {
	text := e.Kind.String()
	var about []string
	switch {
	case e.KeyID == "":
	case e.Kind == UnknownKey:
		text += " " + escape(e.KeyID)
	default:
		about = append(about, "key "+escape(e.KeyID))
	}
	if e.Kind == NotTrusted && e.Name != "" {
		text += " for " + escape(e.Name)
	}
	if e.Detail != "" {
		text += ": " + escape(e.Detail)
	}
	if e.UserID != "" {
		about = append(about, strconv.Quote(cut(e.UserID)))
	}
	if len(about) > 0 {
		text += " (" + strings.Join(about, ", ") + ")"
	}
	return text
}

// longest is how many characters of a user id are shown.
const longest = 100

func cut(s string) string {
	n := 0
	for i := range s {
		if n == longest {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// escape writes what can't be seen, or would move a terminal's cursor or turn its
// text around, as strconv.Quote would.
func escape(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var out strings.Builder
	for _, r := range s {
		if !hidden(r) {
			out.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		out.WriteString(quoted[1 : len(quoted)-1])
	}
	return out.String()
}

func hidden(r rune) bool { return !strconv.IsPrint(r) }
