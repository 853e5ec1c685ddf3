package trust

import (
	"slices"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// verdict is what became of a key that was asked about.
type verdict struct {
	head  string // what was done, in a word; "": nothing
	words string // the same at more length, or why not
}

// done is the verdict on the key that was just agreed to.
func (s *Screen) done(change engine.TrustChange) verdict {
	scope := scopeWords(s.add.prefix())
	switch c := s.add.chance; {
	case c.revokes != nil:
		return verdict{"revoked", "revoked, " + noLonger(len(c.lost))}
	case change == engine.TrustSame:
		return verdict{"trusted", "was trusted for " + scope + " already"}
	case change == engine.TrustUpdated:
		return verdict{"trusted", "brought up to date, trusted for " + scope}
	}
	return verdict{"trusted", "trusted for " + scope}
}

// noLonger counts the images that stop.
func noLonger(n int) string {
	switch n {
	case 0:
		return "no image stops running"
	case 1:
		return "1 image no longer runs"
	}
	return number(n) + " images no longer run"
}

// skipped is the verdict on a key that was passed over, or could not but be.
func (s *Screen) skipped() verdict {
	if why := s.add.chance.why; why != "" {
		return verdict{words: why}
	}
	return verdict{words: "skipped"}
}

// finish ends the questions. As long as nothing was done the form stays as it was.
func (s *Screen) finish() screen.Out {
	all, verdicts, prefix := s.add.offers, s.add.verdicts, s.add.prefix()
	first := slices.IndexFunc(verdicts, func(v verdict) bool { return v.head != "" })
	if first < 0 {
		s.endAsking()
		if s.add.err != nil {
			return screen.Out{}
		}
		return screen.Say(screen.Notice{Text: "nothing was trusted"})
	}
	if here := s.copies(all[first].Key.Fingerprint); verdicts[first].head == "revoked" && len(here) > 0 {
		prefix = here[0].key.Scope
	}
	s.want = entry{key: &engine.TrustedKey{KeyInfo: all[first].Key, Scope: prefix}}.id()
	s.stopAdding()
	s.pointWanted() // it may have been listed while the others were asked about
	if len(all) == 1 {
		return screen.Say(Changed{screen.Notice{Text: verdicts[0].words + ": " + keycard.Name(all[0].Key)}})
	}
	return screen.Say(screen.Ask{Dialog: summary(all, verdicts)})
}

// summary says of several keys what became of each.
func summary(all []engine.Offer, verdicts []verdict) *dialog.Text {
	d := &dialog.Text{Title: "what became of " + text.Count(len(all), "key")}
	for i, o := range all {
		v := verdict{words: "nobody was asked about it"}
		if i < len(verdicts) {
			v = verdicts[i]
		}
		head := "✓ " + v.head
		if v.head == "" {
			head = "✗ not trusted"
		}
		d.Lines = append(d.Lines,
			dialog.Span{Head: head, Text: keycard.Short(o.Key.Fingerprint) + "  " + keycard.Name(o.Key)},
			dialog.Span{Text: v.words})
	}
	return d
}
