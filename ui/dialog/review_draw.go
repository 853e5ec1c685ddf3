package dialog

import (
	"slices"

	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// reviewWidth is what a review takes where there is room.
const reviewWidth = 76

// labels is the column of what a row is about, that of a key's card.
const labels = len("fingerprint") + 2

// words are those of a review's buttons, and the shorter ones for where those have no
// room.
var words = [...][]string{
	{refuse: "refuse", trust: "trust for this prefix", once: "this image only"},
	{refuse: "refuse", trust: "trust prefix", once: "this image"},
}

// Draw implements Dialog.
func (d *Review) Draw(t *theme.Theme, w, h int) (string, int, int) {
	width := max(min(reviewWidth, w-4), 0)
	card := keycard.Options{Source: d.offer().Source, TLS: d.offer().TLS, Now: d.quiet}
	names := d.namesRows(width)
	n := 1 + 2 + keycard.Rows(d.offer().Key, card, width) + len(names) + 1
	gaps := h-2 >= n+3
	d.whole = h-2 >= n && width >= labels+32

	height := min(n, max(h-2, 1))
	if gaps {
		height = n + 3
	}
	if !d.whole {
		return d.drawTooSmall(t, width, w, h)
	}
	p := draw.New(width, height)
	gap := func() {
		if gaps {
			p.Next()
		}
	}
	d.drawHead(p, t)
	gap()
	d.drawImage(p, t)
	keycard.Draw(p, t, d.offer().Key, card)
	gap()
	for _, r := range names {
		p.PutIn(t.Dim, r.label, labels)
		p.Line(r.style(t), r.text)
	}
	gap()
	d.drawButtons(p, t)
	return d.frame(t, p.String(), width, height, w, h)
}

// drawTooSmall refuses where a key can't be looked at.
func (d *Review) drawTooSmall(t *theme.Theme, width, w, h int) (string, int, int) {
	d.button = refuse
	p := draw.New(width, max(min(3, h-2), 1))
	p.Line(t.Strong, d.title())
	p.Line(t.Waiting, "! no room to look at the key: make the window larger")
	d.drawButtons(p, t)
	return d.frame(t, p.String(), width, p.Height(), w, h)
}

func (d *Review) title() string {
	if d.why.Kind == refusal.NotTrusted {
		return "Trust this key for more names?"
	}
	return "Trust an unknown key?"
}

func (d *Review) drawHead(p *draw.Page, t *theme.Theme) {
	p.Put(t.Strong, d.title())
	if n := len(d.offers); n > 1 {
		p.Right(t.Dim, "key "+text.Number(d.key+1)+" of "+text.Number(n))
	}
	p.Next()
}

// drawImage says what the question is about.
func (d *Review) drawImage(p *draw.Page, t *theme.Theme) {
	const tail = 24 // of a long reference the tag tells more than the middle
	p.PutIn(t.Dim, "image", labels)
	p.Line(t.Strong, text.TruncateMiddle(text.Escape(d.image), max(p.Room()-1, 1), tail))
	p.To(labels)
	why := "it is signed, by a key that nobody here knows yet"
	if d.why.Kind == refusal.NotTrusted {
		why = "signed by a key that is known here, but not for this name"
	}
	p.Line(t.Text, why)
}

// nameRow is a row of what the key would be trusted for.
type nameRow struct {
	label, text string
	style       func(*theme.Theme) theme.Style
}

func strong(t *theme.Theme) theme.Style { return t.Strong }
func dim(t *theme.Theme) theme.Style    { return t.Dim }

// namesRows say for which names the key would be trusted, and how that is changed.
// A long prefix is shown whole: its end is what is decided about.
func (d *Review) namesRows(width int) []nameRow {
	prefixes := d.prefixes()
	switch {
	case d.offer().Key.Problem != "":
		return []nameRow{{"trust for", "nothing: what it signs is not believed", dim}}
	case len(prefixes) == 0:
		return []nameRow{{"trust for", "this image only: its name is not known before it is read", dim}}
	}
	chosen := prefixes[min(d.prefix, len(prefixes)-1)] + " and what is below it"
	var rows []nameRow
	label := "trust for"
	for _, row := range text.Wrap(text.Escape(chosen), max(width-labels-1, 1)) {
		rows = append(rows, nameRow{label, row, strong})
		label = ""
	}
	if n := len(prefixes); n > 1 {
		rows = append(rows, nameRow{"", text.Number(d.prefix+1) + " of " + text.Number(n) + ", the narrowest first", dim})
	}
	return rows
}

// drawButtons draws what can be done.
func (d *Review) drawButtons(p *draw.Page, t *theme.Theme) {
	var all []string
	for _, of := range words {
		all = nil
		for _, b := range d.buttons() {
			all = append(all, of[b])
		}
		if buttonsWidth(all) <= p.Width() {
			break
		}
	}
	d.putButtons(p, t, all, slices.Index(d.buttons(), d.button))
}

// Footer is what can be done now, for the line of keys.
func (d *Review) Footer() []keymap.Action {
	actions := []keymap.Action{keymap.ReviewRefuse}
	all := d.buttons()
	if len(all) > 2 {
		actions = append(actions, keymap.ReviewTrust)
	}
	if len(all) > 1 {
		actions = append(actions, keymap.ReviewOnce)
	}
	wide := len(all) > 2 && len(d.prefixes()) > 1
	if wide {
		actions = append(actions, keymap.ReviewWider)
	}
	if len(d.offers) > 1 {
		actions = append(actions, keymap.ReviewAnother)
	}
	if wide {
		actions = append(actions, keymap.ReviewNarrower)
	}
	return actions
}
