// Package export writes a pod down in the words of others: as a v1 Pod of Kubernetes,
// and as a unit of systemd that runs it with podtui.
//
// What the other side has no words for is not dropped in silence: it comes back as
// lines, and stands as comments in what is written. The package does no I/O; what is
// read back (a command line, an appc pod manifest) package spec reads.
package export

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// notes are what the other form has no words for, one line each.
type notes []string

func (n *notes) add(format string, args ...any) {
	*n = append(*n, printable(fmt.Sprintf(format, args...)))
}

// show is a value as a line repeats it: whole, but not without end.
func show(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "…"
	}
	if s == "" || strings.ContainsAny(s, " \"'`") || printable(s) != s {
		return strconv.Quote(s)
	}
	return s
}

// printable is a text on one line, without anything that a terminal would obey.
func printable(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }) < 0 {
		return s
	}
	quoted := strconv.Quote(s)
	return quoted[1 : len(quoted)-1]
}
