package registry

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/engine/fetch/oci"
	"github.com/podtui/podtui/engine/fetch/transfer"
)

var (
	answer    = registrytest.Answer
	ping      = registrytest.Match{Path: "/v2/", Times: 1}
	manifests = registrytest.Match{Path: "/manifests/"}
	blobs     = registrytest.Match{Path: "/blobs/"}
)

func once(m registrytest.Match) registrytest.Match {
	m.Times = 1
	return m
}

// faults are what a registry may do; without err the image comes nevertheless.
var faults = map[string]struct {
	at    registrytest.Match
	fault registrytest.Fault
	kind  Kind
	err   []string
}{
	"another digest than said": {manifests, registrytest.Header("Docker-Content-Digest", registrytest.Digest(nil)),
		Invalid, []string{"/team/app:1: the registry calls its manifest sha256:e3b0c442", "but it is sha256:"}},
	"no digest, but a word": {manifests, registrytest.Header("Docker-Content-Digest", "latest"), Invalid, []string{"calls its manifest latest"}},
	"no digest":             {manifests, registrytest.Header("Docker-Content-Digest", ""), 0, nil},
	"no etag":               {manifests, registrytest.Header("Etag", ""), 0, nil},
	"giant manifest": {manifests, registrytest.Giant(100<<20, true, "Content-Type", oci.OCIManifest),
		Invalid, []string{"more than the 4194304 bytes"}},
	"giant manifest without a length": {manifests, registrytest.Giant(100<<20, false, "Content-Type", oci.OCIManifest),
		Invalid, []string{"more than the 4194304 bytes"}},
	"a web page": {manifests, answer(200, "<html>", "Content-Type", "text/html; charset=utf-8"), NotRegistry, []string{"web page"}},
	"schema 1 by its type": {manifests, answer(200, `{}`, "Content-Type", "application/vnd.docker.distribution.manifest.v1+prettyjws"),
		Invalid, []string{"schema 1", "pushed again"}},
	"schema 1 by its content": {manifests, answer(200, `{"schemaVersion": 1, "fsLayers": []}`, "Content-Type", oci.DockerManifest),
		Invalid, []string{"schema 1"}},
	"for ever unauthorized": {manifests, answer(401, "", "WWW-Authenticate", `Basic realm="x"`), Unauthorized, []string{"credentials"}},
	"denied": {manifests, answer(403, `{"errors":[{"code":"DENIED","message":"not for\nyou"}]}`),
		Denied, []string{"access denied", `"not for you"`}},
	"too many requests, once": {once(manifests), answer(429, ""), 0, nil},
	"too many requests, for ever": {manifests, answer(429, `{"errors":[{"code":"TOOMANYREQUESTS","message":"100 pulls a day"}]}`),
		TooMany, []string{"too many requests", "100 pulls a day"}},
	"unavailable, once":              {once(manifests), answer(503, ""), 0, nil},
	"unavailable, for ever":          {manifests, answer(503, "", "X", "y"), 0, []string{"503 Service Unavailable"}},
	"gone":                           {manifests, answer(410, ""), Invalid, []string{"410 Gone"}},
	"cut, once":                      {once(manifests), registrytest.Cut(100), 0, nil},
	"cut, for ever":                  {manifests, registrytest.Cut(100), 0, []string{"closed too early"}},
	"stalls":                         {manifests, registrytest.Stall(100), 0, []string{"no byte for"}},
	"stalls before it says anything": {ping, registrytest.Stall(0), 0, []string{"no byte for"}},
	"redirect to plain HTTP":         {manifests, registrytest.Redirect(307, "http://example.com/x"), 0, []string{"plain HTTP is not allowed"}},
	"redirect in a circle": {manifests, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
	}, 0, []string{"circle"}},

	"no registry, a web page":   {ping, answer(200, "<html>", "Content-Type", "text/html"), NotRegistry, []string{"is not a registry", "text/html"}},
	"no registry, nothing":      {ping, answer(404, "404 page not found"), NotRegistry, []string{"is not a registry", "404"}},
	"a registry without /v2/":   {ping, answer(404, "", "Docker-Distribution-Api-Version", "registry/2.0"), 0, nil},
	"an unknown way to log in":  {ping, answer(401, "", "WWW-Authenticate", "Negotiate abc=="), Unauthorized, []string{"negotiate", "Basic and Bearer"}},
	"no way to log in":          {ping, answer(401, ""), NotRegistry, []string{"does not say which"}},
	"a bearer of nothing":       {ping, answer(401, "", "WWW-Authenticate", "Bearer service=x"), Unauthorized, []string{"Basic and Bearer"}},
	"a realm that is a program": {ping, answer(401, "", "WWW-Authenticate", `Bearer realm="javascript:1"`), Invalid, []string{"token service"}},
	"/v2/ for too many":         {registrytest.Match{Path: "/v2/"}, answer(429, "", "Retry-After", "soon"), TooMany, []string{"too many requests"}},

	"config is another one": {registrytest.Match{Path: "/blobs/"}, registrytest.Answer(200, strings.Repeat("x", 669)),
		0, []string{"the content is another"}},
	"config with more behind it":   {blobs, registrytest.Extra("x"), 0, []string{"bytes"}},
	"config is cut short":          {once(blobs), registrytest.Cut(10), 0, nil},
	"config is not there":          {blobs, answer(404, `{"errors":[{"code":"BLOB_UNKNOWN"}]}`), NotFound, []string{"and not what it is made of"}},
	"layer with more behind it":    {registrytest.Match{Path: "/blobs/", Skip: 1}, registrytest.Extra("\x00\x00"), 0, []string{"bytes"}},
	"layer is not there":           {registrytest.Match{Path: "/blobs/", Skip: 1}, answer(404, ""), NotFound, []string{"no such"}},
	"layer that is announced long": {registrytest.Match{Path: "/blobs/", Skip: 1}, registrytest.Length(5), 0, []string{"bytes"}},
	"layer is cut":                 {registrytest.Match{Path: "/blobs/", Skip: 1, Times: 2}, registrytest.Cut(100), 0, nil},
	"layer stalls":                 {registrytest.Match{Path: "/blobs/", Skip: 1}, registrytest.Stall(100), 0, []string{"no byte for"}},
}

func TestFaultsOfARegistry(t *testing.T) {
	t.Parallel()
	one := registrytest.Start(t, registrytest.Options{TLS: true})
	one.PushLayout(t, registrytest.BusyboxLayout(t), "team/app:1")
	for name, c := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := one.Again(t)
			r.Inject(c.at, c.fault)
			o := transfer.Options{RootCAs: r.CAPool}
			if strings.Contains(name, "stalls") {
				o.Stall = 300 * time.Millisecond
			}
			img, err := fetch(t, client(t, o, nil).at(t, r.Host, "team/app:1"))
			if c.err != nil {
				wantError(t, err, c.kind, c.err...)
			} else if err != nil || len(img.Layers) != 3 {
				t.Error(err)
			}
			if n := len(r.Requests("", "")); n > 16 {
				t.Errorf("%d requests", n)
			}
			if served := r.Served("/"); served > 20<<20 {
				t.Errorf("%d bytes were taken", served)
			}
		})
	}
}

func TestRefusalsOfTheRealRegistry(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{})
	r.PushLayout(t, registrytest.BusyboxLayout(t), "team/app:1")
	c := client(t, transfer.Options{}, nil)
	for name, ref := range map[string]string{
		"no such repository": "team/none:1",
		"no such tag":        "team/app:2",
		"no such digest":     "team/app@" + registrytest.Digest(nil),
	} {
		_, _, _, err := c.at(t, r.Host, ref).Top(t.Context(), "")
		wantError(t, err, NotFound, r.Host+"/"+ref+": no such")
		if err.(*Error).Reason() == err.Error() {
			t.Errorf("%s: the reason repeats the reference: %v", name, err)
		}
	}
}

func TestDocumentIsWhatItsDescriptorSays(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{})
	r.PushLayout(t, registrytest.BusyboxLayout(t), "team/app:1")
	repo := client(t, transfer.Options{}, nil).at(t, r.Host, "team/app:1")
	img, err := fetch(t, repo)
	if err != nil {
		t.Fatal(err)
	}
	top, size := img.Manifest, int64(len(img.Manifest.Raw))
	config := oci.Descriptor{MediaType: oci.OCIConfig, Digest: img.Config.Digest, Size: int64(len(img.Config.Raw)) - 1}
	for name, c := range map[string]struct {
		d    oci.Descriptor
		want string
	}{
		"longer":          {oci.Descriptor{MediaType: oci.OCIManifest, Digest: top.Digest, Size: size + 1}, "bytes"},
		"shorter":         {oci.Descriptor{MediaType: oci.OCIManifest, Digest: top.Digest, Size: size - 1}, "bytes"},
		"empty":           {oci.Descriptor{MediaType: oci.OCIManifest, Digest: top.Digest}, "0 bytes"},
		"negative":        {oci.Descriptor{MediaType: oci.OCIManifest, Digest: top.Digest, Size: -1}, "-1 bytes"},
		"giant":           {oci.Descriptor{MediaType: oci.OCIManifest, Digest: top.Digest, Size: 5 << 20}, "bytes"},
		"not a digest":    {oci.Descriptor{MediaType: oci.OCIManifest, Digest: "sha256:../../x", Size: 1}, "not a digest"},
		"config, shorter": {config, "more than"},
	} {
		_, err := repo.Document(t.Context(), c.d)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	doc, err := repo.Document(t.Context(), oci.Descriptor{MediaType: oci.OCIManifest, Digest: top.Digest, Size: size})
	if err != nil || string(doc.Raw) != string(top.Raw) {
		t.Errorf("as it is: %v", err)
	}
}

func TestContentOfADigestIsNotAnother(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{})
	r.PushLayout(t, registrytest.BusyboxLayout(t), "team/app:1")
	r.Inject(manifests, answer(200, "{}", "Content-Type", oci.OCIManifest))
	_, _, _, err := client(t, transfer.Options{}, nil).at(t, r.Host, "team/app@"+registrytest.Digest([]byte("x"))).Top(t.Context(), "")
	wantError(t, err, Invalid, registrytest.Digest([]byte("x")), registrytest.Digest([]byte("{}")))
}

func TestRegistryThatLeadsElsewhereGetsNoCredentialsThere(t *testing.T) {
	t.Parallel()
	other := registrytest.Start(t, registrytest.Options{User: "kim", Password: secret})
	for name, at := range map[string]registrytest.Match{"at first": ping, "later": {Path: "/manifests/"}} {
		r := registrytest.Start(t, registrytest.Options{User: "kim", Password: secret})
		r.Inject(at, func(w http.ResponseWriter, q *http.Request, _ http.Handler) {
			http.Redirect(w, q, other.URL+q.URL.Path, http.StatusTemporaryRedirect)
		})
		_, _, _, err := client(t, transfer.Options{}, logins{r.Host: login("kim", secret)}).at(t, r.Host, "team/app").Top(t.Context(), "")
		if err == nil {
			t.Errorf("%s: no error", name)
		} else {
			wantError(t, err, Unauthorized, r.Host)
		}
		if len(other.Requests("", "")) == 0 {
			t.Errorf("%s: the other registry was not asked at all", name)
		}
		noCredentials(t, other.Server)
		other.Forget()
	}
}

func TestFaultsOfATokenService(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault registrytest.Fault
		times int
		kind  Kind
		err   []string
	}{
		"a web page":     {answer(200, "<html>", "Content-Type", "text/html"), 0, Invalid, []string{"token service", "text/html"}},
		"no token":       {answer(200, `{"token":""}`), 0, Invalid, []string{"no token that can be used"}},
		"a header":       {answer(200, `{"token":"x\r\nHost: y"}`), 0, Invalid, []string{"no token that can be used"}},
		"giant":          {registrytest.Giant(50<<20, false), 0, 0, []string{"more than"}},
		"refuses":        {answer(403, ""), 0, Unauthorized, []string{"credentials"}},
		"not found":      {answer(404, ""), 0, Invalid, []string{"token service", "404"}},
		"limits":         {answer(429, ""), 0, TooMany, []string{"token service"}},
		"fails, once":    {answer(502, ""), 1, 0, nil},
		"fails, forever": {answer(502, ""), 0, 0, []string{"502 Bad Gateway"}},
		"stalls":         {registrytest.Stall(0), 0, 0, []string{"no byte for"}},
		"for a day":      {nil, 0, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := registrytest.Start(t, registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{SameHost: true}})
			r.PushLayout(t, registrytest.BusyboxLayout(t), "team/app:1")
			if c.fault != nil {
				r.Tokens.Inject(registrytest.Match{Times: c.times}, c.fault)
			}
			o := transfer.Options{Stall: time.Minute}
			if name == "stalls" {
				o.Stall = 300 * time.Millisecond
			}
			_, err := fetch(t, client(t, o, logins{r.Host: login("kim", secret)}).at(t, r.Host, "team/app:1"))
			if c.err != nil {
				wantError(t, err, c.kind, c.err...)
			} else if err != nil {
				t.Error(err)
			}
			if n := len(r.Tokens.Requests("", "")); n > 3 {
				t.Errorf("the token service was asked %d times", n)
			}
		})
	}
}
