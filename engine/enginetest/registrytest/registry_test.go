package registrytest

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestSkopeoPushesAndReadsBackFromEachKind(t *testing.T) {
	t.Parallel()
	kinds := map[string]Options{
		"plain":    {},
		"TLS":      {TLS: true},
		"htpasswd": {User: "kim", Password: "secret"},
		"token":    {User: "kim", Password: "secret", Token: &TokenOptions{}},
		"all":      {TLS: true, User: "kim", Password: "secret", Token: &TokenOptions{TLS: true}, CDN: true},
	}
	for name, o := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Start(t, o)
			r.Push(t, "oci:"+BusyboxLayout(t)+":latest", "team/busybox:1", PushOptions{Format: "v2s2"})
			r.Push(t, "oci:"+IndexLayout(t)+":latest", "team/index", PushOptions{All: true})
			if len(r.Requests("", "")) > 0 {
				t.Errorf("a push is in the log: %v", r.Requests("", ""))
			}
			args := []string{"--insecure-policy", "copy", "--quiet", "--src-tls-verify=false"}
			if o.User != "" {
				args = append(args, "--src-creds="+o.User+":"+o.Password)
			}
			out, err := exec.Command("skopeo", append(args, "docker://"+r.Host+"/team/busybox:1", "dir:"+t.TempDir())...).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			blobs := r
			if r.CDN != nil {
				blobs = &Registry{Server: r.CDN}
			}
			if got := len(blobs.Requests("GET", "/blobs/")); got < 4 {
				t.Errorf("%d blobs were got, not a config and three layers", got)
			}
			if info, err := os.Stat(r.BlobFile(blobs.Requests("GET", "/blobs/")[0].Path[len("/v2/team/busybox/blobs/"):])); err != nil || info.Size() == 0 {
				t.Errorf("no file of the blob: %v", err)
			}
		})
	}
}

func TestLayoutsAreReadBySkopeo(t *testing.T) {
	t.Parallel()
	r := Start(t, Options{})
	for name, c := range map[string]struct {
		layout string
		o      PushOptions
		has    string
	}{
		"zstd as it is": {ZstdLayout(t), PushOptions{}, "tar+zstd"},
		"made zstd":     {BusyboxLayout(t), PushOptions{Format: "oci", Compression: "zstd"}, "tar+zstd"},
		"made Docker's": {BusyboxLayout(t), PushOptions{Format: "v2s2"}, "vnd.docker.image.rootfs.diff.tar.gzip"},
		"umoci's":       {UmociLayout(t), PushOptions{}, "tar+gzip"},
		"an index":      {IndexLayout(t), PushOptions{All: true}, `"variant":"v8"`},
	} {
		t.Run(name, func(t *testing.T) {
			repo := Digest([]byte(name))[7:17]
			r.Push(t, "oci:"+c.layout+":latest", repo, c.o)
			out, err := exec.Command("skopeo", "inspect", "--raw", "--tls-verify=false", "docker://"+r.Host+"/"+repo).CombinedOutput()
			if err != nil || !strings.Contains(string(out), c.has) {
				t.Errorf("%v: no %s in %s", err, c.has, out)
			}
		})
	}
}

func TestTokensAllowWhatTheirOwnerMay(t *testing.T) {
	t.Parallel()
	r := Start(t, Options{User: "kim", Password: "secret", Token: &TokenOptions{
		Readers: []Reader{{"lee", "word", "team/"}}, Identity: "refresh me", SameHost: true,
	}})
	digest := r.PushBlob(t, "team/one", []byte("for the team"))
	r.PushBlob(t, "other/one", []byte("for the team"))
	for name, c := range map[string]struct {
		user, password, repo string
		want                 int
	}{
		"owner":              {"kim", "secret", "other/one", http.StatusOK},
		"reader":             {"lee", "word", "team/one", http.StatusOK},
		"reader, wrong repo": {"lee", "word", "other/one", http.StatusUnauthorized},
		"nobody":             {"", "", "team/one", http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			q, _ := http.NewRequest("GET", r.Tokens.Realm()+"?service="+strings.ReplaceAll(service, " ", "+")+"&scope=repository:"+c.repo+":pull", nil)
			if c.user != "" {
				q.SetBasicAuth(c.user, c.password)
			}
			status, text := ask(t, r, q)
			if status != http.StatusOK {
				t.Fatalf("token service: %d %s", status, text)
			}
			_, token, _ := strings.Cut(text, `"token":"`)
			token, _, _ = strings.Cut(token, `"`)
			q, _ = http.NewRequest("GET", r.URL+"/v2/"+c.repo+"/blobs/"+digest, nil)
			q.Header.Set("Authorization", "Bearer "+token)
			if status, text := ask(t, r, q); status != c.want {
				t.Errorf("status %d, not %d: %s", status, c.want, text)
			}
		})
	}
	q, _ := http.NewRequest("GET", r.Tokens.Realm(), nil)
	q.SetBasicAuth("kim", "wrong")
	if status, _ := ask(t, r, q); status != http.StatusUnauthorized {
		t.Errorf("a wrong password gets %d", status)
	}
}

func ask(t *testing.T, r *Registry, q *http.Request) (int, string) {
	t.Helper()
	answer, err := (&http.Client{Transport: r.transport}).Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text)
}

func TestFaultsHappenToTheBody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  Fault
		body   string
		failed bool
	}{
		"none":         {nil, "0123456789", false},
		"cut":          {Cut(4), "0123", true},
		"cut at once":  {Cut(0), "", true},
		"extra":        {Extra("ab"), "0123456789ab", false},
		"longer said":  {Length(3), "0123456789", true},
		"shorter said": {Length(-3), "", true},
		"giant":        {Giant(20, false), strings.Repeat("\x00", 20), false},
		"answer":       {Answer(http.StatusOK, "no"), "no", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Start(t, Options{TLS: true})
			digest := r.PushBlob(t, "one", []byte("0123456789"))
			if c.fault != nil {
				r.Inject(Match{Method: "GET", Path: "/blobs/", Times: 1}, c.fault)
			}
			body, err := get(r, "/v2/one/blobs/"+digest)
			if body != c.body || (err != nil) != c.failed {
				t.Errorf("body %q, error %v", body, err)
			}
			if got := r.Served("/blobs/"); got != int64(len(c.body)) {
				t.Errorf("%d bytes are counted of %q", got, c.body)
			}
			if body, err := get(r, "/v2/one/blobs/"+digest); err != nil || body != "0123456789" {
				t.Errorf("once more: body %q, error %v", body, err)
			}
		})
	}
}

func get(r *Registry, path string) (string, error) {
	answer, err := (&http.Client{Transport: r.transport}).Get(r.URL + path)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}
