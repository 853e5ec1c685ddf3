package discovery

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/imageref"
)

// worker is the image of discovery.md.
const worker = "example.com/reduce-worker"

// asked reads a reference as it is typed.
func asked(t testing.TB, reference string) imageref.AppName {
	t.Helper()
	r, err := imageref.Parse(reference, nil)
	if err != nil || r.Kind != imageref.Name {
		t.Fatalf("%s: a %v, %v", reference, r.Kind, err)
	}
	return r.Name
}

// The examples of discovery.md, word for word.
const example = `
<meta name="ac-discovery" content="example.com https://storage.example.com/{os}/{arch}/{name}-{version}.{ext}">
<meta name="ac-discovery" content="example.com hdfs://storage.example.com/{name}-{version}-{os}-{arch}.{ext}">
<meta name="ac-discovery-pubkeys" content="example.com https://example.com/pubkeys.gpg">
`

func TestExamplesOfTheSpecification(t *testing.T) {
	t.Parallel()
	v, why := newVariables(asked(t, worker+":1.0.0,os=linux,arch=amd64"))
	if why != "" {
		t.Fatal(why)
	}
	p := parse("https://"+worker+"?ac-discovery=1", []byte(example), worker)
	got, err := p.endpoints(v, false)
	want := Endpoint{
		ACI:       "https://storage.example.com/linux/amd64/example.com/reduce-worker-1.0.0.aci",
		Signature: "https://storage.example.com/linux/amd64/example.com/reduce-worker-1.0.0.aci.asc",
	}
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("%+v, %v", got, err)
	}
	if keys := p.usableKeys(false); !slices.Equal(keys, []string{"https://example.com/pubkeys.gpg"}) {
		t.Errorf("keys %q", keys)
	}
	// The format of the tags: its placeholder is no URL.
	p = parse("", []byte(`<meta name="ac-discovery" content="prefix-match url-tmpl">
		<meta name="ac-discovery-pubkeys" content="prefix-match url">`), worker)
	if p.tags != 1 || len(p.templates)+len(p.keys) != 0 {
		t.Errorf("%+v", p)
	}
	// "the effective equivalent of urltmpl=…", which is Simple's template too.
	simple := Endpoint{
		ACI:       "https://example.com/reduce-worker-1.0.0-linux-amd64.aci",
		Signature: "https://example.com/reduce-worker-1.0.0-linux-amd64.aci.asc",
	}
	if e, why := v.endpoint("https://{name}-{version}-{os}-{arch}.{ext}", false); why != "" || e != simple {
		t.Errorf("%+v, %s", e, why)
	}
	if e := Simple(asked(t, worker+":1.0.0,os=linux,arch=amd64")); len(e) != 1 || e[0] != simple {
		t.Errorf("%+v", e)
	}
}

func TestSimpleHasNoEndpointThatIsAnotherHosts(t *testing.T) {
	t.Parallel()
	for reference, want := range map[string]string{
		worker + ",os=linux,arch=arm64":          "https://example.com/reduce-worker-latest-linux-arm64.aci",
		worker + ":1,os=linux":                   "",
		worker + ":1":                            "",
		"example.com:1.0.0,os=linux,arch=amd64":  "", // example.com-1.0.0-linux-amd64.aci would be a host
		"example.com:1,os=.evil.com/,arch=amd64": "",
		worker + ":../../x,os=linux,arch=amd64":  "",
		"a_b/c:1,os=linux,arch=amd64":            "",
	} {
		r, err := imageref.Parse(reference, nil)
		if err != nil {
			r.Name = imageref.AppName{Name: strings.Split(reference, ":")[0]}
		}
		var got string
		for _, e := range Simple(r.Name) {
			got += e.ACI
		}
		if got != want {
			t.Errorf("%s: %q, want %q", reference, got, want)
		}
	}
}

func TestTagsOfADocument(t *testing.T) {
	t.Parallel()
	tag := func(content string) string { return `<meta name="ac-discovery" content="` + content + `">` }
	good := tag("example.com https://a/{ext}")
	for name, c := range map[string]struct {
		page string
		want []string // URLs
	}{
		"a whole page":                     {"<!DOCTYPE html><html><head><title>x</title>" + good + "</head><body>y</body></html>", []string{"https://a/{ext}"}},
		"tags in their order":              {tag("example.com https://b/{ext}") + good + tag(worker+" https://c/{ext}"), []string{"https://b/{ext}", "https://a/{ext}", "https://c/{ext}"}},
		"capitals":                         {`<META NAME="AC-Discovery" CONTENT="example.com https://a/{ext}">`, []string{"https://a/{ext}"}},
		"closed in itself":                 {`<meta content='example.com https://a/{ext}' name='ac-discovery' />`, []string{"https://a/{ext}"}},
		"without quotes":                   {`<meta name=ac-discovery content="example.com https://a/{ext}">`, []string{"https://a/{ext}"}},
		"space of every kind":              {"<meta name=\" ac-discovery \" content=\"\n example.com\t\n https://a/{ext} \">", []string{"https://a/{ext}"}},
		"entities":                         {tag("example.com https://a/x?y=1&amp;z={ext}"), []string{"https://a/x?y=1&z={ext}"}},
		"in the body, as rkt took it":      {"<body>" + good + "</body>", []string{"https://a/{ext}"}},
		"cut in the middle":                {good + `<meta name="ac-discovery" content="example.com https://b`, []string{"https://a/{ext}"}},
		"bytes that are no text":           {"\xff\xfe\x00" + good, []string{"https://a/{ext}"}},
		"the first of two attributes":      {`<meta name="x" name="ac-discovery" content="example.com https://b/{ext}">` + good, []string{"https://a/{ext}"}},
		"a comment":                        {"<!-- " + tag("example.com https://evil/{ext}") + " -->" + good, []string{"https://a/{ext}"}},
		"a script":                         {"<script>'" + tag("example.com https://evil/{ext}") + "'</script>" + good, []string{"https://a/{ext}"}},
		"a style":                          {"<style>" + tag("example.com https://evil/{ext}") + "</style>" + good, []string{"https://a/{ext}"}},
		"a text area":                      {"<textarea>" + tag("example.com https://evil/{ext}") + "</textarea>" + good, []string{"https://a/{ext}"}},
		"a title":                          {"<title>" + tag("example.com https://evil/{ext}") + "</title>" + good, []string{"https://a/{ext}"}},
		"a template":                       {"<template><template></template>" + tag("example.com https://evil/{ext}") + "</template>" + good, []string{"https://a/{ext}"}},
		"escaped in text":                  {"<p>&lt;meta name=ac-discovery content='example.com https://evil'&gt;</p>" + good, []string{"https://a/{ext}"}},
		"in another tag's attribute":       {`<p title='` + strings.ReplaceAll(tag("example.com https://evil/{ext}"), "'", "") + `'>` + good, []string{"https://a/{ext}"}},
		"an end tag":                       {`</meta name="ac-discovery" content="example.com https://evil/{ext}">` + good, []string{"https://a/{ext}"}},
		"another tag":                      {`<link name="ac-discovery" content="example.com https://evil/{ext}">` + good, []string{"https://a/{ext}"}},
		"another name":                     {`<meta name="ac-discovery2" content="example.com https://evil/{ext}">` + good, []string{"https://a/{ext}"}},
		"no content":                       {`<meta name="ac-discovery">`, nil},
		"a prefix alone":                   {tag("example.com"), nil},
		"three words":                      {tag("example.com https://a/{ext} x"), nil},
		"a prefix with a slash":            {tag("example.com/ https://a/{ext}"), []string{"https://a/{ext}"}},
		"the name itself":                  {tag(worker + " https://a/{ext}"), []string{"https://a/{ext}"}},
		"a piece of an element":            {tag("example.com/reduce https://evil/{ext}"), nil},
		"a piece of the host":              {tag("example https://evil/{ext}"), nil},
		"a longer name":                    {tag(worker + "/x https://evil/{ext}"), nil},
		"another host":                     {tag("example.org https://evil/{ext}"), nil},
		"no prefix but a slash":            {tag("/ https://evil/{ext}"), nil},
		"an empty page":                    {"", nil},
		"nothing that is HTML":             {"\x1f\x8b\x08" + strings.Repeat("\x00<", 1000), nil},
		"more tags than anybody would ask": {strings.Repeat(good, 1000), slices.Repeat([]string{"https://a/{ext}"}, maxTags)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if p := parse("", []byte(c.page), worker); !slices.Equal(p.templates, c.want) || len(p.keys) > 0 {
				t.Errorf("%q, keys %q", p.templates, p.keys)
			}
			keys := strings.ReplaceAll(strings.ReplaceAll(c.page, "ac-discovery", "ac-discovery-pubkeys"), "AC-Discovery", "ac-discovery-pubkeys")
			if p := parse("", []byte(keys), worker); !slices.Equal(p.keys, c.want) || len(p.templates) > 0 {
				t.Errorf("keys: %q, %q", p.keys, p.templates)
			}
		})
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	const reference = worker + ":1.0.0,os=linux,arch=amd64"
	for name, c := range map[string]struct {
		reference, template string
		want, wrong         string
	}{
		"every variable":                {reference, "https://s.test/{os}/{arch}/{name}-{version}.{ext}", "https://s.test/linux/amd64/example.com/reduce-worker-1.0.0.aci", ""},
		"a further label":               {reference + ",channel=alpha", "https://s.test/{channel}/{name}.{ext}", "https://s.test/alpha/example.com/reduce-worker.aci", ""},
		"no version is the latest":      {worker, "https://s.test/{name}-{version}.{ext}", "https://s.test/example.com/reduce-worker-latest.aci", ""},
		"a variable twice":              {reference, "https://s.test/{name}/{version}/{version}.{ext}", "https://s.test/example.com/reduce-worker/1.0.0/1.0.0.aci", ""},
		"the name as the host":          {reference, "https://{name}/{version}.{ext}", "https://example.com/reduce-worker/1.0.0.aci", ""},
		"a scheme in capitals":          {reference, "HTTPS://s.test/x.{ext}", "HTTPS://s.test/x.aci", ""},
		"a query":                       {reference, "https://s.test?n={name}&v={version}&e={ext}", "https://s.test?n=example.com/reduce-worker&v=1.0.0&e=aci", ""},
		"a label called ext":            {reference + ",ext=exe", "https://s.test/x.{ext}", "https://s.test/x.aci", ""},
		"an empty label":                {reference + ",flavour=", "https://s.test/x{flavour}.{ext}", "https://s.test/x.aci", ""},
		"a label that was not asked":    {reference, "https://s.test/{channel}.{ext}", "", "no label was given for {channel}"},
		"an operator of RFC 6570":       {reference, "https://s.test/{+name}.{ext}", "", "no label was given for {+name}"},
		"an empty variable":             {reference, "https://s.test/{}.{ext}", "", "no label was given for {}"},
		"no os":                         {worker, "https://s.test/{os}.{ext}", "", "no label was given for {os}"},
		"no {ext}":                      {reference, "https://s.test/{name}.aci", "", "has no {ext}"},
		"an open brace":                 {reference, "https://s.test/{ext}{name", "", "no partner"},
		"a closing brace":               {reference, "https://s.test/name}{ext}", "", "no partner"},
		"braces in braces":              {reference, "https://s.test/{{name}}.{ext}", "", "no label"},
		"hdfs":                          {reference, "hdfs://s.test/{name}.{ext}", "", "only https://"},
		"file":                          {reference, "file:///etc/{name}.{ext}", "", "only https://"},
		"docker":                        {reference, "docker://s.test/{name}{ext}", "", "only https://"},
		"plain HTTP":                    {reference, "http://s.test/{name}.{ext}", "", "plain HTTP is not allowed"},
		"no scheme":                     {reference, "//s.test/{name}.{ext}", "", "host depends on {ext}"},
		"no host":                       {reference, "https:///{name}.{ext}", "", "names no host"},
		"a path for a URL":              {reference, "/x.{ext}", "", "host depends on {ext}"},
		"a password in it":              {reference, "https://u:s3cret@s.test/{name}.{ext}", "", "holds credentials"},
		"the name as the user":          {reference, "https://u@{name}/x.{ext}", "", "holds credentials"},
		"the host from a label":         {reference, "https://{os}.s.test/x.{ext}", "", "host depends on {os}"},
		"the host before a label":       {reference, "https://s.test{arch}/x.{ext}", "", "host depends on {arch}"},
		"the scheme from a label":       {reference, "{os}://s.test/x.{ext}", "", "host depends on {os}"},
		"control characters":            {reference, "https://s.test/\x1b[31m{ext}", "", "it is no URL"},
		"a very long one":               {reference, "https://s.test/" + strings.Repeat("x", maxTemplate) + "{ext}", "", "longer than 2048 bytes"},
		"one that gets very long":       {"example.com/" + strings.Repeat("x", 3000), "https://s.test/{name}{name}{name}.{ext}", "", "longer than 8192 bytes"},
		"a version that climbs":         {worker + ":1/../../x", "https://s.test/{name}-{version}.{ext}", "", `the label version is "1/../../x"`},
		"a version that is the parent":  {worker + ":..", "https://s.test/{version}/x.{ext}", "", "lead up"},
		"a version of backslashes":      {worker + `:1\..\x`, "https://s.test/{version}/x.{ext}", "", "lead up"},
		"a version that climbs, unused": {worker + ":..", "https://s.test/x.{ext}", "https://s.test/x.aci", ""},
		"a slash":                       {worker + ":feature/x", "https://s.test/{version}.{ext}", "https://s.test/feature%2Fx.aci", ""},
		"dots that are no element":      {worker + ":1..2", "https://s.test/{version}.{ext}", "https://s.test/1..2.aci", ""},
		"escaped in advance":            {worker + ":%2e%2e%2f", "https://s.test/{version}.{ext}", "https://s.test/%252e%252e%252f.aci", ""},
		"a query in a label":            {worker + ":1?x#y&z;", "https://s.test/{version}.{ext}", "https://s.test/1%3Fx%23y%26z%3B.aci", ""},
		"a slash, beside what would undo its escape": {worker + ":feature/x", "https://s.test/ä/{version}.{ext}", "", "has to be escaped"},
		"a host in a label":                          {worker + ":@evil.test", "https://s.test/{version}.{ext}", "https://s.test/%40evil.test.aci", ""},
		"a variable in a label":                      {worker + ":{ext}", "https://s.test/{version}.{ext}", "https://s.test/%7Bext%7D.aci", ""},
		"a semantic version":                         {worker + ":1.0.0-rc.1+build_5~x", "https://s.test/{version}.{ext}", "https://s.test/1.0.0-rc.1%2Bbuild_5~x.aci", ""},
		"letters beyond ASCII":                       {worker + ":ä b", "https://s.test/{version}.{ext}", "https://s.test/%C3%A4%20b.aci", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, why := newVariables(asked(t, c.reference))
			if why != "" {
				t.Fatal(why)
			}
			e, wrong := v.endpoint(c.template, false)
			if c.wrong != "" {
				if !strings.Contains(wrong, c.wrong) || strings.ContainsAny(wrong, "\x1b\n") || strings.Contains(wrong, "s3cret") {
					t.Errorf("%+v, %q; want %q", e, wrong, c.wrong)
				}
				return
			}
			if wrong != "" || e.ACI != c.want || e.Signature != strings.Replace(c.want, "aci", "aci.asc", 1) {
				t.Errorf("%+v, %q; want %s", e, wrong, c.want)
			}
		})
	}
}

func TestPlainTemplatesWherePlainHTTPIsAllowed(t *testing.T) {
	t.Parallel()
	v, _ := newVariables(asked(t, worker))
	p := parse("", []byte(`<meta name=ac-discovery content="example.com http://s.test/{name}.{ext}">
		<meta name=ac-discovery-pubkeys content="example.com http://s.test/keys">`), worker)
	for _, allowed := range []bool{false, true} {
		e, err := p.endpoints(v, allowed)
		if keys := p.usableKeys(allowed); (len(e) == 1) != allowed || (err == nil) != allowed || (len(keys) == 1) != allowed {
			t.Errorf("allowed %v: %v, %v, %v", allowed, e, err, keys)
		}
	}
}

func TestKeysAreNoTemplates(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, key := range []string{"https://k.test/a", "hdfs://k.test/a", "https://k.test/{name}", "https://u:p@k.test/a", "k.gpg", "https://k.test/b"} {
		fmt.Fprintf(&text, `<meta name="ac-discovery-pubkeys" content="example.com %s">`, key)
	}
	got := parse("", []byte(text.String()), worker).usableKeys(false)
	if want := []string{"https://k.test/a", "https://k.test/{name}", "https://k.test/b"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
