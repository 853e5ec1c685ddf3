package discovery

import (
	"fmt"
	"strings"

	"github.com/podtui/podtui/engine/imageref"
)

// maxElements is how many elements a name may have that is asked for: each is
// a page.
const maxElements = 32

// variables are what templates are rendered with: the name, which keeps its
// slashes, and the labels, which have none left.
type variables struct {
	name   string
	labels map[string]string
}

// newVariables returns "" or why the name leads nowhere, whoever is asked.
func newVariables(n imageref.AppName) (v variables, why string) {
	elements := strings.Split(n.Name, "/")
	if !isHostName(elements[0]) {
		return v, fmt.Sprintf("%s is no host name, so there is nobody to ask where the image is", brief(elements[0]))
	}
	if len(elements) > maxElements {
		return v, fmt.Sprintf("%d elements in a name; at most %d are looked for", len(elements), maxElements)
	}
	for _, element := range elements[1:] {
		if why := whyNotElement(element); why != "" {
			return v, why
		}
	}
	v = variables{name: n.Name, labels: map[string]string{"version": "latest"}}
	for _, l := range n.Labels {
		if l.Name != "version" || l.Value != "" {
			v.labels[l.Name] = l.Value
		}
	}
	return v, ""
}

// whyNotElement refuses what an appc identifier may hold and a path must not:
// the name is put into URLs as it is, and would lead up in them.
func whyNotElement(s string) string {
	switch {
	case s == "" || s == "." || s == "..":
		return fmt.Sprintf("the element %q of the name can't be part of a URL's path", s)
	case strings.ContainsFunc(s, func(c rune) bool { return !isUnreserved(c) }):
		return fmt.Sprintf("the element %q of the name can't be part of a URL", cut(s, 120))
	}
	return ""
}

// isHostName takes what DNS takes, in lower case as names are.
func isHostName(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "-") != label ||
			strings.ContainsFunc(label, func(c rune) bool { return !isUnreserved(c) || c == '_' || c == '~' || c >= 'A' && c <= 'Z' }) {
			return false
		}
	}
	return true
}

// isUnreserved tells the characters that mean themselves anywhere in a URL
// (RFC 3986, section 2.3).
func isUnreserved(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-._~", c)
}

// value is what a variable of a template stands for; wrong says why it has
// nothing to stand for.
func (v variables) value(variable, ext string) (value, wrong string) {
	switch variable {
	case "name":
		return v.name, ""
	case "ext":
		return ext, ""
	}
	label, ok := v.labels[variable]
	if !ok {
		return "", fmt.Sprintf("no label was given for {%s}", brief(variable))
	}
	// Slashes are escaped, but there are servers that unescape a path before
	// they resolve it: "1/../../x" must not lead up there.
	for element := range strings.FieldsFuncSeq(label, func(c rune) bool { return c == '/' || c == '\\' }) {
		if element == "." || element == ".." {
			return "", fmt.Sprintf("the label %s is %q, which would lead up in its path", variable, cut(label, 60))
		}
	}
	return escape(label), ""
}

// escape is the simple expansion of RFC 6570 (section 3.2.2).
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if isUnreserved(rune(s[i])) {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	return b.String()
}
