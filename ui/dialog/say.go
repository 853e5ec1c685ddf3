package dialog

import (
	"strings"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/text"
)

// Said is a dialog in words, for whoever hears it and sees nothing.
type Said struct {
	Title   string
	Body    []string
	Choices []string // the words of its buttons, or of what it chooses among; nil: it has none
	Chosen  int      // of them

	Types bool // text is typed into it
	Value string
	Fault string // why that can't be taken
}

// Say is the question with its choices.
func (c *Confirm) Say() Said {
	return Said{Title: c.Title, Body: c.Body, Choices: c.words(), Chosen: c.chosen}
}

// Say is the question, with what it is about.
func (c *Card) Say() Said {
	said := c.Confirm.Say()
	said.Body = append(c.Told(), said.Body...)
	return said
}

// Say is the question with what it chooses among.
func (c *Choice) Say() Said {
	return Said{Title: c.Title, Choices: c.Among, Chosen: c.chosen}
}

// Say is the question, and what was typed for an answer.
func (d *Prompt) Say() Said {
	body := d.Body
	if len(d.Offers) > 0 {
		body = append(body[:len(body):len(body)], "for example: "+strings.Join(d.Offers, ", "))
	}
	return Said{Title: d.Title, Body: body, Types: true, Value: d.line.Value(), Fault: d.fault}
}

// Say is the question, and what was pasted for an answer.
func (d *Paste) Say() Said {
	return Said{Title: d.Title, Body: d.Body, Types: true, Value: d.pasted + d.line.Value()}
}

// Say is all of the text.
func (d *Text) Say() Said {
	said := Said{Title: d.Title}
	if d.words != nil {
		said.Body = []string{spec.Quote(d.words)}
	}
	for _, l := range d.Lines {
		line := l.Text // with its indent, which may mean something
		if l.Head != "" {
			line = strings.TrimSpace(l.Head) + " " + l.Text
		}
		if strings.TrimSpace(line) != "" {
			said.Body = append(said.Body, line)
		}
	}
	return said
}

// Say is the key that is asked about, whole, and what can be done with it. Only what is
// said can be trusted, as only what is drawn can: so nothing of it is left out.
func (d *Review) Say() Said {
	said := Said{Title: d.title(), Body: []string{"image " + d.image}}
	if d.why.Kind == refusal.NotTrusted {
		said.Body = append(said.Body, "signed by a key that is known here, but not for this name")
	} else {
		said.Body = append(said.Body, "it is signed, by a key that nobody here knows yet")
	}
	said.Body = append(said.Body, keycard.Say(d.offer().Key, keycard.Options{Source: d.offer().Source, TLS: d.offer().TLS, Now: d.quiet})...)
	if n := len(d.offers); n > 1 {
		said.Title += " key " + text.Number(d.key+1) + " of " + text.Number(n)
	}
	const width = 4 << 10
	names := ""
	for _, r := range d.namesRows(width) {
		names = strings.TrimSpace(names + " " + strings.TrimSpace(r.label+" "+r.text))
	}
	said.Body = append(said.Body, names)
	for i, b := range d.buttons() {
		said.Choices = append(said.Choices, words[0][b])
		if b == d.button {
			said.Chosen = i
		}
	}
	return said
}

// Choose chooses one of the buttons.
func (c *Confirm) Choose(i int) { c.chosen = max(min(i, len(c.words())-1), 0) }

// Choose chooses one of what there is.
func (c *Choice) Choose(i int) { c.chosen = max(min(i, len(c.Among)-1), 0) }

// Choose chooses one of the buttons that there are now.
func (d *Review) Choose(i int) {
	all := d.buttons()
	d.button = all[max(min(i, len(all)-1), 0)]
}
