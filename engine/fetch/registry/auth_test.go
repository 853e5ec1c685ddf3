package registry

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/engine/fetch/credential"
	"github.com/podtui/podtui/engine/fetch/transfer"
)

const secret = "kim's secret"

// kinds of registries, with what their users say to them.
var kinds = map[string]struct {
	o    registrytest.Options
	say  func(r *registrytest.Registry) map[string]string
	kind Kind
	err  []string // nil: all of the image comes
	then func(t *testing.T, r *registrytest.Registry)
}{
	"plain HTTP for everybody": {},
	"TLS for everybody":        {o: registrytest.Options{TLS: true}},
	"TLS, blobs on another host": {
		o: registrytest.Options{TLS: true, CDN: true, User: "kim", Password: secret}, say: kim,
		then: func(t *testing.T, r *registrytest.Registry) {
			if len(r.CDN.Requests("GET", "/blobs/")) != 4 {
				t.Errorf("not all blobs are from the other host: %v", r.CDN.Requests("", ""))
			}
			noCredentials(t, r.CDN)
		},
	},
	"password": {o: registrytest.Options{User: "kim", Password: secret}, say: kim},
	"password, not given": {
		o:    registrytest.Options{User: "kim", Password: secret},
		kind: Unauthorized, err: []string{"/team/app:1: ", "needs credentials", "auth.d or ~/.docker/config.json"},
	},
	"password, wrong": {
		o: registrytest.Options{User: "kim", Password: secret}, say: pair("kim", "wrong"),
		kind: Unauthorized, err: []string{"credentials", "refused"},
	},
	"password, for another port": {
		o:    registrytest.Options{User: "kim", Password: secret},
		kind: Unauthorized, err: []string{"needs credentials"},
		say: func(*registrytest.Registry) map[string]string { return nil },
	},
	"token for everybody": {
		o: registrytest.Options{Token: &registrytest.TokenOptions{Anonymous: true}},
		then: func(t *testing.T, r *registrytest.Registry) {
			noCredentials(t, r.Tokens.Server)
			if n := len(r.Tokens.Requests("GET", "scope=repository%3Ateam%2Fapp%3Apull")); n != 1 {
				t.Errorf("%d tokens were asked for, not one for all of the repository", n)
			}
		},
	},
	"token for a password": {
		o:   registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{SameHost: true}},
		say: kim,
		then: func(t *testing.T, r *registrytest.Registry) {
			if n := len(r.Tokens.Requests("GET", "account=kim")); n != 1 {
				t.Errorf("%d tokens were asked for as kim", n)
			}
			for _, q := range r.Requests("", "") {
				if strings.HasPrefix(q.Authorization, "Basic") {
					t.Errorf("the password went to the registry: %s", q.Path)
				}
			}
		},
	},
	"token, nobody known": {
		o:    registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{SameHost: true}},
		kind: Unauthorized, err: []string{"/team/app:1: ", "needs credentials"},
	},
	"token, wrong password": {
		o:   registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{SameHost: true}},
		say: pair("kim", "wrong"), kind: Unauthorized, err: []string{"credentials", "refused"},
	},
	"token for a part of the registry": {
		o:   registrytest.Options{User: "kim", Password: secret, Token: readers("team/")},
		say: pair("lee", "word"),
	},
	"token for another part of the registry": {
		o:   registrytest.Options{User: "kim", Password: secret, Token: readers("other/")},
		say: pair("lee", "word"), kind: Unauthorized, err: []string{"credentials", "not enough"},
	},
	"identity token": {
		o: registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{SameHost: true, Identity: "i-am-kim"}},
		say: func(*registrytest.Registry) map[string]string {
			return map[string]string{"identitytoken": "i-am-kim"}
		},
		then: func(t *testing.T, r *registrytest.Registry) {
			if n := len(r.Tokens.Requests("POST", "/token")); n != 1 {
				t.Errorf("%d POSTs to the token service", n)
			}
		},
	},
	"identity token, wrong": {
		o: registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{SameHost: true, Identity: "i-am-kim"}},
		say: func(*registrytest.Registry) map[string]string {
			return map[string]string{"identitytoken": "i-am-lee"}
		},
		kind: Unauthorized, err: []string{"credentials", "refused"},
	},
	"bearer token of the user's own": {
		o: registrytest.Options{Token: &registrytest.TokenOptions{}},
		say: func(r *registrytest.Registry) map[string]string {
			return map[string]string{"registrytoken": r.Tokens.Token("team/app", "pull")}
		},
		then: func(t *testing.T, r *registrytest.Registry) {
			if len(r.Tokens.Requests("", "")) > 0 {
				t.Error("the token service was asked")
			}
		},
	},
	"token service on another host, https": {
		o:   registrytest.Options{TLS: true, User: "kim", Password: secret, Token: &registrytest.TokenOptions{TLS: true}},
		say: kim,
	},
	"token service on another host, plain": {
		o:   registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{}},
		say: kim, kind: Unauthorized, err: []string{"there are credentials, but the token service is on another host, 127.0.0.3:"},
		then: func(t *testing.T, r *registrytest.Registry) { noCredentials(t, r.Tokens.Server) },
	},
	"token service on another host, plain, identity token": {
		o: registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{Identity: "i-am-kim"}},
		say: func(*registrytest.Registry) map[string]string {
			return map[string]string{"identitytoken": "i-am-kim"}
		},
		kind: Unauthorized, err: []string{"there are credentials, but the token service is on another host"},
		then: func(t *testing.T, r *registrytest.Registry) { noCredentials(t, r.Tokens.Server) },
	},
	"token service called by another name, plain": {
		o: registrytest.Options{User: "kim", Password: secret,
			Token: &registrytest.TokenOptions{SameHost: true, Host: "localhost"}},
		say: kim, kind: Unauthorized, err: []string{"there are credentials, but the token service is on another host, localhost:"},
		then: func(t *testing.T, r *registrytest.Registry) { noCredentials(t, r.Tokens.Server) },
	},
	"from https to a plain token service": {
		o:   registrytest.Options{TLS: true, User: "kim", Password: secret, Token: &registrytest.TokenOptions{}},
		say: kim, kind: Invalid, err: []string{"token service", "plain HTTP", "not allowed"},
		then: func(t *testing.T, r *registrytest.Registry) {
			if len(r.Tokens.Requests("", "")) > 0 {
				t.Error("it was asked")
			}
		},
	},
}

func pair(user, password string) func(*registrytest.Registry) map[string]string {
	return func(*registrytest.Registry) map[string]string { return login(user, password) }
}

func kim(*registrytest.Registry) map[string]string { return login("kim", secret) }

func readers(prefix string) *registrytest.TokenOptions {
	return &registrytest.TokenOptions{
		SameHost: true, Readers: []registrytest.Reader{{User: "lee", Password: "word", Prefix: prefix}},
	}
}

func TestEachKindOfRegistry(t *testing.T) {
	t.Parallel()
	for name, c := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := registrytest.Start(t, c.o)
			r.PushLayout(t, registrytest.BusyboxLayout(t), "team/app:1")
			known := logins{"127.0.0.1:1": login("kim", secret), "127.0.0.1": login("kim", secret)}
			if c.say != nil && c.say(r) != nil {
				known[r.Host] = c.say(r)
			}
			img, err := fetch(t, client(t, transfer.Options{RootCAs: r.CAPool}, known).at(t, r.Host, "team/app:1"))
			switch {
			case c.err != nil:
				wantError(t, err, c.kind, c.err...)
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error shows the password: %v", err)
				}
			case err != nil:
				t.Fatal(err)
			case len(img.Layers) != 3:
				t.Errorf("%d layers, not 3", len(img.Layers))
			}
			if n := len(r.Requests("GET", "/v2/?")); n != 1 {
				t.Errorf("/v2/ was asked for %d times", n)
			}
			if c.then != nil {
				c.then(t, r)
			}
		})
	}
}

func TestEachFormatOfImage(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{})
	for name, c := range map[string]struct {
		layout   string
		o        registrytest.PushOptions
		mimetype string
	}{
		"Docker's":      {registrytest.BusyboxLayout(t), registrytest.PushOptions{Format: "v2s2"}, "docker.distribution.manifest.v2"},
		"OCI":           {registrytest.BusyboxLayout(t), registrytest.PushOptions{Format: "oci"}, "oci.image.manifest.v1"},
		"zstd":          {registrytest.ZstdLayout(t), registrytest.PushOptions{}, "oci.image.manifest.v1"},
		"skopeo's zstd": {registrytest.BusyboxLayout(t), registrytest.PushOptions{Format: "oci", Compression: "zstd"}, "oci.image.manifest.v1"},
		"umoci's":       {registrytest.UmociLayout(t), registrytest.PushOptions{}, "oci.image.manifest.v1"},
		"an index":      {registrytest.IndexLayout(t), registrytest.PushOptions{All: true}, "oci.image.index.v1"},
		"Docker's list": {registrytest.IndexLayout(t), registrytest.PushOptions{All: true, Format: "v2s2"}, "docker.distribution.manifest.list.v2"},
	} {
		t.Run(name, func(t *testing.T) {
			repo := "formats/" + registrytest.Digest([]byte(name))[7:17]
			r.Push(t, "oci:"+c.layout+":latest", repo+":1", c.o)
			one := client(t, transfer.Options{}, nil)
			byTag := one.at(t, r.Host, repo+":1")
			if _, err := fetch(t, byTag); err != nil {
				t.Fatal(err)
			}
			top, etag, _, err := byTag.Top(t.Context(), "")
			if err != nil || !strings.Contains(top.MediaType, c.mimetype) || !strings.Contains(etag, string(top.Digest)) {
				t.Errorf("%v: %s with etag %s", err, top.MediaType, etag)
			}
			byDigest, _, _, err := one.at(t, r.Host, repo+"@"+string(top.Digest)).Top(t.Context(), "")
			if err != nil || string(byDigest.Raw) != string(top.Raw) || byDigest.Digest != top.Digest {
				t.Errorf("by digest: %v, %s", err, byDigest.Digest)
			}
		})
	}
}

func TestCertificateOfAnUnknownAuthorityIsRefused(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{TLS: true})
	_, _, _, err := client(t, transfer.Options{}, nil).at(t, r.Host, "team/app").Top(t.Context(), "")
	wantError(t, err, Invalid, "certificate is not trusted")
	if n := len(r.Requests("", "")); n > 0 {
		t.Errorf("%d requests came through", n)
	}
}

func TestCredentialsOfAuthD(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{User: "kim", Password: secret})
	r.PushLayout(t, registrytest.BusyboxLayout(t), "team/app:1")
	dir := t.TempDir()
	text, _ := json.Marshal(map[string]any{
		"rktKind": "dockerAuth", "rktVersion": "v1", "registries": []string{r.Host},
		"credentials": map[string]string{"user": "kim", "password": secret},
	})
	if err := os.WriteFile(filepath.Join(dir, "test.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	c := clientOf(t, transfer.Options{}, credential.Sources{ConfigDir: dir, DockerConfig: filepath.Join(dir, "none")})
	if _, err := fetch(t, c.at(t, r.Host, "team/app:1")); err != nil {
		t.Fatal(err)
	}
}

func TestBadCredentialFileIsNamed(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{User: "kim", Password: secret})
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := clientOf(t, transfer.Options{}, credential.Sources{DockerConfig: file})
	_, _, _, err := c.at(t, r.Host, "team/app").Top(t.Context(), "")
	wantError(t, err, Invalid, file)
}

func TestUnchangedTagCostsOneManifest(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{Token: &registrytest.TokenOptions{Anonymous: true}})
	r.PushLayout(t, registrytest.BusyboxLayout(t), "team/app:1")
	_, etag, _, err := client(t, transfer.Options{}, nil).at(t, r.Host, "team/app:1").Top(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	r.Forget()
	again := client(t, transfer.Options{}, nil).at(t, r.Host, "team/app:1")
	_, still, notModified, err := again.Top(t.Context(), etag)
	if err != nil || !notModified || still != etag {
		t.Errorf("%v: not modified %v, etag %s", err, notModified, still)
	}
	asked := r.Requests("", "/manifests/")
	if len(asked) != 1 || asked[0].Status != 304 || asked[0].Bytes != 0 || len(r.Requests("", "")) != 2 {
		t.Errorf("not one manifest, beside /v2/: %+v", r.Requests("", ""))
	}
	r.PushLayout(t, registrytest.UmociLayout(t), "team/app:1")
	top, changed, notModified, err := again.Top(t.Context(), etag)
	if err != nil || notModified || changed == etag || len(top.Raw) == 0 {
		t.Errorf("the tag was moved: %v, not modified %v, etag %s", err, notModified, changed)
	}
}

func TestManyAtOnceAskForOneToken(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{Token: &registrytest.TokenOptions{Anonymous: true}})
	r.PushLayout(t, registrytest.BusyboxLayout(t), "team/app:1")
	repo := client(t, transfer.Options{}, nil).at(t, r.Host, "team/app:1")
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if _, _, _, err := repo.Top(t.Context(), ""); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if tokens, pings := len(r.Tokens.Requests("", "")), len(r.Requests("", "/v2/?")); tokens != 1 || pings != 1 {
		t.Errorf("%d tokens and %d times /v2/ for 16 at once", tokens, pings)
	}
}

func TestTokenIsRenewedBeforeItEnds(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{Token: &registrytest.TokenOptions{Anonymous: true, Expires: 5 * time.Minute}})
	r.PushLayout(t, registrytest.BusyboxLayout(t), "team/app:1")
	c := client(t, transfer.Options{}, nil)
	now := time.Now()
	c.now = func() time.Time { return now }
	repo := c.at(t, r.Host, "team/app:1")
	for i, step := range []struct {
		later time.Duration
		asked int
	}{{0, 1}, {4 * time.Minute, 1}, {35 * time.Second, 2}, {time.Minute, 2}} {
		now = now.Add(step.later)
		if _, _, _, err := repo.Top(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if got := len(r.Tokens.Requests("", "")); got != step.asked {
			t.Errorf("step %d: %d tokens were asked for, not %d", i, got, step.asked)
		}
	}
}

func TestTokenThatEndedEarlyIsAskedForOnceMore(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{Token: &registrytest.TokenOptions{Anonymous: true}})
	r.PushLayout(t, registrytest.BusyboxLayout(t), "team/app:1")
	repo := client(t, transfer.Options{}, nil).at(t, r.Host, "team/app:1")
	if _, _, _, err := repo.Top(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	repo.host.tokens[repo.scope()] = token{text: "of-yesterday", until: time.Now().Add(time.Hour)}
	if _, _, _, err := repo.Top(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if got := len(r.Tokens.Requests("", "")); got != 2 {
		t.Errorf("%d tokens were asked for, not two", got)
	}
}

func TestRegistryThatAsksForNothingAtFirst(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{User: "kim", Password: secret})
	r.PushLayout(t, registrytest.BusyboxLayout(t), "team/app:1")
	r.Inject(registrytest.Match{Path: "/v2/", Times: 1}, registrytest.Answer(200, "{}"))
	if _, err := fetch(t, client(t, transfer.Options{}, logins{r.Host: login("kim", secret)}).at(t, r.Host, "team/app:1")); err != nil {
		t.Fatal(err)
	}
	if sent := r.Requests("", "/manifests/"); len(sent) != 2 || sent[0].Authorization != "" {
		t.Errorf("the password went before it was asked for: %+v", sent)
	}
}

func TestRealmsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		host, base, realm string
		allow             bool
		want              string // "": taken
	}{
		"https elsewhere":             {"example.com", "https://example.com", "https://auth.example.com/token?a=b", false, ""},
		"loopback of a loopback":      {"127.0.0.1:5", "http://127.0.0.1:5", "http://127.0.0.9:7/token", false, ""},
		"this host, by one elsewhere": {"example.com", "https://example.com", "https://127.0.0.1:8/token", false, "would be on this host"},
		"localhost, by one elsewhere": {"example.com", "https://example.com", "http://localhost/token", true, "would be on this host"},
		"::1, by one elsewhere":       {"example.com", "https://example.com", "https://[::1]:8/token", false, "would be on this host"},
		"https to http":               {"example.com", "https://example.com", "http://auth.example.com/token", false, "plain HTTP"},
		"https to http, allowed":      {"example.com", "https://example.com", "http://auth.example.com/token", true, ""},
		"a file":                      {"example.com", "https://example.com", "file:///etc/passwd", false, "no URL"},
		"another scheme":              {"example.com", "https://example.com", "ftp://example.com/", false, "neither"},
		"with a user":                 {"example.com", "https://example.com", "https://kim@example.com/", false, "no URL"},
		"relative":                    {"example.com", "https://example.com", "/token", false, "no URL"},
		"opaque":                      {"example.com", "https://example.com", "https:token", false, "no URL"},
		"nothing":                     {"example.com", "https://example.com", "", false, "no URL"},
		"no URL at all":               {"example.com", "https://example.com", "https://exa mple/\x1b", false, "no URL"},
		"a fragment":                  {"example.com", "https://example.com", "https://example.com/#x", false, "no URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := New(nil, nil, Options{AllowHTTP: c.allow}).host(c.host)
			h.base = c.base
			_, err := h.realm(c.realm)
			if c.want != "" {
				wantError(t, err, Invalid, c.want)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDockerHubAnswersElsewhere(t *testing.T) {
	t.Parallel()
	h := New(nil, nil, Options{}).host("docker.io")
	if got := fmt.Sprint(h.name, " ", h.address); got != "docker.io registry-1.docker.io" {
		t.Error(got)
	}
}
