package imageref

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// AppName is an image's appc name and the labels it must have.
type AppName struct {
	Name   string  // example.com/reduce-worker
	Labels []Label // in the order typed; a version after the colon is the first, "version"
}

// Label is a name and a value that an image must carry.
type Label struct{ Name, Value string }

// Label returns the value of a label, if it was asked for.
func (n AppName) Label(name string) (string, bool) {
	for _, l := range n.Labels {
		if l.Name == name {
			return l.Value, true
		}
	}
	return "", false
}

const nameIs = "NAME[:VERSION][,LABEL=VALUE…]"

// parseName reads NAME[:VERSION][,LABEL=VALUE…] as discovery.NewAppFromString
// does, without its ways around it: that takes each label's name for a piece
// of a URL's query, so that "%" and "&" in it mean something.
func parseName(s string, exists func(string) bool) (AppName, error) {
	parts := strings.Split(s, ",")
	name, version, versioned := strings.Cut(parts[0], ":")
	n := AppName{Name: name}
	if why := whyNotIdentifier(name); why != "" {
		return n, fail(s, "%s%s", why, otherwise(s, name, exists))
	}
	if port, path, is := strings.Cut(version, "/"); is && len(port) > 1 && all(port, isDigit) {
		return n, fail(s, "for an image of a registry write docker://%s:%s/%s", name, port, path)
	}
	if versioned {
		parts[0] = "version=" + version
	} else {
		parts = parts[1:]
	}
	for _, part := range parts {
		l, err := parseLabel(s, part)
		if err != nil {
			return n, err
		}
		if _, twice := n.Label(l.Name); twice {
			return n, fail(s, "the label %s is given twice", l.Name)
		}
		n.Labels = append(n.Labels, l)
	}
	return n, nil
}

func parseLabel(s, part string) (Label, error) {
	name, value, ok := strings.Cut(part, "=")
	switch {
	case !ok:
		return Label{}, fail(s, "%q is not a label; write %s", part, nameIs)
	case name == "name":
		return Label{}, fail(s, "name can't be a label: it is what stands before the colon")
	case name == "version" && value == "":
		return Label{}, fail(s, "an empty version; write %s", nameIs)
	case strings.Contains(value, ":"):
		return Label{}, fail(s, "%q: a colon stands only between name and version", part)
	case !printable(value):
		return Label{}, fail(s, "the value of label %q is not printable text", name)
	}
	if why := whyNotIdentifier(name); why != "" {
		return Label{}, fail(s, "label %q: %s", name, why)
	}
	return Label{Name: name, Value: value}, nil
}

// identifierEdges are the characters that an appc identifier may hold, but
// neither begin nor end with.
const identifierEdges = "-._~/"

// whyNotIdentifier is the rule of types.md for an AC Identifier. It returns ""
// for one. (The appc types would say the same; they cost a start the compiling
// of their expressions, and store's users need none of them.)
func whyNotIdentifier(s string) string {
	switch {
	case s == "":
		return "no name; write " + nameIs
	case !all(s, isIdentifierChar):
		return "only lower-case letters, digits and -._~/ make a name"
	case strings.Trim(s, identifierEdges) != s:
		return "a name begins and ends with a letter or digit"
	}
	return ""
}

func isIdentifierChar(c rune) bool {
	return isLower(c) || isDigit(c) || strings.ContainsRune(identifierEdges, c)
}

// otherwise adds what a reference that is no name could have meant.
func otherwise(s, name string, exists func(string) bool) string {
	switch {
	case s == "." || s == "..":
		return "; for the folder write " + s + "/"
	case exists(s):
		return "; for the file of that name write ./" + s
	case hasImageSuffix(s):
		return "; there is no such file here"
	case whyNotIdentifier(strings.ToLower(name)) == "":
		return "; perhaps " + strings.ToLower(name) + " is meant"
	}
	return ""
}

func printable(s string) bool {
	return utf8.ValidString(s) && all(s, func(c rune) bool { return unicode.IsPrint(c) })
}

// OfName makes a reference of a name that nobody typed, such as a dependency's.
func OfName(n AppName) Ref {
	text := n.Name
	for _, l := range n.Labels {
		if l.Name == "version" && !strings.ContainsAny(l.Value, ",:") {
			text += ":" + l.Value
		}
	}
	for _, l := range n.Labels {
		if l.Name != "version" || strings.ContainsAny(l.Value, ",:") {
			text += "," + l.Name + "=" + l.Value
		}
	}
	return Ref{Kind: Name, Name: n, text: text}
}
