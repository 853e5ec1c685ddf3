package credential

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func mkfifo(path string) error { return unix.Mkfifo(path, 0o600) }

func pair(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestKeysOfConfigAsDockerHasWrittenThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config, host string
		want         Credential
	}{
		"a host":                     {`{"auths":{"quay.io":{"auth":"` + pair("u:p") + `"}}}`, "quay.io", Credential{User: "u", Password: "p"}},
		"a host in capitals":         {`{"auths":{"Quay.IO":{"auth":"` + pair("u:p") + `"}}}`, "quay.io", Credential{User: "u", Password: "p"}},
		"a port":                     {`{"auths":{"localhost:5000":{"auth":"` + pair("u:p") + `"}}}`, "localhost:5000", Credential{User: "u", Password: "p"}},
		"an IPv6 address":            {`{"auths":{"[::1]:5000":{"auth":"` + pair("u:p") + `"}}}`, "[::1]:5000", Credential{User: "u", Password: "p"}},
		"a URL":                      {`{"auths":{"https://quay.io":{"auth":"` + pair("u:p") + `"}}}`, "quay.io", Credential{User: "u", Password: "p"}},
		"a URL with /v1/":            {`{"auths":{"https://quay.io/v1/":{"auth":"` + pair("u:p") + `"}}}`, "quay.io", Credential{User: "u", Password: "p"}},
		"a path of the protocol":     {`{"auths":{"quay.io/v2":{"auth":"` + pair("u:p") + `"}}}`, "quay.io", Credential{User: "u", Password: "p"}},
		"Docker Hub":                 {`{"auths":{"https://index.docker.io/v1/":{"auth":"` + pair("u:p") + `"}}}`, "docker.io", Credential{User: "u", Password: "p"}},
		"Docker Hub without slash":   {`{"auths":{"https://index.docker.io/v1":{"auth":"` + pair("u:p") + `"}}}`, "docker.io", Credential{User: "u", Password: "p"}},
		"Docker Hub, its index":      {`{"auths":{"index.docker.io":{"auth":"` + pair("u:p") + `"}}}`, "docker.io", Credential{User: "u", Password: "p"}},
		"Docker Hub, its registry":   {`{"auths":{"registry-1.docker.io":{"auth":"` + pair("u:p") + `"}}}`, "registry-1.docker.io", Credential{User: "u", Password: "p"}},
		"Docker Hub, plainly":        {`{"auths":{"docker.io":{"auth":"` + pair("u:p") + `"}}}`, "index.docker.io", Credential{User: "u", Password: "p"}},
		"today's spelling first":     {`{"auths":{"docker.io":{"auth":"` + pair("old:p") + `"},"https://index.docker.io/v1/":{"auth":"` + pair("u:p") + `"}}}`, "docker.io", Credential{User: "u", Password: "p"}},
		"the plain host first":       {`{"auths":{"https://quay.io":{"auth":"` + pair("old:p") + `"},"quay.io":{"auth":"` + pair("u:p") + `"}}}`, "quay.io", Credential{User: "u", Password: "p"}},
		"colons in the password":     {`{"auths":{"quay.io":{"auth":"` + pair("u:p:q:") + `"}}}`, "quay.io", Credential{User: "u", Password: "p:q:"}},
		"padded as of old":           {`{"auths":{"quay.io":{"auth":"` + pair("u:p\x00\x00") + `"}}}`, "quay.io", Credential{User: "u", Password: "p"}},
		"user and password":          {`{"auths":{"quay.io":{"username":"u","password":"p"}}}`, "quay.io", Credential{User: "u", Password: "p"}},
		"an identity token":          {`{"auths":{"quay.io":{"auth":"` + pair("u:") + `","identitytoken":"i"}}}`, "quay.io", Credential{User: "u", Identity: "i"}},
		"a registry token":           {`{"auths":{"quay.io":{"registrytoken":"r"}}}`, "quay.io", Credential{Token: "r"}},
		"a mark for a helper":        {`{"auths":{"quay.io":{}}}`, "quay.io", Credential{}},
		"a namespace, as podman's":   {`{"auths":{"quay.io/team":{"auth":"` + pair("u:p") + `"}}}`, "quay.io", Credential{}},
		"another scheme":             {`{"auths":{"ftp://quay.io":{"auth":"` + pair("u:p") + `"}}}`, "quay.io", Credential{}},
		"fields that are not ours":   {`{"HttpHeaders":{"X":"y"},"psFormat":"z","auths":{"quay.io":{"auth":"` + pair("u:p") + `","email":"e"}}}`, "quay.io", Credential{User: "u", Password: "p"}},
		"an empty file":              {"\n", "quay.io", Credential{}},
		"a file that says nothing":   {"{}", "quay.io", Credential{}},
		"a helper for nobody (\"\")": {`{"credHelpers":{"quay.io":""},"auths":{"quay.io":{"auth":"` + pair("u:p") + `"}}}`, "quay.io", Credential{User: "u", Password: "p"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok, err := Load(sources(t, map[string]string{"docker": c.config})).Registry(t.Context(), c.host)
			if err != nil || got != c.want || ok != (c.want != Credential{}) {
				t.Errorf("%+v, %v, %v", got, ok, err)
			}
		})
	}
}

func TestAuthFilesGoBeforeDockers(t *testing.T) {
	t.Parallel()
	s := Load(sources(t, map[string]string{
		"system/a.json": dockerKind(`"quay.io"`, "rkt", "p"),
		"config/b.json": authKind(`"gcr.io"`, "basic", `"user":"web","password":"p"`), // for web servers only
		"docker":        `{"auths":{"quay.io":{"auth":"` + pair("docker:p") + `"},"gcr.io":{"auth":"` + pair("docker:p") + `"}}}`,
	}))
	for host, want := range map[string]string{"quay.io": "rkt", "gcr.io": "docker"} {
		if c, _, err := s.Registry(t.Context(), host); err != nil || c.User != want {
			t.Errorf("%s: %q, %v", host, c.User, err)
		}
	}
}

// helpers puts programs into a folder of PATH. It keeps the tests of helpers
// from running side by side, as the environment is one.
func helpers(t *testing.T, programs map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, script := range programs {
		if err := os.WriteFile(filepath.Join(dir, helperPrefix+name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("HELPED", dir)
	return dir
}

// keychain answers for two registries, tells what it was asked in a file, and
// talks to the screen.
const keychain = `server=$(cat)
echo "$# $1 $server" >>"$HELPED/asked"
echo noise >&2
case "$server" in
https://index.docker.io/v1/) echo '{"ServerURL":"x","Username":"hub","Secret":"` + secret + `"}' ;;
quay.io) echo '{"ServerURL":"x","Username":"<token>","Secret":"` + secret + `"}' ;;
*) echo "credentials not found in native keychain"; exit 1 ;;
esac
`

func TestHelperIsAskedAsDockerAsks(t *testing.T) {
	dir := helpers(t, map[string]string{"chain": keychain, "own": `echo '{"Username":"own","Secret":"p"}'`})
	s := Load(sources(t, map[string]string{"docker": `{"credsStore":"chain","credHelpers":{"https://gcr.io":"own"},
		"auths":{"none.test:5000":{"auth":"` + pair("not:asked") + `"},"quay.io":{}}}`}))
	for range 2 {
		for host, want := range map[string]Credential{
			"docker.io":      {User: "hub", Password: secret},
			"quay.io":        {Identity: secret},
			"gcr.io":         {User: "own", Password: "p"},
			"none.test:5000": {},
		} {
			got, ok, err := s.Registry(t.Context(), host)
			if err != nil || got != want || ok != (want != Credential{}) {
				t.Errorf("%s: %v, %v, %v", host, got, ok, err)
			}
		}
	}
	asked, _ := os.ReadFile(filepath.Join(dir, "asked"))
	for _, want := range []string{"1 get https://index.docker.io/v1/\n", "1 get quay.io\n", "1 get none.test:5000\n"} {
		if strings.Count(string(asked), want) != 1 {
			t.Errorf("asked %q; want %q once", asked, want)
		}
	}
}

func TestHelperThatFailsIsNamedWithoutItsSecret(t *testing.T) {
	helpers(t, map[string]string{
		"sad":     `echo "the keychain is locked"; exit 1`,
		"leaky":   `echo '{"Username":"u","Secret":"` + secret + `"}'; exit 1`,
		"vague":   `echo "Secret=` + secret + `"`,
		"lines":   `echo '{"Username":"<token>","Secret":"` + secret + `\n"}'`,
		"silent":  `exit 3`,
		"endless": `while :; do echo 0123456789012345678901234567890123456789012345678901234567890123456789; done`,
		"slow":    `sleep 600 & wait`,
		"broken":  "\x1b[31m",
	})
	for name, want := range map[string]string{
		"sad":     `exit status 1: "the keychain is locked"`,
		"leaky":   "exit status 1",
		"vague":   "not that of a credential helper",
		"lines":   "not that of a credential helper",
		"silent":  "exit status 3",
		"endless": "answers with more than 65536 bytes",
		"slow":    "no answer within 300ms",
		"broken":  "exit status 127",
		"missing": "PATH has no such program",
	} {
		s := Load(sources(t, map[string]string{"docker": `{"credsStore":"` + name + `"}`}))
		if name == "slow" {
			s.helpers.time = 300 * time.Millisecond
		}
		_, ok, err := s.Registry(t.Context(), "quay.io")
		var e *HelperError
		if ok || !errors.As(err, &e) || e.Program != helperPrefix+name || e.Host != "quay.io" {
			t.Errorf("%s: %v, %v", name, ok, err)
			continue
		}
		if !strings.HasSuffix(err.Error(), want) || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q; want %q", name, err, want)
		}
	}
}

func TestHelperEndsWithItsContextAndLeavesNothing(t *testing.T) {
	dir := helpers(t, map[string]string{"slow": `sleep 600 & echo $! >"$HELPED/child.new"; mv "$HELPED/child.new" "$HELPED/child"; wait`})
	s := Load(sources(t, map[string]string{"docker": `{"credsStore":"slow"}`}))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for range 1000 {
			if _, err := os.Stat(filepath.Join(dir, "child")); err == nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	if _, _, err := s.Registry(ctx, "quay.io"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	child, err := os.ReadFile(filepath.Join(dir, "child"))
	if err != nil {
		t.Fatal(err)
	}
	if !gone(strings.TrimSpace(string(child))) {
		t.Errorf("process %s goes on", child)
	}
	if _, _, err := s.Registry(ctx, "quay.io"); !errors.Is(err, context.Canceled) {
		t.Error("with an ended context:", err)
	}
}

// gone waits until a process has ended; a zombie has.
func gone(pid string) bool {
	for range 500 {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

func TestDockersFolderIsFoundAsDockerFindsIt(t *testing.T) {
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	os.MkdirAll(filepath.Join(home, ".docker"), 0o700)
	os.WriteFile(filepath.Join(home, ".docker", "config.json"), []byte(`{"auths":{"quay.io":{"auth":"`+pair("home:p")+`"}}}`), 0o600)
	os.WriteFile(filepath.Join(dir, "config.json"), []byte(`{"auths":{"quay.io":{"auth":"`+pair("named:p")+`"}}}`), 0o600)
	for _, c := range []struct{ config, home, want string }{{"", home, "home"}, {dir, home, "named"}, {"", "", ""}} {
		t.Setenv("DOCKER_CONFIG", c.config)
		t.Setenv("HOME", c.home)
		if got, _, err := Load(Sources{}).Registry(t.Context(), "quay.io"); err != nil || got.User != c.want {
			t.Errorf("%+v: %q, %v", c, got.User, err)
		}
	}
}
