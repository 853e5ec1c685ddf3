package discovery

import (
	"net/url"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/imageref"
)

func FuzzParse(f *testing.F) {
	f.Add([]byte(example), worker)
	f.Add([]byte(`<!--<meta name=ac-discovery content="a b">--><template>`), "a")
	f.Fuzz(func(t *testing.T, text []byte, name string) {
		p := parse("https://x", text, name)
		if len(p.templates) > maxTags || len(p.keys) > maxTags || p.tags < len(p.templates) {
			t.Errorf("%d templates of %d, %d keys", len(p.templates), p.tags, len(p.keys))
		}
		for _, s := range append(p.templates, p.keys...) {
			if s == "" || len(strings.Fields(s)) != 1 {
				t.Errorf("%q", s)
			}
		}
		v, why := newVariables(imageref.AppName{Name: name})
		if why != "" {
			return
		}
		if _, err := p.endpoints(v, false); err != nil && strings.ContainsAny((&NothingError{Name: name, Attempts: []error{err}}).Error(), "\n\x1b") {
			t.Errorf("%q", err)
		}
	})
}

// FuzzTemplate holds what a label must not do, whatever the template: choose
// the host, lead up in the path, or reach out of its place.
func FuzzTemplate(f *testing.F) {
	f.Add("https://s.test/{os}/{arch}/{name}-{version}.{ext}", "1.0.0", "linux")
	f.Add("https://{name}/{version}/../{os}.{ext}", "1/../../x", "..")
	f.Add("https://{os}{name}?{version}#{ext}", "@evil/", "a:b@")
	f.Fuzz(func(t *testing.T, template, version, os string) {
		render := func(version, os string) (*url.URL, string) {
			v, why := newVariables(imageref.AppName{Name: worker, Labels: []imageref.Label{{Name: "version", Value: version}, {Name: "os", Value: os}}})
			if why != "" {
				t.Fatal(why)
			}
			e, wrong := v.endpoint(template, false)
			u, err := url.Parse(e.ACI)
			if wrong != "" {
				return nil, wrong
			}
			if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(e.ACI) > maxURL {
				t.Fatalf("%q: %v", e.ACI, err)
			}
			if _, err := url.Parse(e.Signature); err != nil || e.Signature == e.ACI {
				t.Fatalf("%+v", e)
			}
			return u, ""
		}
		got, wrong := render(version, os)
		if strings.ContainsAny(wrong, "\n\x1b") {
			t.Errorf("%q", wrong)
		}
		tame, _ := render("v", "o")
		if got == nil || tame == nil {
			return
		}
		if got.Host != tame.Host {
			t.Errorf("host %q is %q with %q, %q", tame.Host, got.Host, version, os)
		}
		if a, b := strings.Count(got.EscapedPath(), "/"), strings.Count(tame.EscapedPath(), "/"); a != b {
			t.Errorf("%q has %d elements, %q has %d", got, a, tame, b)
		}
		if climbs(got) > climbs(tame) && version != "" && os != "" {
			t.Errorf("%q leads up", got)
		}
	})
}

// climbs counts the dot segments that a server could see.
func climbs(u *url.URL) (n int) {
	for _, element := range strings.FieldsFunc(u.Path, func(c rune) bool { return c == '/' || c == '\\' }) {
		if element == "." || element == ".." {
			n++
		}
	}
	return n
}
