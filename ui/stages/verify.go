package stages

import (
	"strings"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/keycard"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// NotVerified is how an image that nobody vouches for is marked everywhere.
const NotVerified = "! not verified"

// Signer is who vouches for an image, in so many cells: the name that the key
// gives itself, and the end of its fingerprint, which is never what is cut.
func Signer(by, key string, room int) string {
	const most = 400 // bytes of a name that are looked at
	if len(by) > most {
		by = strings.ToValidUTF8(by[:most], "")
	}
	by = text.Escape(by)
	if key == "" {
		return text.Truncate(by, room)
	}
	short := keycard.Short(key)
	room -= text.Width(short) + 1
	if name, _, ok := strings.Cut(by, " <"); ok && text.Width(by) > room {
		by = name
	}
	return strings.TrimSpace(text.Truncate(by, max(room, 0)) + " " + short)
}

// inWords is what who verified an image takes of a row of words.
const inWords = 48

// verification is how far it is, in so many cells. An image is never "verified by"
// anybody but whom the engine named.
func (img *Image) verification(room int) string {
	const verified = "verified by "
	switch st := &img.Verify; st.State {
	case event.Started:
		return "verify"
	case event.Done:
		switch {
		case st.Message == "" && st.Key == "":
			return "verified"
		case strings.HasPrefix(st.Message, "verified") && st.Key == "": // a name that a key gives itself is none
			return st.Message
		}
		return verified + Signer(st.Message, st.Key, room-len(verified))
	case event.Skipped:
		return NotVerified
	case event.Failed:
		return "not verified"
	}
	return ""
}

// unverified reports whether the image failed because nobody vouches for it.
func (img *Image) unverified() bool { return img.Verify.State == event.Failed }

// Where the row of a verification says what it has to.
const verifyIndent = imageIndent + len("✓ verify  ") - len("✓") + 1

// verifyRows is how many rows drawVerify takes.
func (img *Image) verifyRows(w int) int {
	switch {
	case img.unverified():
		return max(causeRows(img.cause(), w-verifyIndent+2), 1)
	case img.Search.State == "" && img.Verify.State == "", img.failed() && img.Verify.State == "":
		return 0
	}
	return 1
}

// inlineRows is how many rows it takes less if verifications go into the rows of
// their images.
func (s *Stages) inlineRows(w int) int {
	n := 0
	for _, img := range s.Images {
		if !img.unverified() {
			n += img.verifyRows(w)
		}
	}
	return n
}

// drawVerify draws the stage of its own that a verification is: who vouches for the
// image, or why nobody does.
func (s *Stages) drawVerify(p *draw.Page, t *theme.Theme, img *Image) {
	rows := img.verifyRows(p.Width())
	if rows == 0 {
		return
	}
	p.To(imageIndent)
	st := &img.Verify
	s.sign(p, t, st.State)
	p.Put(styleOf(t, st.State), "verify")
	p.To(verifyIndent)
	switch st.State {
	case event.Failed:
		cause := text.Wrap(text.Escape(img.cause()), max(p.Width()-verifyIndent-1, 1))
		for _, row := range cause[:min(rows, len(cause))] {
			p.To(verifyIndent)
			p.Line(t.Text, row)
		}
		return
	case event.Skipped:
		p.Put(t.Waiting, NotVerified)
		if st.Message != "" {
			p.Put(t.Dim, ": "+st.Message)
		}
	case event.Done:
		p.Put(t.Text, strings.TrimPrefix(img.verification(p.Room()+len("verified by ")-1), "verified by "))
	default:
		p.Put(t.Dim, st.Message)
	}
	p.Next()
}
