package keycard

import (
	"strings"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/text"
)

// labels is the width of the first column.
const labels = len("fingerprint") + 2

// row is one row of a card. A text is bounded; it is escaped where it is drawn.
type row struct {
	label string
	kind  kind
	text  string
}

// rowsOf lays a card out for a page of w cells.
func rowsOf(key engine.KeyInfo, o Options, w int) []row {
	room := max(w-o.Indent-labels-1, 1)
	rows := problem(key, room-2)
	rows = append(rows, names(key, o.Names)...)
	rows = append(rows, labelled("fingerprint", strong, halves(key.Fingerprint, room))...)
	rows = append(rows, labelled("key", plain, text.Wrap(Made(key, o.Now), room))...)
	if o.Source != "" {
		rows = append(rows, source(o, room)...)
	}
	return rows
}

// labelled are rows of which the first has a label.
func labelled(label string, k kind, texts []string) []row {
	rows := make([]row, len(texts))
	for i, s := range texts {
		rows[i] = row{label, k, s}
		label = ""
	}
	return rows
}

// problem is what is wrong, in three rows at most: the fingerprint stays in sight.
func problem(key engine.KeyInfo, room int) []row {
	if key.Problem == "" {
		return nil
	}
	rows := labelled("problem", further, text.Wrap(text.Escape(bounded(Problem(key))), room))
	rows[0].kind = wrong
	return rows[:min(len(rows), 3)]
}

// Problem is what is wrong with a key, without whose it is: that stands beside it.
func Problem(key engine.KeyInfo) string {
	what, _, _ := strings.Cut(key.Problem, " (key ")
	return what
}

// names are who a key says it is, one a row: a long one must not push the
// fingerprint out of sight.
func names(key engine.KeyInfo, most int) []row {
	if most <= 0 {
		most = 3
	}
	const label = "says it is"
	if len(key.UserIDs) == 0 {
		return []row{{label, dim, "nobody: there is no name in it"}}
	}
	var shown []string
	for _, id := range key.UserIDs[:min(len(key.UserIDs), most)] {
		shown = append(shown, bounded(id))
	}
	rows := labelled(label, plain, shown)
	if more := len(key.UserIDs) - len(shown); more > 0 {
		rows = append(rows, row{"", dim, "and " + text.Count(more, "more name")})
	}
	return rows
}

// Name is who a key says it is first, in few words and one row.
func Name(key engine.KeyInfo) string {
	if key.UserID() == "" {
		return "a key without a name"
	}
	return bounded(key.UserID())
}

// Made tells what a key is made of, since when and until when.
func Made(key engine.KeyInfo, now time.Time) string {
	parts := []string{text.Escape(bounded(key.Algorithm))}
	if !key.Created.IsZero() {
		parts = append(parts, "made "+day(key.Created))
	}
	switch {
	case key.Expires.IsZero():
		parts = append(parts, "never expires")
	case !now.IsZero() && key.Expires.Before(now):
		parts = append(parts, "expired "+day(key.Expires))
	default:
		parts = append(parts, "expires "+day(key.Expires))
	}
	return strings.Join(parts, ", ")
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// source tells where a key came from. Of a long address the host and the end stay.
func source(o Options, room int) []row {
	at := text.TruncateMiddle(text.Escape(bounded(o.Source)), room, room/2)
	rows := []row{{"from", plain, at}}
	switch scheme, _, web := strings.Cut(o.Source, "://"); {
	case o.TLS:
		rows = append(rows, row{"", dim, "over TLS, from a server that showed its certificate"})
	case web && strings.EqualFold(scheme, "https"):
		rows = append(rows, row{"", warning, "over TLS, but its certificate was not checked"})
	case web:
		rows = append(rows, row{"", warning, "not over TLS: anybody on the way can have put another key there"})
	}
	return rows
}

// most is how many bytes of somebody else's words are looked at.
const most = 512

// bounded cuts a text before it is escaped and measured for each frame.
func bounded(s string) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
