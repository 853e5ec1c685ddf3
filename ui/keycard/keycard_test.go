package keycard

import (
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/theme"
)

const (
	v4 = "18ad5014c99ef7e3ba5f6ce950bdd3e0fc8a365e"
	v6 = "c98f003f24f3e45d7f6d5d0bd4dd80b21dd1e6d84b1f22a94b1f22a94b1f22a9"
)

func TestFingerprintsAreReadInGroups(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fp, whole, short string }{
		{v4, "18AD 5014 C99E F7E3 BA5F  6CE9 50BD D3E0 FC8A 365E", "FC8A 365E"},
		{v6, "C98F 003F 24F3 E45D 7F6D 5D0B D4DD 80B2  1DD1 E6D8 4B1F 22A9 4B1F 22A9 4B1F 22A9", "4B1F 22A9"},
		{"4b1f22a9", "4B1F 22A9", "4B1F 22A9"},
		{"22a", "22A", "22A"},
		{"", "", ""},
	} {
		if got := Fingerprint(c.fp); got != c.whole {
			t.Errorf("%q: %q, want %q", c.fp, got, c.whole)
		}
		if got := Short(c.fp); got != c.short {
			t.Errorf("%q: %q, want %q", c.fp, got, c.short)
		}
	}
}

func day0() time.Time { return time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) }

func coreos() engine.KeyInfo {
	return engine.KeyInfo{
		Fingerprint: v4, Algorithm: "RSA 4096", UserIDs: []string{"CoreOS Builds <builds@coreos.com>"},
		Created: day0().AddDate(-1, 0, 0), Expires: day0().AddDate(1, 0, 0),
	}
}

// drawn is a card as it is seen, without the spaces at the ends of rows.
func drawn(key engine.KeyInfo, o Options, w, h int) []string {
	p := draw.New(w, h)
	Draw(p, theme.New(theme.Plain), key, o)
	rows := strings.Split(p.String(), "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(strings.NewReplacer("\x1b[1m", "", "\x1b[2m", "", theme.Off, "").Replace(rows[i]), " ")
	}
	return rows
}

func TestCards(t *testing.T) {
	t.Parallel()
	old := coreos()
	old.Expires = day0().AddDate(0, 0, -1)
	old.Problem = `expired: on 2026-03-03, and nothing that it signs since then is believed (key 50BDD3E0FC8A365E, "CoreOS Builds <builds@coreos.com>")`
	many := coreos()
	many.Fingerprint = v6
	many.UserIDs = []string{"one", "two", "three", "four", "five"}
	nobody := coreos()
	nobody.UserIDs, nobody.Expires = nil, time.Time{}
	for _, c := range []struct {
		name string
		key  engine.KeyInfo
		o    Options
		w    int
		want string
	}{
		{"a key from a server", coreos(), Options{Source: "https://coreos.com/dist/pubkeys.asc", TLS: true, Now: day0(), Indent: 1}, 80, `
 says it is   CoreOS Builds <builds@coreos.com>
 fingerprint  18AD 5014 C99E F7E3 BA5F  6CE9 50BD D3E0 FC8A 365E
 key          RSA 4096, made 2025-03-04, expires 2027-03-04
 from         https://coreos.com/dist/pubkeys.asc
              over TLS, from a server that showed its certificate`},
		{"not over TLS", coreos(), Options{Source: "http://coreos.com/key", Now: day0()}, 100, `
says it is   CoreOS Builds <builds@coreos.com>
fingerprint  18AD 5014 C99E F7E3 BA5F  6CE9 50BD D3E0 FC8A 365E
key          RSA 4096, made 2025-03-04, expires 2027-03-04
from         http://coreos.com/key
             ! not over TLS: anybody on the way can have put another key there`},
		{"over TLS with any certificate", coreos(), Options{Source: "https://coreos.com/key", Now: day0()}, 100, `
says it is   CoreOS Builds <builds@coreos.com>
fingerprint  18AD 5014 C99E F7E3 BA5F  6CE9 50BD D3E0 FC8A 365E
key          RSA 4096, made 2025-03-04, expires 2027-03-04
from         https://coreos.com/key
             ! over TLS, but its certificate was not checked`},
		{"expired, from a file, narrow", old, Options{Source: "/root/keys/coreos.asc", Now: day0()}, 50, `
problem      ✗ expired: on 2026-03-03, and
               nothing that it signs since then
               is believed
says it is   CoreOS Builds <builds@coreos.com>
fingerprint  18AD 5014 C99E F7E3 BA5F
             6CE9 50BD D3E0 FC8A 365E
key          RSA 4096, made 2025-03-04, expired
             2026-03-03
from         /root/keys/coreos.asc`},
		{"many names and a long fingerprint", many, Options{Now: day0(), Names: 2}, 60, `
says it is   one
             two
             and 3 more names
fingerprint  C98F 003F 24F3 E45D 7F6D 5D0B D4DD 80B2
             1DD1 E6D8 4B1F 22A9 4B1F 22A9 4B1F 22A9
key          RSA 4096, made 2025-03-04, expires 2027-03-04`},
		{"no name", nobody, Options{}, 80, `
says it is   nobody: there is no name in it
fingerprint  18AD 5014 C99E F7E3 BA5F  6CE9 50BD D3E0 FC8A 365E
key          RSA 4096, made 2025-03-04, never expires`},
	} {
		rows := drawn(c.key, c.o, c.w, Rows(c.key, c.o, c.w))
		if got := "\n" + strings.Join(rows, "\n"); got != c.want {
			t.Errorf("%s:%s\nwant%s", c.name, got, c.want)
		}
	}
}

// What strangers write into a key neither reaches the terminal nor pushes the
// fingerprint out of sight.
func TestHostileNamesStayInTheirRows(t *testing.T) {
	t.Parallel()
	key := coreos()
	key.UserIDs = []string{
		"\x1b[2J\x1b]0;owned\x07root <root@localhost>", strings.Repeat("日本", 5000),
		"good\nfingerprint  0000 0000", "\u202egpj.exe", "\xff\xfe",
	}
	key.Problem = strings.Repeat("\x1b[31m", 3000)
	for _, w := range []int{1, 13, 14, 20, 80, 200} {
		n := Rows(key, Options{}, w)
		rows := drawn(key, Options{}, w, n)
		all := strings.Join(rows, "\n")
		if strings.ContainsAny(all, "\x1b\x07\u202e") {
			t.Errorf("%d wide: %q", w, all)
		}
		if w < 80 {
			continue
		}
		if !strings.Contains(all, "18AD 5014 C99E F7E3 BA5F  6CE9 50BD D3E0 FC8A 365E") || strings.Count(all, "\nfingerprint") != 1 {
			t.Errorf("%d wide: no fingerprint of its own:\n%s", w, all)
		}
		if n > 12 {
			t.Errorf("%d wide: %d rows", w, n)
		}
	}
}
