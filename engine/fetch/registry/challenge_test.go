package registry

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

func TestChallenges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values []string
		want   string
	}{
		"Docker Hub's": {[]string{`Bearer realm="https://auth.docker.io/token",service="registry.docker.io"`},
			"bearer[realm:https://auth.docker.io/token service:registry.docker.io] "},
		"with a scope":         {[]string{`Bearer realm="x",scope="repository:a/b:pull,push"`}, "bearer[realm:x scope:repository:a/b:pull,push] "},
		"basic":                {[]string{`Basic realm="a \"quoted\" realm"`}, `basic[realm:a "quoted" realm] `},
		"two in one":           {[]string{`Basic realm="a", Bearer realm=b , service = c`}, "basic[realm:a] bearer[realm:b service:c] "},
		"two in two":           {[]string{`Negotiate`, `BASIC Realm=x`}, "negotiate[] basic[realm:x] "},
		"with a blob":          {[]string{`Negotiate YII=, Basic realm=x`}, "negotiate[] basic[realm:x] "},
		"given twice":          {[]string{`Bearer realm=a, realm=b`}, "bearer[realm:a] "},
		"empty":                {[]string{"", " , "}, ""},
		"parameter of nothing": {[]string{`realm="x"`}, ""},
		"without an end":       {[]string{`Basic realm=x, Bearer realm="y`}, "basic[realm:x] bearer[] "},
		"not a word":           {[]string{"Basic realm=x, \x1b[31m, Bearer realm=y"}, "basic[realm:x] "},
		"giant":                {[]string{"Basic realm=" + strings.Repeat("x", maxChallengeLen)}, ""},
		"a thousand":           {[]string{strings.Repeat("a,", 1000)}, strings.Repeat("a[] ", maxChallenges)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			for _, one := range parseChallenges(c.values) {
				got += one.scheme + strings.TrimPrefix(fmt.Sprint(one.params), "map") + " "
			}
			if got != c.want {
				t.Errorf("%q\nnot %q", got, c.want)
			}
		})
	}
}

func FuzzChallenges(f *testing.F) {
	f.Add(`Bearer realm="https://auth.docker.io/token",service="registry.docker.io"`)
	f.Add(`Negotiate abc==, Basic realm="a\"b", Digest a=b,,c = "d`)
	f.Fuzz(func(t *testing.T, value string) {
		all := parseChallenges([]string{value, value})
		if len(all) > maxChallenges {
			t.Fatalf("%d challenges", len(all))
		}
		for _, c := range all {
			if c.scheme == "" || c.scheme != strings.ToLower(c.scheme) {
				t.Errorf("scheme %q", c.scheme)
			}
			for name := range c.params {
				if name == "" || strings.ContainsAny(name, " ,=\"\r\n") || name != strings.ToLower(name) {
					t.Errorf("parameter %q", name)
				}
			}
		}
		// Whatever a realm is, it comes back as it was quoted.
		quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
		if len(quoted) > maxChallengeLen/2 {
			return
		}
		back := parseChallenges([]string{"Basic a=b, Bearer realm=" + quoted + ", service=" + quoted})
		if len(back) != 2 || back[1].params["realm"] != value || back[1].params["service"] != value {
			t.Errorf("%q came back as %v", value, back)
		}
	})
}

func FuzzLinks(f *testing.F) {
	f.Add(`</v2/_catalog?last=b&n=1>; rel="next"`)
	f.Add(`<a>; rel=prev, <https://h/x?y>; title="a;b,<c>"; rel="last next"`)
	f.Fuzz(func(t *testing.T, value string) {
		if target := nextLink([]string{value}); !strings.Contains(value, target) || strings.Contains(target, ">") {
			t.Errorf("%q came out of %q", target, value)
		}
		h := New(nil, nil, Options{}).host("example.com")
		query, err := cursor(h, "https://example.com/v2/_catalog", []string{value})
		if err != nil && query != "" || !validCursor(query) {
			t.Errorf("cursor %q, %v", query, err)
		}
		link := `<prev>; rel="prev", <?last=` + strconv.Itoa(len(value)) + `>; title="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"; rel="next"`
		if len(link) > maxLink {
			return
		}
		if query, err := cursor(h, "https://example.com/v2/_catalog", []string{link}); err != nil || query != "last="+strconv.Itoa(len(value)) {
			t.Errorf("cursor %q of %q, %v", query, link, err)
		}
	})
}
