package registry

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/engine/fetch/credential"
	"github.com/podtui/podtui/engine/fetch/transfer"
)

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
