package credential

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sources makes the three places and fills them: "config/NAME" and
// "system/NAME" are files of the folders, "docker" is config.json.
func sources(t *testing.T, files map[string]string) Sources {
	t.Helper()
	dir := t.TempDir()
	for _, sub := range []string{"config", "system"} {
		os.Mkdir(filepath.Join(dir, sub), 0o755)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Sources{
		ConfigDir:    filepath.Join(dir, "config"),
		SystemDir:    filepath.Join(dir, "system"),
		DockerConfig: filepath.Join(dir, "docker"),
	}
}

func authKind(domains, kind, credentials string) string {
	return fmt.Sprintf(`{"rktKind":"auth","rktVersion":"v1","domains":[%s],"type":%q,"credentials":{%s}}`, domains, kind, credentials)
}

func dockerKind(registries, user, password string) string {
	return fmt.Sprintf(`{"rktKind":"dockerAuth","rktVersion":"v1","registries":[%s],"credentials":{"user":%q,"password":%q}}`,
		registries, user, password)
}

// The configurations of rkt's configuration.md.
var rktExample = map[string]string{
	"system/coreos.json":            authKind(`"coreos.com","tectonic.com","kubernetes.io"`, "oauth", `"token":"common-token"`),
	"config/specific-coreos.json":   authKind(`"coreos.com"`, "basic", `"user":"foo","password":"bar"`),
	"config/specific-tectonic.json": authKind(`"tectonic.com"`, "oauth", `"token":"tectonic-token"`),
	"system/docker.json":            dockerKind(`"index.docker.io","gcr.io","quay.io"`, "foo", "bar"),
	"config/specific-quay.json":     dockerKind(`"quay.io"`, "baz", "quux"),
	"config/specific-gcr.json":      dockerKind(`"gcr.io"`, "goo", "gle"),
	"config/README":                 "not JSON",
	"config/.coreos.json":           "an editor's",
	"config/paths.json":             `{"rktKind":"paths","rktVersion":"v1","data":"/home/me/rkt"}`,
	"config/stage1.json":            `{"rktKind":"stage1","rktVersion":"v1"}`,
}

func TestLocalFolderOverridesTheSystemsHostByHost(t *testing.T) {
	t.Parallel()
	s := Load(sources(t, rktExample))
	for host, want := range map[string]string{
		"kubernetes.io": "Bearer common-token",
		"coreos.com":    "Basic Zm9vOmJhcg==",
		"CoreOS.com":    "Basic Zm9vOmJhcg==",
		"tectonic.com":  "Bearer tectonic-token",
	} {
		r, _ := http.NewRequest(http.MethodGet, "https://"+host+"/x", nil)
		if err := s.Authorize(r); err != nil || r.Header.Get("Authorization") != want {
			t.Errorf("%s is sent %q, %v; want %q", host, r.Header.Get("Authorization"), err, want)
		}
	}
	for host, want := range map[string]Credential{
		"docker.io":            {User: "foo", Password: "bar"},
		"index.docker.io":      {User: "foo", Password: "bar"},
		"registry-1.docker.io": {User: "foo", Password: "bar"},
		"quay.io":              {User: "baz", Password: "quux"},
		"gcr.io":               {User: "goo", Password: "gle"},
	} {
		if got, ok, err := s.Registry(t.Context(), host); !ok || err != nil || got != want {
			t.Errorf("%s: another credential, %v, %v", host, ok, err)
		}
	}
}

func TestNoOtherHostIsTold(t *testing.T) {
	t.Parallel()
	s := Load(sources(t, map[string]string{
		"config/a.json": authKind(`"example.com","ported.test:8443"`, "oauth", `"token":"t"`),
		"config/b.json": dockerKind(`"example.net:5000"`, "u", "p"),
		"docker":        `{"auths":{"example.org":{"auth":"dTpw"},"quay.io/team":{"auth":"dTpw"},"*.example.org":{"auth":"dTpw"}}}`,
	}))
	for _, host := range []string{
		"www.example.com", "badexample.com", "example.co", "com", "", "example.com:443", "example.com.",
		"ported.test", "ported.test:844", "ported.test:84433", "example.net:5000", "example.org",
	} {
		if _, ok, err := s.Web(host); ok || err != nil {
			t.Errorf("web server %q: %v, %v", host, ok, err)
		}
	}
	for _, host := range []string{
		"example.net", "example.net:50000", "example.com", "a.example.org", "example.org:5000", "quay.io", "docker.io", "",
	} {
		if _, ok, err := s.Registry(t.Context(), host); ok || err != nil {
			t.Errorf("registry %q: %v, %v", host, ok, err)
		}
	}
}

const secret = "s3cr3t-71"

func TestBadFileIsOneLineThatNamesIt(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 20000) + secret
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"no JSON":                    {map[string]string{"config/a.json": "{\n" + secret}, []string{"config/a.json", "line 2"}},
		"empty":                      {map[string]string{"config/a.json": ""}, []string{"config/a.json", "not JSON"}},
		"an array":                   {map[string]string{"config/a.json": `["` + secret + `"]`}, []string{"config/a.json", "the whole is a array"}},
		"JSON of great depth":        {map[string]string{"config/a.json": deep}, []string{"config/a.json", "not JSON"}},
		"a number for a password":    {map[string]string{"config/a.json": `{"rktKind":"dockerAuth","credentials":{"password":71717171717171717171}}`}, []string{`"password" is a number`}},
		"a string for domains":       {map[string]string{"config/a.json": `{"rktKind":"auth","domains":"` + secret + `"}`}, []string{`"domains" is a string`}},
		"no kind":                    {map[string]string{"config/a.json": `{}`}, []string{"config/a.json", "rktKind"}},
		"a kind that rkt never had":  {map[string]string{"config/a.json": `{"rktKind":"auht"}`}, []string{"config/a.json", `"auht"`}},
		"no version":                 {map[string]string{"config/a.json": `{"rktKind":"auth"}`}, []string{"config/a.json", "rktVersion"}},
		"a later version":            {map[string]string{"config/a.json": `{"rktKind":"auth","rktVersion":"v2"}`}, []string{`"v2"`}},
		"no domains":                 {map[string]string{"config/a.json": authKind("", "oauth", `"token":"t"`)}, []string{`no "domains"`}},
		"a URL for a domain":         {map[string]string{"config/a.json": authKind(`"https://x.test"`, "oauth", `"token":"t"`)}, []string{`"https://x.test"`, "HOST:PORT"}},
		"a pattern for a domain":     {map[string]string{"config/a.json": authKind(`"*.x.test"`, "oauth", `"token":"t"`)}, []string{`"*.x.test"`}},
		"no type":                    {map[string]string{"config/a.json": authKind(`"x.test"`, "", "")}, []string{`no "type"`}},
		"an unknown type":            {map[string]string{"config/a.json": authKind(`"x.test"`, "digest", "")}, []string{`"digest"`}},
		"no user":                    {map[string]string{"config/a.json": authKind(`"x.test"`, "basic", `"password":"`+secret+`"`)}, []string{`no "user"`}},
		"no password":                {map[string]string{"config/a.json": authKind(`"x.test"`, "basic", `"user":"u"`)}, []string{`no "password"`}},
		"a colon in the user":        {map[string]string{"config/a.json": authKind(`"x.test"`, "basic", `"user":"u:v","password":"`+secret+`"`)}, []string{"colon"}},
		"no token":                   {map[string]string{"config/a.json": authKind(`"x.test"`, "oauth", "")}, []string{`no "token"`}},
		"a token with a line's end":  {map[string]string{"config/a.json": authKind(`"x.test"`, "oauth", `"token":"`+secret+`\r\nX: y"`)}, []string{`"token" holds`}},
		"dockerAuth with domains":    {map[string]string{"config/a.json": `{"rktKind":"dockerAuth","rktVersion":"v1","domains":["gcr.io"]}`}, []string{`no "registries"`}},
		"two files for a domain":     {map[string]string{"config/a.json": authKind(`"x.test"`, "oauth", `"token":"t"`), "config/b.json": authKind(`"X.test"`, "oauth", `"token":"t"`)}, []string{"config/a.json and ", "config/b.json: both are for x.test"}},
		"two files for a registry":   {map[string]string{"system/a.json": dockerKind(`"docker.io"`, "u", "p"), "system/b.json": dockerKind(`"index.docker.io"`, "u", "p")}, []string{"system/a.json and ", "system/b.json: both are for docker.io"}},
		"more than a mebibyte":       {map[string]string{"config/a.json": strings.Repeat(" ", maxFile+1)}, []string{"config/a.json", "larger than 1048576 bytes"}},
		"docker: no JSON":            {map[string]string{"docker": `{"auths":` + secret}, []string{"docker: line 1: not JSON"}},
		"docker: a string for auths": {map[string]string{"docker": `{"auths":{"x.test":{"auth":71}}}`}, []string{`"auth" is a number`}},
		"docker: auth of no pair":    {map[string]string{"docker": `{"auths":{"x.test":{"auth":"czNjcjN0LTcx"}}}`}, []string{"docker:", `"x.test"`, "base64 of USER:PASSWORD"}},
		"docker: auth of no base64":  {map[string]string{"docker": `{"auths":{"x.test":{"auth":"` + secret + `"}}}`}, []string{"docker:", `"x.test"`}},
		"docker: a token of lines":   {map[string]string{"docker": `{"auths":{"x.test":{"registrytoken":"` + secret + `\n"}}}`}, []string{"no header can carry"}},
		"docker: helper is a path":   {map[string]string{"docker": `{"credsStore":"/../../tmp/evil"}`}, []string{"docker:", `"/../../tmp/evil" is no name of a helper`}},
		"docker: helper is options":  {map[string]string{"docker": `{"credHelpers":{"x.test":"a b"}}`}, []string{`"a b" is no name`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := sources(t, c.files)
			_, ok, err := Load(src).Registry(t.Context(), "x.test")
			wrong, isFile := err.(*FileError)
			if ok || !isFile {
				t.Fatalf("%v, %v", ok, err)
			}
			for _, want := range append(c.want, "credentials in "+wrong.Paths[0]) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
			for _, no := range []string{secret, "\n", "7171", "czNj"} {
				if strings.Contains(strings.ReplaceAll(err.Error(), filepath.Dir(src.ConfigDir), ""), no) {
					t.Errorf("%q holds %q", err, no)
				}
			}
		})
	}
}

func TestOneFileMayGiveHubAllItsNames(t *testing.T) {
	t.Parallel()
	s := Load(sources(t, map[string]string{
		"config/a.json": dockerKind(`"docker.io","https://index.docker.io/v1/","registry-1.docker.io"`, "u", "p"),
	}))
	if c, ok, err := s.Registry(t.Context(), "docker.io"); !ok || err != nil || c.User != "u" {
		t.Error(c, ok, err)
	}
}

func TestFilesAreReadOnceAndNotBefore(t *testing.T) {
	t.Parallel()
	src := sources(t, map[string]string{"config/a.json": "broken"})
	s := Load(src)
	a := filepath.Join(src.ConfigDir, "a.json")
	os.WriteFile(a, []byte(authKind(`"x.test"`, "oauth", `"token":"t"`)), 0o600)
	for range 2 {
		if _, ok, err := s.Web("x.test"); !ok || err != nil {
			t.Error(ok, err)
		}
		os.WriteFile(a, []byte("broken again"), 0o600)
	}
}

func TestOddFilesAreNamedNotWaitedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(dir string) error
		want string
	}{
		"a FIFO":                {func(dir string) error { return mkfifo(filepath.Join(dir, "a.json")) }, "a.json: not a file"},
		"a symlink to a device": {func(dir string) error { return os.Symlink("/dev/zero", filepath.Join(dir, "a.json")) }, "a.json: not a file"},
		"a symlink to nothing":  {func(dir string) error { return os.Symlink("gone", filepath.Join(dir, "a.json")) }, "a.json: leads to a file that does not exist"},
		"the folder is a file": {func(dir string) error {
			os.Remove(dir)
			return os.WriteFile(dir, nil, 0o600)
		}, "config: not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := sources(t, nil)
			if err := c.make(src.ConfigDir); err != nil {
				t.Fatal(err)
			}
			if _, _, err := Load(src).Web("x.test"); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %q", err, c.want)
			}
		})
	}
}

func TestWhatIsNotThereHasNoCredentials(t *testing.T) {
	t.Parallel()
	src := Sources{ConfigDir: "/nowhere/auth.d", SystemDir: "/nowhere/rkt", DockerConfig: "/nowhere/config.json"}
	if _, ok, err := Load(src).Registry(t.Context(), "x.test"); ok || err != nil {
		t.Error(ok, err)
	}
	src = sources(t, map[string]string{"config/a.json": authKind(`"x.test"`, "oauth", `"token":"t"`)})
	os.Rename(filepath.Join(src.ConfigDir, "a.json"), filepath.Join(src.SystemDir, "a.json"))
	os.Symlink(filepath.Join(src.SystemDir, "a.json"), filepath.Join(src.ConfigDir, "linked.json"))
	os.Mkdir(filepath.Join(src.ConfigDir, "folder.json"), 0o700)
	src.SystemDir = ""
	if _, ok, err := Load(src).Web("x.test"); !ok || err != nil {
		t.Error("by a symlink:", ok, err)
	}
}

func TestWarnsOfFilesThatEverybodyMayRead(t *testing.T) {
	t.Parallel()
	src := sources(t, map[string]string{
		"config/closed.json": authKind(`"a.test"`, "oauth", `"token":"t"`),
		"config/group.json":  authKind(`"b.test"`, "oauth", `"token":"t"`),
		"config/open.json":   authKind(`"c.test"`, "oauth", `"token":"t"`),
		"config/paths.json":  `{"rktKind":"paths","rktVersion":"v1"}`,
		"system/behind.json": authKind(`"d.test"`, "oauth", `"token":"t"`),
		"docker":             `{"auths":{"x.test":{"auth":"dTpw"}}}`,
	})
	os.Chmod(src.SystemDir, 0o750)
	for name, mode := range map[string]os.FileMode{
		filepath.Join(src.ConfigDir, "group.json"): 0o640, filepath.Join(src.ConfigDir, "open.json"): 0o644,
		filepath.Join(src.ConfigDir, "paths.json"): 0o644, filepath.Join(src.SystemDir, "behind.json"): 0o644, src.DockerConfig: 0o606,
	} {
		os.Chmod(name, mode)
	}
	os.Chmod(filepath.Dir(src.DockerConfig), 0o755)
	s := Load(src)
	if w := s.Warnings(); len(w) != 0 {
		t.Errorf("warns before it has read: %q", w)
	}
	s.Registry(t.Context(), "x.test")
	w := s.Warnings()
	if len(w) != 2 || !strings.Contains(w[0], "open.json: every user of this host may read them") ||
		!strings.Contains(w[1], "docker: every user of this host may read and change them") {
		t.Errorf("%q", w)
	}
}

func TestPrintedCredentialKeepsItsSecret(t *testing.T) {
	t.Parallel()
	for _, c := range []Credential{{User: "u", Password: secret}, {Token: secret}, {Identity: secret}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			if got := fmt.Sprintf(verb, c); strings.Contains(got, secret) || got == "" {
				t.Errorf("%s shows %s", verb, got)
			}
			if got := fmt.Sprintf(verb, struct{ C *Credential }{&c}); strings.Contains(got, secret) {
				t.Errorf("%s shows %s", verb, got)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range rktExample {
		f.Add(text)
	}
	f.Add(`{"auths":{"https://index.docker.io/v1/":{"auth":"dTpw"}},"credHelpers":{"x":"y"},"credsStore":"pass"}`)
	f.Fuzz(func(t *testing.T, text string) {
		files := newAuthFiles()
		files.parse("a.json", []byte(text))
		for host, c := range files.domains {
			c.SetHeader(http.Header{})
			if host != lower(host) || c.Credential == (Credential{}) {
				t.Errorf("%q has a credential %v", host, c.Credential)
			}
		}
		config, err := parseDocker("config.json", []byte(text))
		if err != nil {
			return
		}
		for host := range config.auths {
			if strings.ContainsAny(host, "/@ ") {
				t.Errorf("host %q", host)
			}
		}
		if strings.ContainsAny(config.helper("x.test"), "/ ") {
			t.Errorf("helper %q", config.helper("x.test"))
		}
	})
}
