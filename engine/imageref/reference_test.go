package imageref

import (
	"errors"
	"strings"
	"testing"

	"github.com/appc/spec/discovery"
	"github.com/appc/spec/schema/types"
	"pgregory.net/rapid"
)

var (
	digest = "sha256:" + strings.Repeat("a1", 32)
	full   = strings.Repeat("0f", 64)
)

// here says that exactly these files exist.
func here(files ...string) func(string) bool {
	return func(path string) bool {
		for _, f := range files {
			if f == path {
				return true
			}
		}
		return false
	}
}

func TestKindShowsInTheForm(t *testing.T) {
	t.Parallel()
	exists := here("app.aci", "layout.oci", "saved.tar", "example.com/app", "example.com/app.aci", "plain")
	for s, want := range map[string]Kind{
		"sha512-fa1cb92dc276b0f9bedf87981e61ecde": Hash,
		"sha512-ab":               Hash,
		"sha512-AB":               Hash,
		"sha512-tools":            Name,
		"file:///srv/app.aci":     URL,
		"http://example.com/a":    URL,
		"HTTPS://example.com/a":   URL,
		"docker://busybox":        Registry,
		"/srv/no-such":            Path,
		"./app":                   Path,
		"../app":                  Path,
		"./sha512-ab":             Path,
		"/":                       Path,
		"app.aci":                 Path,
		"layout.oci":              Path,
		"saved.tar":               Path,
		"example.com/app.aci":     Path,
		"missing.aci":             Name,
		"example.com/app":         Name, // though there is such a file
		"plain":                   Name,
		"coreos.com/etcd:v2.0.0":  Name,
		"example.com/app,os=a://": 0,
	} {
		r, err := Parse(s, exists)
		if (err != nil) != (want == 0) || r.Kind != want {
			t.Errorf("Parse(%q) is a %v, %v; want a %v", s, r.Kind, err, want)
		}
		if err == nil && r.String() != s {
			t.Errorf("Parse(%q).String() is %q", s, r.String())
		}
	}
}

func TestRegistryReferencesAreFilledInAsDockerDoes(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"docker://busybox":                               "docker.io/library/busybox:latest",
		"docker://busybox:1.36":                          "docker.io/library/busybox:1.36",
		"docker://docker.io/busybox":                     "docker.io/library/busybox:latest",
		"docker://index.docker.io/busybox":               "docker.io/library/busybox:latest",
		"docker://bitnami/redis":                         "docker.io/bitnami/redis:latest",
		"docker://quay.io/coreos/etcd:v2.0.0":            "quay.io/coreos/etcd:v2.0.0",
		"docker://localhost/a":                           "localhost/a:latest",
		"docker://localhost:5000/a/b/c:T_1":              "localhost:5000/a/b/c:T_1",
		"docker://127.0.0.1:5000/a":                      "127.0.0.1:5000/a:latest",
		"docker://[::1]:5000/a":                          "[::1]:5000/a:latest",
		"docker://REGISTRY.test/a__b/c-d.e":              "registry.test/a__b/c-d.e:latest",
		"docker://quay.io/coreos/etcd@" + digest:         "quay.io/coreos/etcd@" + digest,
		"docker://quay.io/coreos/etcd:v2.0.0@" + digest:  "quay.io/coreos/etcd:v2.0.0@" + digest,
		"docker://a@sha512:" + full:                      "docker.io/library/a@sha512:" + full,
		"docker://busybox:" + strings.Repeat("a", 128):   "docker.io/library/busybox:" + strings.Repeat("a", 128),
		"docker://my-registry.example.com:8443/team/app": "my-registry.example.com:8443/team/app:latest",
	} {
		r, err := Parse(s, nil)
		if err != nil || r.Registry.String() != want {
			t.Errorf("Parse(%q): %s, %v; want %s", s, r.Registry, err, want)
		}
	}
}

func TestRegistryImageNamesAreIdentifiers(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"docker://busybox":          "docker.io/library/busybox",
		"docker://localhost:5000/a": "localhost-5000/a",
		"docker://[::1]:5000/a__b":  "1--5000/a__b",
	} {
		r, err := Parse(s, nil)
		if got := r.Registry.ImageName(); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", s, got, err, want)
		}
		if _, err := types.NewACIdentifier(r.Registry.ImageName()); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestFieldsOfEachKind(t *testing.T) {
	t.Parallel()
	parse := func(s string) Ref {
		r, err := Parse(s, nil)
		if err != nil {
			t.Errorf("Parse(%q): %v", s, err)
		}
		return r
	}
	if r := parse("sha512-FA1C"); r.Hash != "fa1c" {
		t.Errorf("hash %q", r.Hash)
	}
	if r := parse("file:///srv/a%20b.aci"); r.URL.File != "/srv/a b.aci" {
		t.Errorf("file %q", r.URL.File)
	}
	if r := parse("file://localhost/srv/a"); r.URL.File != "/srv/a" {
		t.Errorf("file %q", r.URL.File)
	}
	if r := parse("https://h:8443/x.aci?y=1"); r.URL != (Location{Scheme: "https", Host: "h:8443", URL: "https://h:8443/x.aci?y=1"}) {
		t.Errorf("URL %+v", r.URL)
	}
	r := parse("example.com/app:1.0.0,os=linux,channel=a=b,empty=")
	want := []Label{{"version", "1.0.0"}, {"os", "linux"}, {"channel", "a=b"}, {"empty", ""}}
	if r.Name.Name != "example.com/app" || len(r.Name.Labels) != len(want) {
		t.Fatalf("name %+v", r.Name)
	}
	for i, l := range want {
		if r.Name.Labels[i] != l {
			t.Errorf("label %d: %+v, want %+v", i, r.Name.Labels[i], l)
		}
	}
}

func TestWrongReferencesSayWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	exists := here("My App", "Upper.aci")
	for s, want := range map[string]string{
		"":                                     "empty; a name",
		strings.Repeat("a", MaxLength+1):       "4097 bytes long; at most 4096",
		"-x":                                   "write ./-x",
		"a\x00b":                               "NUL",
		"sha512-a":                             "1 hex digits after sha512-; a hash or a prefix of one has 2 to 128",
		"sha512-":                              "0 hex digits",
		"sha512-" + full + "0":                 "129 hex digits",
		"ftp://h/x":                            "no image comes from ftp://",
		"https:///x":                           "no host",
		"https://me:secret@h/x":                "credentials",
		"https://me:secret@h/%zz":              "not a URL",
		"file://server/x":                      "another host (server)",
		"file://":                              "no absolute path",
		"docker://":                            "no repository",
		"docker://quay.io/":                    "no repository",
		"docker://BusyBox":                     "registries know only lower case: busybox",
		"docker://a//b":                        "is not a repository",
		"docker://a/b-":                        "is not a repository",
		"docker://a/b..c":                      "is not a repository",
		"docker://busybox:":                    `"" is not a tag`,
		"docker://busybox:-x":                  "is not a tag",
		"docker://busybox@sha256:12":           "is not a digest",
		"docker://busybox@":                    "is not a digest",
		"docker://-a.b/c":                      "is not a registry",
		"docker://a.b:99999999/c":              "is not a registry",
		"docker://[::1/c":                      "is not a registry",
		".":                                    "write ./",
		"My App":                               "for the file of that name write ./My App",
		"Upper.aci":                            "Upper.aci", // it is a path: it ends like one and is here
		"Missing.aci":                          "there is no such file here",
		"Example.com/App":                      "perhaps example.com/app is meant",
		"example.com/":                         "begins and ends with a letter or digit",
		"example.com/app:":                     "empty version",
		"example.com/app,version=1,os":         "not a label",
		"example.com/app:1,version=2":          "version is given twice",
		"example.com/app,name=x":               "name can't be a label",
		"example.com/app:1:2":                  "a colon stands only between name and version",
		"example.com/app,a=b:c":                "a colon stands only",
		"example.com/app,A=b":                  `label "A"`,
		"example.com/app,a&b=c":                `label "a&b"`,
		"example.com/app,a=\x1b[31m":           "not printable",
		"example.com/app,a=\xff":               "not printable",
		":1.0":                                 "no name",
		"docker://" + strings.Repeat("a", 300): "at most 255",
	} {
		r, err := Parse(s, exists)
		if s == "Upper.aci" {
			if r.Kind != Path {
				t.Errorf("%q: %v, %v", s, r.Kind, err)
			}
			continue
		}
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("Parse(%q): %v, %v; want an error", s, r.Kind, err)
			continue
		}
		checkMessage(t, s, err.Error())
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): %s\nwant %q in it", s, err, want)
		}
	}
}

func checkMessage(t interface{ Errorf(string, ...any) }, s, message string) {
	if !printable(message) || len(message) > 1500 {
		t.Errorf("Parse(%q): the message is not one clear line: %q", s, message)
	}
	if strings.Contains(message, "secret") {
		t.Errorf("the message tells a password: %s", message)
	}
}

func TestHintTellsOfTheFileThatWasNotTaken(t *testing.T) {
	t.Parallel()
	exists := here("busybox")
	for s, want := range map[string]string{
		"busybox":     "./busybox takes it",
		"missing.aci": "no such file here",
		"other":       "",
		"./busybox":   "",
	} {
		r, err := Parse(s, exists)
		if got := r.Hint(exists); err != nil || !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: %q, %v; want %q", s, got, err, want)
		}
	}
}

func TestKindsHaveWords(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for k := range Name + 1 {
		seen[k.String()] = true
	}
	if len(seen) != int(Name)+1 {
		t.Errorf("kinds share words: %v", seen)
	}
}

// Names mean what the appc library takes them for, where both take them.
func TestNamesAgreeWithAppc(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-z0-9./-]{1,12}(:[a-z0-9.]{0,4})?(,[a-z_.]{1,4}=[a-z0-9=+ ]{0,4}){0,3}`).Draw(t, "name")
		if strings.HasPrefix(s, "/") || strings.HasPrefix(s, ".") {
			return
		}
		r, err := Parse(s, nil)
		app, appcErr := discovery.NewAppFromString(s)
		if err != nil && appcErr == nil && !strings.Contains(err.Error(), "empty version") && !strings.HasPrefix(s, "-") {
			t.Fatalf("appc takes %q, we don't: %v", s, err)
		}
		if err != nil || r.Kind != Name {
			return
		}
		if appcErr != nil {
			t.Fatalf("we take %q, appc doesn't: %v", s, appcErr)
		}
		if app.Name.String() != r.Name.Name || len(app.Labels) != len(r.Name.Labels) {
			t.Fatalf("%q: %+v, appc has %+v", s, r.Name, app)
		}
		for _, l := range r.Name.Labels {
			if app.Labels[types.ACIdentifier(l.Name)] != l.Value {
				t.Fatalf("%q: label %+v, appc has %+v", s, l, app.Labels)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "sha512-ab", "docker://busybox:1@" + digest, "https://h/x", "file:///x", "./a", "a.b/c:1,d=e", "docker://[::1]:1/a"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, exists bool) {
		r, err := Parse(s, func(string) bool { return exists })
		if err != nil {
			if !printable(err.Error()) {
				t.Errorf("not one clear line: %q", err)
			}
			return
		}
		if r.String() != s {
			t.Errorf("%q became %q", s, r.String())
		}
		if r.Kind == Registry {
			again, err := Parse("docker://"+r.Registry.String(), nil)
			if err != nil || again.Registry != r.Registry {
				t.Errorf("%q: %s is read as %s, %v", s, r.Registry, again.Registry, err)
			}
			if _, err := types.NewACIdentifier(r.Registry.ImageName()); err != nil {
				t.Errorf("%q: %v", s, err)
			}
		}
	})
}
