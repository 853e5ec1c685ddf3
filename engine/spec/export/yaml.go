package export

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The subset of YAML that a manifest needs: mappings in an order that people read,
// lists, and strings that no version of YAML takes for anything else. A library would
// sort the keys and have no comments.

// mapping is a YAML mapping with its keys in order.
type mapping []entry

type entry struct {
	key     string
	value   any    // string, int, bool, mapping, []mapping, []string or []int
	comment string // a line above it; the first of a list's item has none
}

// put adds a key.
func (m *mapping) put(key string, value any) { *m = append(*m, entry{key: key, value: value}) }

// add adds a key if there is something to say.
func (m *mapping) add(key string, value any) {
	switch v := value.(type) {
	case string:
		if v == "" {
			return
		}
	case mapping:
		if len(v) == 0 {
			return
		}
	case []mapping:
		if len(v) == 0 {
			return
		}
	case []string:
		if len(v) == 0 {
			return
		}
	case []int:
		if len(v) == 0 {
			return
		}
	}
	m.put(key, value)
}

// write writes it at an indentation. The first line may have that already.
func (m mapping) write(b *strings.Builder, indent string, begun bool) {
	for i, e := range m {
		if e.comment != "" {
			comment(b, indent, e.comment)
		}
		if i > 0 || !begun {
			b.WriteString(indent)
		}
		b.WriteString(scalar(e.key) + ":")
		e.write(b, indent)
	}
}

func (e entry) write(b *strings.Builder, indent string) {
	switch v := e.value.(type) {
	case mapping:
		if len(v) == 0 {
			b.WriteString(" {}\n")
			return
		}
		b.WriteString("\n")
		v.write(b, indent+"  ", false)
	case []mapping:
		b.WriteString("\n")
		for _, item := range v {
			b.WriteString(indent + "- ")
			item.write(b, indent+"  ", true)
		}
	case []string:
		b.WriteString("\n")
		for _, item := range v {
			b.WriteString(indent + "- " + scalar(item) + "\n")
		}
	case []int:
		b.WriteString("\n")
		for _, item := range v {
			b.WriteString(indent + "- " + number(int64(item)) + "\n")
		}
	case string:
		b.WriteString(" " + scalar(v) + "\n")
	default: // a number, true or false
		fmt.Fprintf(b, " %v\n", v)
	}
}

func comment(b *strings.Builder, indent, text string) {
	b.WriteString(indent + "# " + printable(text) + "\n")
}

// scalar writes a string that is UTF-8, plain if it can be nothing else.
func scalar(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(c):
			b.WriteRune(c)
		case c > 0xffff:
			fmt.Fprintf(&b, `\U%08X`, c)
		default:
			fmt.Fprintf(&b, `\u%04X`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// isPlain takes words that begin like a name or a path and hold nothing that YAML
// knows. Some of those are other things to it: numbers, y, off, null.
func isPlain(s string) bool {
	for i, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '/' && i+1 < len(s)
		if !letter && (i == 0 || !strings.ContainsRune("0123456789./_-+@=", c) && (c != ':' || i+1 == len(s))) {
			return false
		}
	}
	return s != "" && !slices.Contains([]string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}, strings.ToLower(s))
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
