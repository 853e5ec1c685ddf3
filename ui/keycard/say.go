package keycard

import (
	"strings"

	"github.com/podtui/podtui/engine"
)

// Say is the card in words, a line for each thing: what is wrong, who the key says it
// is, its fingerprint, what it is made of, where it came from.
func Say(key engine.KeyInfo, o Options) []string {
	const wide = 4 << 10 // nothing is wrapped
	o.Indent = 0
	var lines []string
	for _, r := range rowsOf(key, o, wide) {
		words := strings.TrimSpace(r.text)
		if r.label == "" && len(lines) > 0 {
			lines[len(lines)-1] += " " + words
			continue
		}
		lines = append(lines, r.label+" "+words)
	}
	return lines
}
