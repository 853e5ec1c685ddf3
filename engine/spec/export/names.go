package export

import (
	"strconv"
	"strings"
)

// maxLabel is the longest DNS label.
const maxLabel = 63

// labels gives out names that are DNS labels, and each once.
type labels map[string]bool

// give makes a label of a name, at most most bytes long, with a number behind it if
// another has it already.
func (l labels) give(name string, most int) string {
	label := dnsLabel(name, most)
	for n := 2; l[label]; n++ {
		number := "-" + strconv.Itoa(n)
		label = dnsLabel(name, most-len(number)) + number
	}
	l[label] = true
	return label
}

func dnsLabel(name string, most int) string {
	label := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			return c
		case c >= 'A' && c <= 'Z':
			return c | 0x20
		}
		return '-'
	}, name)
	label = strings.Trim(label, "-")
	label = strings.Trim(label[:min(len(label), most)], "-")
	if label == "" {
		return "x"
	}
	return label
}

// isLabel reports whether a name is a DNS label as Kubernetes wants it.
func isLabel(s string) bool { return s != "" && dnsLabel(s, maxLabel) == s }

// isSubdomain takes labels with dots between them.
func isSubdomain(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxLabel || !isLabel(label) {
			return false
		}
	}
	return len(s) <= 253
}

// isQualified takes the key of an annotation or a label: NAME, or DOMAIN/NAME.
func isQualified(s string) bool {
	domain, name, both := strings.Cut(s, "/")
	if !both {
		domain, name = "", s
	}
	return isLabelValue(name) && name != "" && (!both || isSubdomain(domain))
}

// isLabelValue takes what a label can be set to.
func isLabelValue(s string) bool {
	for i := range len(s) {
		c := s[i]
		edge := i == 0 || i == len(s)-1
		if !isLetterOrDigit(c) && (edge || strings.IndexByte("-_.", c) < 0) {
			return false
		}
	}
	return len(s) <= maxLabel
}

func isLetterOrDigit(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
}
