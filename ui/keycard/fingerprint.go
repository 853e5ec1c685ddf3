package keycard

import (
	"strings"

	"github.com/podtui/podtui/ui/text"
)

// group is how many digits of a fingerprint stand together.
const group = 4

// Fingerprint is a fingerprint in groups of four, with a wider gap in the middle,
// as gpg writes it: two people compare it half by half.
func Fingerprint(fp string) string {
	all := groups(fp)
	middle := (len(all) + 1) / 2
	if len(all) < 4 {
		return strings.Join(all, " ")
	}
	return strings.Join(all[:middle], " ") + "  " + strings.Join(all[middle:], " ")
}

// Short is the end of a fingerprint, for where there is no room: it tells keys of
// this host apart and proves nothing.
func Short(fp string) string {
	const digits = 2 * group
	return strings.Join(groups(fp[max(len(fp)-digits, 0):]), " ")
}

// halves is a fingerprint in one row, or in two where it has no room.
func halves(fp string, room int) []string {
	whole := Fingerprint(fp)
	first, second, two := strings.Cut(whole, "  ")
	switch {
	case text.Width(whole) <= room || !two:
		return text.Wrap(whole, room)
	case text.Width(first) <= room:
		return []string{first, second}
	}
	return text.Wrap(first+" "+second, room)
}

// groups cuts digits into fours, in upper case.
func groups(fp string) []string {
	const longest = 128 // twice those of the longest there are
	fp = strings.ToUpper(fp[:min(len(fp), longest)])
	var all []string
	for len(fp) > group {
		all = append(all, fp[:group])
		fp = fp[group:]
	}
	return append(all, fp)
}
