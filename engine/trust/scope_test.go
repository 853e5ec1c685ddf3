package trust

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestPrefixCoversItselfAndWhatIsBelowASlash(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"example.com/app":                   true,
		"example.com/app/x":                 true,
		"example.com/app/x/y":               true,
		"example.com/application":           false,
		"example.com/app-x":                 false,
		"example.com/app.x":                 false,
		"example.com/app:1":                 false,
		"example.com":                       false,
		"example.com/ap":                    false,
		"example.com/":                      false,
		"evil.example.com/app":              false,
		"example.com.evil/app":              false,
		"x/example.com/app":                 false,
		"Example.com/app":                   false,
		"example.com/App":                   false,
		"EXAMPLE.COM/APP":                   false,
		"exаmple.com/app":                   false, // а Cyrillic
		"example.com/аpp":                   false,
		"example.com/app\u200b":             false,
		"example.com/app\u200b/x":           false,
		"example.com／app":                   false, // a fullwidth slash
		"example.com/app／x":                 false,
		"example.com/app\x00/x":             false,
		"example.com//app":                  false,
		"example.com/app/":                  false,
		"example.com/app//x":                false,
		"example.com/app/../evil":           false,
		"example.com/app/..":                false,
		"example.com/app/./x":               false,
		"example.com/evil/../app":           false,
		"../example.com/app":                false,
		"/example.com/app":                  false,
		"":                                  false,
		"example.com/app/..x":               true,
		"example.com/app/" + someFP:         true, // no scope of its own, but below one
		"example.com/app/" + long("x", 400): true,
	} {
		scope := Scope("example.com/app")
		if got := scope.Covers(name); got != want {
			t.Errorf("%q covers %q: %v", scope, name, got)
		}
		k := known{scopes: map[Scope]bool{scope: true, "example.org": true}}
		if got := k.covers(name); got != want {
			t.Errorf("a key for %q covers %q: %v", scope, name, got)
		}
		if !Root.Covers(name) || !(&known{scopes: map[Scope]bool{Root: true}}).covers(name) {
			t.Errorf("a key for all images doesn't cover %q", name)
		}
	}
}

const someFP = "0123456789abcdef0123456789abcdef01234567"

func long(s string, n int) string { return strings.Repeat(s, n) }

func TestPrefixesThatAreNoneAreRefusedWithWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{
		"":                       "write a name as example.com/app",
		"example.com/app/":       "write example.com/app",
		"/example.com/app":       "write example.com/app",
		"/":                      "begins and ends with",
		"Example.com/App":        "write example.com/app",
		"EXAMPLE.COM":            "write example.com",
		"exаmple.com":            "only lower-case letters, digits and -._~/",
		"example.com/app\u200b":  "only lower-case letters",
		"example.com／app":        "only lower-case letters",
		"example.com/a b":        "only lower-case letters",
		"example.com/app\n":      "only lower-case letters",
		"example.com/\x1b[2J":    `"example.com/\x1b[2J"`,
		"example.com/\xff":       `"example.com/\xff"`,
		"example.com/app:1":      "write example.com/app",
		"example.com/app:":       "write example.com/app",
		"example.com:443/app":    "write example.com",
		"https://example.com":    "a URL; write the name",
		"example.com//app":       "two slashes in a row",
		"example.com/../app":     `".." begins with a dot`,
		"example.com/./app":      `"." begins with a dot`,
		"example.com/.git/app":   `".git" begins with a dot`,
		"..":                     "begins and ends with",
		".":                      "begins and ends with",
		"../app":                 "begins and ends with",
		"app/..":                 "begins and ends with",
		"example.com/app-":       "begins and ends with",
		"example.com/app*":       "only lower-case letters",
		"example.com/" + someFP:  "looks like the fingerprint of a key",
		someFP:                   "looks like the fingerprint of a key",
		long("a", 256):           "at most 255 are taken",
		long("a/", 512) + "a":    "at most 1024 are taken",
		long("é", 100000):        "at most 1024 are taken",
		"example.com,version=1":  "only lower-case letters",
		"docker://docker.io/app": "a URL",
	} {
		scope, err := ParseScope(prefix)
		wrong := (*ScopeError)(nil)
		if scope != "" || !errors.As(err, &wrong) || wrong.Prefix != prefix {
			t.Errorf("%q is taken: %q, %v", cut(prefix, 50), scope, err)
			continue
		}
		if !strings.Contains(err.Error(), want) || len(err.Error()) > 1000 || printable(err.Error()) != err.Error() {
			t.Errorf("%q: %q; want %q", cut(prefix, 50), err, want)
		}
	}
	for _, prefix := range []string{
		"example.com", "example.com/app", "localhost", "a", "coreos.com/etcd~1", "example.com/-x_/y", "a.b/c--d",
		long("a", 255), "docker.io/library/busybox", "localhost-5000/x",
	} {
		if scope, err := ParseScope(prefix); err != nil || string(scope) != prefix {
			t.Errorf("%q: %q, %v", prefix, scope, err)
		}
	}
}

func TestPrefixesOfANameAreNarrowestFirst(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"example.com/app/x":                "[example.com/app/x example.com/app example.com]",
		"example.com":                      "[example.com]",
		"example.com/app/" + someFP + "/x": "[example.com/app example.com]",
		"example.com/app/../x":             "[example.com/app example.com]",
		"Example.com/x":                    "[]",
		"":                                 "[]",
		"/":                                "[]",
	} {
		if got := fmt.Sprint(Prefixes(name)); got != want {
			t.Errorf("%q: %s; want %s", name, got, want)
		}
	}
}

// What is taken for a scope makes a folder below prefix.d, and covers nothing that
// a reader of its text would not think of.
func FuzzParseScope(f *testing.F) {
	for _, s := range []string{"example.com/app", "a/../b", "A", "exаmple.com", "a//b", "a:1", someFP, "~/.ssh", "a/.."} {
		f.Add(s, "example.com/app/x")
	}
	f.Fuzz(func(t *testing.T, s, name string) {
		scope, err := ParseScope(s)
		if err != nil {
			if scope != "" || strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 4000 {
				t.Errorf("%q: %q, %q", s, scope, err)
			}
			return
		}
		file := keyFile(scope, someFP)
		if string(scope) != s || path.Clean(file) != file || scopeText(path.Dir(file)) != s {
			t.Errorf("%q is taken as %q, and lies in %q", s, scope, file)
		}
		if !scope.Covers(s) || !scope.Covers(s+"/x") || scope.Covers(s+"x") || scope.Covers(s+"/../x") {
			t.Errorf("%q covers the wrong names", s)
		}
		if prefixes := Prefixes(name); straight(name) && scope.Covers(name) && len(name) <= maxScope && !slices.Contains(prefixes, scope) {
			t.Errorf("%q covers %q, whose prefixes are %q", scope, name, prefixes)
		}
		if got := (&known{scopes: map[Scope]bool{scope: true}}).covers(name); got != scope.Covers(name) {
			t.Errorf("%q covers %q: %v for its key", scope, name, got)
		}
	})
}
