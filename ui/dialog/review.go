package dialog

import (
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/keymap"
)

// Decision is what somebody decided about the key of an image.
type Decision struct {
	Refused bool
	Image   string // whose key it is: of what was asked for, or of something that that needs
	Key     engine.KeyInfo
	Prefix  string // of the names that it is trusted for; "": it is believed for this image alone
}

// Believe adds the key to those that are believed for one image alone, by image.
func (d Decision) Believe(keys map[string][]engine.KeyInfo) map[string][]engine.KeyInfo {
	all := map[string][]engine.KeyInfo{}
	maps.Copy(all, keys)
	all[d.Image] = append(slices.Clone(all[d.Image]), d.Key)
	return all
}

// Review asks whether a key shall be trusted that an image is signed with. It may
// come up by itself, in the middle of something else: so refusing is chosen until
// the user chooses otherwise, and keys that were on their way answer nothing.
//
// A key is never trusted for all images from here: that is for who goes to the
// Trust screen on purpose.
type Review struct {
	image  string
	why    *refusal.Error
	offers []engine.Offer
	answer func(Decision) tea.Msg

	quiet  time.Time // since when no key was pressed too early
	key    int       // of offers
	prefix int       // of the key's prefixes
	button button
	spots
	whole bool // all of the key was drawn: what can't be seen can't be trusted
}

// button is one of a review's.
type button int

const (
	refuse button = iota
	trust
	once
)

// NewReview asks now about the keys that are offered for an image. The decision
// comes back as the message that answer makes of it.
func NewReview(now time.Time, err *engine.UnverifiedError, answer func(Decision) tea.Msg) *Review {
	return &Review{image: err.Image, why: err.Refusal, offers: err.Offers, answer: answer, quiet: now}
}

func (d *Review) offer() engine.Offer { return d.offers[d.key] }

// prefixes are those that the key can be trusted for.
func (d *Review) prefixes() []string {
	return slices.DeleteFunc(slices.Clone(d.offer().Prefixes), func(p string) bool { return p == "" })
}

// buttons are those that do something now.
func (d *Review) buttons() []button {
	switch {
	case !d.whole, d.offer().Key.Problem != "":
		return []button{refuse}
	case len(d.prefixes()) == 0: // nobody knows the image's name yet
		return []button{refuse, once}
	}
	return []button{refuse, trust, once}
}

// Key implements Dialog. Keys that come too soon, or soon after such, are none.
func (d *Review) Key(k tea.KeyPressMsg, keys *keymap.Map, now time.Time) (bool, tea.Msg) {
	a := keys.Action(k, keymap.Review, keymap.Everywhere)
	if a != keymap.Cancel && now.Sub(d.quiet) < Grace {
		d.quiet = now
		return false, nil
	}
	switch a {
	case keymap.ReviewNarrower:
		d.prefix = max(d.prefix-1, 0)
	case keymap.ReviewWider:
		d.prefix = max(min(d.prefix+1, len(d.prefixes())-1), 0)
	case keymap.ReviewAnother:
		d.key, d.prefix, d.button = (d.key+1)%len(d.offers), 0, refuse
	case keymap.ReviewOther:
		all := d.buttons()
		d.button = all[(slices.Index(all, d.button)+1)%len(all)]
	case keymap.ReviewLeft, keymap.ReviewRight:
		d.step(a == keymap.ReviewRight)
	case keymap.ReviewTake:
		return d.take(d.button)
	case keymap.ReviewTrust:
		return d.take(trust)
	case keymap.ReviewOnce:
		return d.take(once)
	case keymap.ReviewRefuse, keymap.Cancel:
		return d.take(refuse)
	}
	return false, nil
}

// step goes to the button beside the one that is chosen, if there is one.
func (d *Review) step(right bool) {
	all := d.buttons()
	i := slices.Index(all, d.button) - 1
	if right {
		i += 2
	}
	d.button = all[max(min(i, len(all)-1), 0)]
}

// take does what a button says, if it is there.
func (d *Review) take(b button) (bool, tea.Msg) {
	if !slices.Contains(d.buttons(), b) {
		return false, nil
	}
	decision := Decision{Refused: b == refuse, Image: d.image, Key: d.offer().Key}
	if b == trust {
		decision.Prefix = d.prefixes()[d.prefix]
	}
	return true, d.answer(decision)
}
