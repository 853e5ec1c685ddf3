package fetch_test

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/store"
)

// ids are the credentials of the registries that want some.
const user, password = "someone", "secret-4711"

// use trusts a registry, and knows who we are there.
func (w *world) use(r *registrytest.Registry) {
	w.tb.Helper()
	w.options.HTTP.RootCAs = r.CAPool
	auth := filepath.Join(w.options.ConfigDir, "auth.d")
	if err := os.MkdirAll(auth, 0o700); err != nil {
		w.tb.Fatal(err)
	}
	text := `{"rktKind":"dockerAuth","rktVersion":"v1","registries":["` + r.Host + `"],"credentials":{"user":"` + user + `","password":"` + password + `"}}`
	if err := os.WriteFile(filepath.Join(auth, "registry.json"), []byte(text), 0o600); err != nil {
		w.tb.Fatal(err)
	}
	w.fetcher = w.open()
}

func oci(layout string) string { return "oci:" + layout + ":latest" }

func TestEachKindOfRegistryAndOfImageGivesTheSameImage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		registry registrytest.Options
		push     registrytest.PushOptions
	}{
		"plain, OCI":               {push: registrytest.PushOptions{Format: "oci"}},
		"plain, Docker schema 2":   {push: registrytest.PushOptions{Format: "v2s2"}},
		"TLS, zstd":                {registrytest.Options{TLS: true}, registrytest.PushOptions{Format: "oci", Compression: "zstd"}},
		"htpasswd":                 {registrytest.Options{User: user, Password: password}, registrytest.PushOptions{}},
		"htpasswd over TLS":        {registrytest.Options{TLS: true, User: user, Password: password}, registrytest.PushOptions{}},
		"tokens":                   {registrytest.Options{TLS: true, User: user, Password: password, Token: &registrytest.TokenOptions{TLS: true}}, registrytest.PushOptions{}},
		"tokens for everybody":     {registrytest.Options{Token: &registrytest.TokenOptions{Anonymous: true}}, registrytest.PushOptions{}},
		"blobs from somebody else": {registrytest.Options{TLS: true, User: user, Password: password, CDN: true}, registrytest.PushOptions{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := registrytest.Start(t, c.registry)
			r.Push(t, oci(registrytest.BusyboxLayout(t)), "busybox:1", c.push)
			w := newWorld(t)
			w.use(r)
			img := w.must("docker://" + r.Host + "/busybox:1")
			if !strings.HasSuffix(img.Name(), "/busybox") || img.Version() != "1" {
				t.Errorf("%s %s", img.Name(), img.Version())
			}
			if r.CDN != nil {
				for _, q := range r.CDN.Requests("", "") {
					if q.Authorization != "" {
						t.Errorf("%s of the other host had %q", q.Path, q.Authorization)
					}
				}
			}
			w.looksLikeBusybox(img)
		})
	}
}

// looksLikeBusybox reads the image's merged root, as a pod would see it.
func (w *world) looksLikeBusybox(img store.Image) {
	w.tb.Helper()
	entries := w.exported(img)
	for _, path := range []string{"rootfs/bin/busybox", "rootfs/opt/app/run", "rootfs/var/lib/app/third", "rootfs/srv/seed/hello"} {
		if entries[path] == nil {
			w.tb.Errorf("no %s in %v", path, slices.Sorted(keys(entries)))
		}
	}
	for _, path := range []string{"rootfs/etc/gone", "rootfs/var/lib/app/first", "rootfs/etc/.wh.gone", "rootfs/var/lib/app/.wh..wh..opq"} {
		if entries[path] != nil {
			w.tb.Errorf("%s is there", path)
		}
	}
	if h := entries["rootfs/srv/seed"]; h == nil || h.Mode != 0o750 || h.Uid != 1000 || h.Gid != 50 {
		w.tb.Errorf("/srv/seed is %+v", h)
	}
	app := img.Manifest.App
	if app.User != "app" || app.Group != "1000" || !slices.Equal(app.SupplementaryGIDs, []int{50}) || len(app.MountPoints) != 1 {
		w.tb.Errorf("the app is %+v", app)
	}
}

// exported is the image as an ACI, by its entries.
func (w *world) exported(img store.Image) map[string]*tar.Header {
	w.tb.Helper()
	var out bytes.Buffer
	if _, err := w.store().Export(w.tb.Context(), img.ID, &out); err != nil {
		w.tb.Fatal(err)
	}
	entries := make(map[string]*tar.Header)
	for r := tar.NewReader(&out); ; {
		h, err := r.Next()
		if err != nil {
			return entries
		}
		entries[strings.TrimSuffix(h.Name, "/")] = h
	}
}

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// Neither compression nor the manifest's format is part of what an image is.
func TestTheIDIsThatOfTheContent(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{})
	var ids []string
	for _, push := range []registrytest.PushOptions{{Format: "oci"}, {Format: "v2s2"}, {Format: "oci", Compression: "zstd"}} {
		r.Push(t, oci(registrytest.BusyboxLayout(t)), "busybox:1", push)
		w := newWorld(t)
		ids = append(ids, w.must("docker://"+r.Host+"/busybox:1").ID)
	}
	if len(slices.Compact(ids)) != 1 {
		t.Errorf("%q", ids)
	}
}

func TestAnIndexGivesTheHostsImage(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{})
	r.Push(t, oci(registrytest.IndexLayout(t)), "index:1", registrytest.PushOptions{All: true})
	w := newWorld(t)
	img := w.must("docker://" + r.Host + "/index:1")
	if img.Label("arch") != goarch {
		t.Errorf("arch %s", img.Label("arch"))
	}
}

func TestAnUnchangedTagCostsOneManifest(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{})
	r.Push(t, oci(registrytest.BusyboxLayout(t)), "busybox:1", registrytest.PushOptions{})
	w := newWorld(t)
	reference := "docker://" + r.Host + "/busybox:1"
	first := w.must(reference)
	r.Forget()
	if again := w.must(reference); again.ID != first.ID || len(r.Requests("", "")) > 0 {
		t.Errorf("new: %d requests", len(r.Requests("", "")))
	}
	img, err := w.fetchAs(reference, spec.PullUpdate)
	if err != nil || img.ID != first.ID || len(r.Requests("", "/manifests/")) != 1 || len(r.Requests("", "/blobs/")) != 0 {
		t.Errorf("update: %v, %d manifests, %d blobs", err, len(r.Requests("", "/manifests/")), len(r.Requests("", "/blobs/")))
	}
	r.Push(t, oci(registrytest.UmociLayout(t)), "busybox:1", registrytest.PushOptions{})
	if img, err := w.fetchAs(reference, spec.PullUpdate); err != nil || img.ID == first.ID {
		t.Errorf("update of a tag that moved: %v", err)
	}
}

func TestSharedLayersAreServedOnce(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{})
	r.Push(t, oci(registrytest.BusyboxLayout(t)), "first:1", registrytest.PushOptions{})
	w := newWorld(t)
	w.must("docker://" + r.Host + "/first:1")
	r.Push(t, oci(registrytest.BusyboxLayout(t)), "second:1", registrytest.PushOptions{})
	r.Forget()
	w.must("docker://" + r.Host + "/second:1")
	if blobs := r.Requests("GET", "/blobs/"); len(blobs) != 1 { // the config
		t.Errorf("%d blobs for a second name of the same content", len(blobs))
	}
}

func TestFaultsOfARegistryAreToldInALine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		match registrytest.Match
		fault registrytest.Fault
		want  string
	}{
		"extra bytes after a layer": {registrytest.Match{Path: "/blobs/sha256:"}, registrytest.Extra("more"), "bytes"},
		"a layer that is another":   {registrytest.Match{Path: "/blobs/sha256:"}, registrytest.Answer(200, "nothing like it"), "bytes"},
		"a false digest":            {registrytest.Match{Path: "/manifests/"}, registrytest.Header("Docker-Content-Digest", "sha256:"+strings.Repeat("0", 64)), "but it is sha256:"},
		"a giant manifest":          {registrytest.Match{Path: "/manifests/"}, registrytest.Giant(100<<20, true), "4"},
		"a layer that never comes":  {registrytest.Match{Path: "/blobs/sha256:"}, registrytest.Stall(10), "no byte for"},
		"nobody may":                {registrytest.Match{Path: "/manifests/"}, registrytest.Answer(403, ""), "denied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := registrytest.Start(t, registrytest.Options{})
			r.Push(t, oci(registrytest.BusyboxLayout(t)), "busybox:1", registrytest.PushOptions{})
			r.Inject(c.match, c.fault)
			w := newWorld(t)
			if strings.Contains(c.want, "no byte") {
				w.options.HTTP.Stall = time.Second
			}
			w.fetcher = w.open()
			_, err := w.fetch("docker://" + r.Host + "/busybox:1")
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%v, want %q", err, c.want)
			}
			t.Log(err)
			if list, _ := w.store().List(); len(list) > 0 {
				t.Errorf("the store has %v", list)
			}
			var failed bool
			for _, e := range w.events {
				failed = failed || e.State == event.Failed
			}
			if !failed {
				t.Error("no event tells of it")
			}
		})
	}
}

func TestArchivesAndLayoutsAreImages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	img := w.must(registrytest.BusyboxLayout(t))
	w.looksLikeBusybox(img)
	if again := w.must(registrytest.BusyboxLayout(t)); again.ID != img.ID {
		t.Errorf("twice it is two images: %s, %s", img.ID, again.ID)
	}
}

func TestTagsComeInPages(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{})
	for _, tag := range []string{"a", "b", "c"} {
		r.Push(t, oci(registrytest.UmociLayout(t)), "some/app:"+tag, registrytest.PushOptions{})
	}
	w := newWorld(t)
	page, err := w.fetcher.Tags(t.Context(), "docker://"+r.Host+"/some/app", "")
	slices.Sort(page.Names) // docker-registry has no order
	if err != nil || !slices.Equal(page.Names, []string{"a", "b", "c"}) || page.Next != "" {
		t.Errorf("%+v, %v", page, err)
	}
	repositories, err := w.fetcher.Repositories(t.Context(), r.Host, "")
	if err != nil || !slices.Equal(repositories.Names, []string{"some/app"}) {
		t.Errorf("%+v, %v", repositories, err)
	}
}
