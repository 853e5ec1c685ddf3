package trust

import (
	"fmt"
	"strconv"
	"strings"
)

// Scope is which images a key counts for: "" for all of them, otherwise those with
// this name, and those below it at a slash.
type Scope string

// Root is the scope of keys that count for every image.
const Root Scope = ""

const (
	maxScope   = 1024 // bytes: a folder's path with room for the rest of it
	maxElement = 255  // what a file's name can have
	edges      = "-._~/"
)

// ScopeError says why a text is no prefix of image names.
type ScopeError struct {
	Prefix string
	Why    string // what is wrong, and what would be right
}

func (e *ScopeError) Error() string {
	return fmt.Sprintf("prefix %s: %s", strconv.QuoteToASCII(cut(e.Prefix, 120)), e.Why)
}

// ParseScope reads the prefix that --prefix= takes: an appc name without a version.
// Since it becomes folders, it is held to more than names are: no element may be
// empty, hidden, or look like a key's file.
func ParseScope(prefix string) (Scope, error) {
	if why := whyNotScope(prefix); why != "" {
		return "", &ScopeError{Prefix: prefix, Why: why}
	}
	return Scope(prefix), nil
}

func whyNotScope(s string) string {
	name, _, versioned := strings.Cut(s, ":")
	switch {
	case s == "":
		return "empty; write a name as example.com/app"
	case len(s) > maxScope:
		return fmt.Sprintf("%d bytes long; at most %d are taken", len(s), maxScope)
	case strings.Contains(s, "://"):
		return "a URL; write the name of images, as example.com/app"
	case versioned && whyNotScope(name) == "":
		return "a version can't be trusted apart from others; write " + name
	case strings.Trim(s, "/") != s && whyNotScope(strings.Trim(s, "/")) == "":
		return "a slash at its edge; write " + strings.Trim(s, "/")
	case strings.ToLower(s) != s && whyNotScope(strings.ToLower(s)) == "":
		return "names of images have no capitals; write " + strings.ToLower(s)
	case strings.IndexFunc(s, notName) >= 0:
		return "only lower-case letters, digits and -._~/ make a name"
	case strings.Trim(s, edges) != s:
		return "a name begins and ends with a letter or digit"
	}
	for element := range strings.SplitSeq(s, "/") {
		if why := whyNotElement(element); why != "" {
			return why
		}
	}
	return ""
}

func whyNotElement(s string) string {
	switch {
	case s == "":
		return "two slashes in a row"
	case s[0] == '.':
		return fmt.Sprintf("%q begins with a dot", s)
	case len(s) > maxElement:
		return fmt.Sprintf("%d bytes between slashes; at most %d are taken", len(s), maxElement)
	case isFingerprint(s):
		return fmt.Sprintf("%q looks like the fingerprint of a key", s)
	}
	return ""
}

func notName(r rune) bool {
	return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune(edges, r))
}

// Covers reports whether a key with this scope counts for an image. A name that
// could be read as a path to somewhere else has no prefix: appc allows "a/../b".
func (s Scope) Covers(name string) bool {
	rest, ok := strings.CutPrefix(name, string(s))
	return s == Root || ok && (rest == "" || rest[0] == '/') && straight(name)
}

// straight tells a name that says where it is: without "//", "." and "..".
func straight(name string) bool {
	for element := range strings.SplitSeq(name, "/") {
		if element == "" || element == "." || element == ".." {
			return false
		}
	}
	return true
}

// Prefixes are the scopes that cover a name, but for Root: the narrowest, which is
// the name itself, first, and the host last. What can't be a scope is left out.
func Prefixes(name string) []Scope {
	var scopes []Scope
	for name != "" {
		if s, err := ParseScope(name); err == nil {
			scopes = append(scopes, s)
		}
		name = name[:max(strings.LastIndexByte(name, '/'), 0)]
	}
	return scopes
}

// isFingerprint tells a fingerprint, whatever its case: 40 digits of a key of version 4,
// 64 of a later one.
func isFingerprint(s string) bool {
	return (len(s) == 40 || len(s) == 64) && isHex(s)
}

func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

// cut is a text of at most n bytes.
func cut(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}
