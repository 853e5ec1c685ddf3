package dialog

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/theme"
)

const fingerprint = "0123456789abcdef0123456789abcdef4b1f22a9"

func offered(o engine.Offer) engine.Offer {
	if o.Key.Fingerprint == "" {
		o.Key.Fingerprint = fingerprint
	}
	if o.Key.UserIDs == nil {
		o.Key.UserIDs = []string{"Example Builds <builds@example.com>"}
	}
	o.Key.Algorithm, o.Key.Created = "ed25519", time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	o.Source = "https://example.com/pubkeys.gpg"
	return o
}

func named() engine.Offer {
	return offered(engine.Offer{TLS: true, Prefixes: []string{"example.com/team/app", "example.com/team", "example.com"}})
}

// review is a dialog that was opened at a time, and drawn.
func review(at time.Time, w, h int, offers ...engine.Offer) (*Review, string) {
	d := NewReview(at, &engine.UnverifiedError{Image: "example.com/team/app:1.0",
		Refusal: &refusal.Error{Kind: refusal.UnknownKey}, Offers: offers}, func(d Decision) tea.Msg { return d })
	return d, drawnIn(d, w, h)
}

func drawnIn(d *Review, w, h int) string {
	box, _, _ := d.Draw(theme.New(theme.Plain), w, h)
	return ansi.Strip(box)
}

func keystroke(k string) tea.KeyPressMsg {
	switch k {
	case "enter":
		return tea.KeyPressMsg{Code: tea.KeyEnter}
	case "tab":
		return tea.KeyPressMsg{Code: tea.KeyTab}
	case "down":
		return tea.KeyPressMsg{Code: tea.KeyDown}
	case "up":
		return tea.KeyPressMsg{Code: tea.KeyUp}
	case "left":
		return tea.KeyPressMsg{Code: tea.KeyLeft}
	case "right":
		return tea.KeyPressMsg{Code: tea.KeyRight}
	case "shift+tab":
		return tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}
	case "ctrl+c":
		return tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: rune(k[0]), Text: k}
}

func TestAReviewIsDecidedByWhatIsChosenAndNothingElse(t *testing.T) {
	bad := named()
	bad.Key.Problem = "expired"
	other := named()
	other.Key.Fingerprint = strings.Repeat("cd", 20)
	root := offered(engine.Offer{Prefixes: []string{"example.com/app", ""}})
	const refused, alone, open = "refused", "", "-"
	for _, c := range []struct {
		name, keys string
		offers     []engine.Offer
		want       string // the prefix
		key        string
	}{
		{"enter refuses", "enter", []engine.Offer{named()}, refused, ""},
		{"n refuses", "n", []engine.Offer{named()}, refused, ""},
		{"ctrl+c refuses", "ctrl+c", []engine.Offer{named()}, refused, ""},
		{"the narrowest is offered", "t", []engine.Offer{named()}, "example.com/team/app", ""},
		{"a wider one is a key away", "down t", []engine.Offer{named()}, "example.com/team", ""},
		{"never wider than the widest", "down down down down t", []engine.Offer{named()}, "example.com", ""},
		{"and back", "down down up t", []engine.Offer{named()}, "example.com/team", ""},
		{"the next button", "tab enter", []engine.Offer{named()}, "example.com/team/app", ""},
		{"left of refuse is nothing", "left left enter", []engine.Offer{named()}, refused, ""},
		{"one back of refuse is nothing", "shift+tab enter", []engine.Offer{named()}, refused, ""},
		{"to the right and back", "right right left enter", []engine.Offer{named()}, "example.com/team/app", ""},
		{"h and l are left and right", "l l h h enter", []engine.Offer{named()}, refused, ""},
		{"right of the last is nothing", "right right right right enter", []engine.Offer{named()}, alone, ""},
		{"the last button", "tab tab enter", []engine.Offer{named()}, alone, ""},
		{"round again", "tab tab tab enter", []engine.Offer{named()}, refused, ""},
		{"this image only", "down o", []engine.Offer{named()}, alone, ""},
		{"never all images", "down down t", []engine.Offer{root}, "example.com/app", ""},
		{"no name: no prefix", "t", []engine.Offer{offered(engine.Offer{})}, open, ""},
		{"no name: the image alone", "tab enter", []engine.Offer{offered(engine.Offer{})}, alone, ""},
		{"a key with a problem is not trusted", "t o", []engine.Offer{bad}, open, ""},
		{"a key with a problem can be refused", "tab tab enter", []engine.Offer{bad}, refused, ""},
		{"another key", "a t", []engine.Offer{named(), other}, "example.com/team/app", other.Key.Fingerprint},
		{"another key begins anew", "tab down a enter", []engine.Offer{named(), other}, refused, other.Key.Fingerprint},
		{"any other key", "x y", []engine.Offer{named()}, open, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			opened, got := time.Now(), tea.Msg(nil)
			d, _ := review(opened, 80, 24, c.offers...)
			for _, k := range strings.Fields(c.keys) {
				var done bool
				done, got = d.Key(keystroke(k), keymap.Default(), opened.Add(Grace))
				drawnIn(d, 80, 24)
				if done != (got != nil) {
					t.Fatalf("%s: done %v, answer %v", k, done, got)
				}
			}
			want := tea.Msg(nil)
			if c.key == "" {
				c.key = fingerprint
			}
			if c.want != open {
				key := c.offers[0].Key
				if len(c.offers) > 1 {
					key = c.offers[1].Key
				}
				decision := Decision{Refused: c.want == refused, Image: "example.com/team/app:1.0", Key: key}
				if !decision.Refused {
					decision.Prefix = c.want
				}
				want = decision
				if key.Fingerprint != c.key {
					t.Fatalf("key %s", key.Fingerprint)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("decided %+v, want %+v", got, want)
			}
		})
	}
}

// A review comes up by itself: whoever is typing must not decide anything, however
// long a text he types.
func TestTypingOnDecidesNothing(t *testing.T) {
	opened := time.Now()
	d, _ := review(opened, 80, 24, named())
	now := opened
	for _, k := range strings.Split(strings.Repeat("t,o,enter,n,tab,", 8), ",") {
		if k == "" {
			continue
		}
		now = now.Add(Grace - time.Millisecond)
		if done, answer := d.Key(keystroke(k), keymap.Default(), now); done || answer != nil {
			t.Fatalf("%s decided %v", k, answer)
		}
	}
	if _, answer := d.Key(keystroke("enter"), keymap.Default(), now.Add(Grace)); !answer.(Decision).Refused {
		t.Error("the buttons moved")
	}
}

func TestAReviewShowsAllThatIsDecidedOn(t *testing.T) {
	long := strings.Repeat("example.com/", 20) + "app"
	hostile := named()
	hostile.Key.UserIDs = []string{"\x1b[2J\x1b]0;owned\a\u202eevil", strings.Repeat("A", 10_000), "c\nfingerprint  0000", "d", "e"}
	hostile.Source = "https://example.com/\x1b[31m" + strings.Repeat("x", 5000)
	hostile.Prefixes = []string{long, "example.com"}
	for name, o := range map[string]engine.Offer{"plain": named(), "hostile": hostile} {
		for _, size := range [][2]int{{80, 24}, {120, 40}, {300, 100}} {
			d, box := review(time.Now(), size[0], size[1], o)
			for _, want := range []string{
				"example.com/team/app:1.0", "0123 4567 89AB CDEF 0123  4567 89AB CDEF 4B1F 22A9", "ed25519", "2026-01-02", "never expires",
				"https://example.com/", "over TLS", "is below it", "[ refuse ]", "trust for this prefix", "this image only",
			} {
				if !strings.Contains(box, want) {
					t.Errorf("%s in %v: no %q\n%s", name, size, want, box)
				}
			}
			if strings.ContainsAny(box, "\x1b\a\u202e") {
				t.Errorf("%s: %q", name, box)
			}
			if d.Draw(theme.New(theme.Plain), 80, 24); !d.whole {
				t.Errorf("%s does not fit", name)
			}
		}
	}
	unsure := offered(engine.Offer{Prefixes: []string{"example.com"}})
	if _, box := review(time.Now(), 80, 24, unsure); !strings.Contains(box, "! over TLS, but its certificate was not checked ") {
		t.Error(box)
	}
	unsure.Source = "http://example.com/pubkeys.gpg"
	if _, box := review(time.Now(), 80, 24, unsure); !strings.Contains(box, "! not over TLS") {
		t.Error(box)
	}
}

func TestWhatCantBeSeenCantBeTrusted(t *testing.T) {
	for w := range 90 {
		for h := range 26 {
			d, box := review(time.Now(), w, h, named())
			for line := range strings.SplitSeq(box, "\n") {
				if n := ansi.StringWidth(line); n > max(w, 0) {
					t.Fatalf("%d×%d: %d cells", w, h, n)
				}
			}
			if n := strings.Count(box, "\n") + 1; n > max(h, 1) {
				t.Fatalf("%d×%d: %d rows", w, h, n)
			}
			if seen := strings.Contains(box, "4B1F 22A9") && strings.Contains(box, "example.com/team/app and"); !seen && len(d.buttons()) > 1 {
				t.Fatalf("%d×%d\n%s", w, h, box)
			}
			if len(d.buttons()) == 3 && !strings.Contains(box, "trust for this prefix      this image only  ") && !strings.Contains(box, "trust prefix      this image  ") {
				t.Fatalf("%d×%d: a button is cut\n%s", w, h, box)
			}
		}
	}
}
