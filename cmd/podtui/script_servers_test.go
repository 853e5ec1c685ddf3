package main

import (
	"io/fs"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/podtui/podtui/engine/enginetest/origin"
	"github.com/podtui/podtui/engine/enginetest/registrytest"
)

// The servers that scripts fetch from are real, and end with the script.

// cmdOrigin starts a web server that is every host of the Internet for the
// script from then on.
func cmdOrigin(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 0, "origin")
	s := sessionOf(ts)
	s.origin = origin.Start(s.tb)
	for _, variable := range s.origin.Env() {
		name, value, _ := strings.Cut(variable, "=")
		ts.Setenv(name, value)
	}
	ts.Setenv("ORIGIN", s.origin.URL(""))
	ts.Setenv("PLAIN_ORIGIN", s.origin.PlainURL(""))
}

// cmdServe has a host serve a file; one that ends in .html is a page.
func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "serve HOST/PATH FILE [USER PASSWORD]")
	host, path, _ := strings.Cut(args[0], "/")
	s := sessionOf(ts)
	served := s.origin.Host(host).File("/"+path, []byte(ts.ReadFile(args[1])))
	s.served[args[0]] = served
	if strings.HasSuffix(args[1], ".html") {
		served.Type("text/html; charset=utf-8")
	}
	if len(args) == 4 {
		served.Basic(args[2], args[3])
	}
}

// cmdRedirect has a host send to another URL.
func cmdRedirect(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "redirect HOST/PATH URL")
	host, path, _ := strings.Cut(args[0], "/")
	sessionOf(ts).origin.Host(host).Redirect("/"+path, args[1])
}

// cmdServed checks how often the web server was asked for a path.
func cmdServed(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 3, "served HOST/PATH METHOD N")
	host, path, _ := strings.Cut(args[0], "/")
	n := 0
	for _, request := range sessionOf(ts).origin.RequestsTo(host) {
		if request.Path == "/"+path && request.Method == args[1] {
			n++
		}
	}
	if strconv.Itoa(n) != args[2] {
		ts.Fatalf("asked %d times, want %s", n, args[2])
	}
}

// cmdHold has the next request for a file answered with its beginning only. The
// connection stays until the client goes.
func cmdHold(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "hold HOST/PATH BYTES")
	bytes, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	sessionOf(ts).served[args[0]].Fault(origin.HoldAfter(bytes, nil))
}

// cmdSent checks how much was sent of a file, by all requests together.
func cmdSent(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "sent HOST/PATH FILE")
	_, path, _ := strings.Cut(args[0], "/")
	about(ts, sessionOf(ts).origin.Served("/"+path), int64(len(ts.ReadFile(args[1]))))
}

// about fails unless all bytes went, and few of them twice.
func about(ts *testscript.TestScript, sent, size int64) {
	if sent < size || sent > size*11/10 {
		ts.Fatalf("%d bytes were sent of %d", sent, size)
	}
}

// cmdRegistry starts a registry, whose HOST:PORT VAR becomes, with an image
// called busybox in it. It is of the kinds that are named.
func cmdRegistry(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "registry VAR [tls] [password] [token]")
	s := sessionOf(ts)
	var o registrytest.Options
	for _, kind := range args[1:] {
		switch kind {
		case "tls":
			o.TLS = true
		case "password":
			o.User, o.Password = "reader", "secret"
		case "token":
			o.User, o.Password, o.Token = "reader", "secret", &registrytest.TokenOptions{}
		default:
			ts.Fatalf("no registry is %s", kind)
		}
	}
	r := registrytest.Start(s.tb, o)
	r.PushLayout(s.tb, registrytest.BusyboxLayout(s.tb), "library/busybox:latest")
	s.registries[args[0]] = r
	ts.Setenv(args[0], r.Host)
	if o.TLS {
		ts.Setenv("SSL_CERT_FILE", r.CAFile)
	}
}

// cmdAsked checks how often a registry was asked for something, and remembers
// nothing of it.
func cmdAsked(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 3, "asked VAR PART N")
	r := sessionOf(ts).registries[args[0]]
	requests := r.Requests("GET", args[1])
	if strconv.Itoa(len(requests)) != args[2] {
		ts.Fatalf("asked %d times, want %s: %v", len(requests), args[2], requests)
	}
	r.Forget()
}

// cmdStall has the next request for the largest layer of the registry's image
// answered with its beginning only.
func cmdStall(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "stall VAR BYTES")
	s := sessionOf(ts)
	bytes, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	largest, most := "", int64(0)
	ts.Check(sizes(registrytest.BusyboxLayout(s.tb), func(name string, size int64) {
		if size > most {
			largest, most = name, size
		}
	}))
	s.registries[args[0]].Inject(registrytest.Match{Path: "/blobs/sha256:" + largest, Times: 1}, registrytest.Stall(bytes))
}

// cmdMoved checks how much was sent of the image, manifests included.
func cmdMoved(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "moved VAR FOLDER")
	var all int64
	ts.Check(sizes(ts.MkAbs(args[1]), func(_ string, size int64) { all += size }))
	about(ts, sessionOf(ts).registries[args[0]].Served("/library/busybox/"), all)
}

// sizes tells the files below a folder.
func sizes(folder string, each func(name string, size int64)) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			each(entry.Name(), info.Size())
		}
		return err
	})
}

// cmdLayout makes an OCI layout folder of the same image.
func cmdLayout(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "layout FOLDER")
	ts.Check(os.CopyFS(filepath.Join(ts.MkAbs("."), args[0]), os.DirFS(registrytest.BusyboxLayout(sessionOf(ts).tb))))
}

// cmdMirror has a host of the web server pass on what it is asked as a registry.
func cmdMirror(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "mirror HOST/REPO:TAG VAR")
	s := sessionOf(ts)
	mirror(s.tb, s.origin, s.registries[args[1]], args[0])
}

// mirror puts an image like that of the others, but with /bin/date, into a
// registry, and has a host of a web server pass on what is asked for it, for the
// repository's tags, and for the registry's repositories.
func mirror(tb testing.TB, o *origin.Origin, registry *registrytest.Registry, reference string) {
	tb.Helper()
	host, name, _ := strings.Cut(reference, "/")
	repo, tag, _ := strings.Cut(name, ":")
	blobs := registrytest.Blobs{}
	image := registrytest.Busybox(string(readFile(tb, "/bin/busybox")))
	image.Layers[1] = append(image.Layers[1], registrytest.Entry{Name: "bin/date", Symlink: "busybox"})
	top, err := blobs.AddImage(image)
	if err != nil {
		tb.Fatal(err)
	}
	layout := filepath.Join(tb.TempDir(), "layout")
	if err := registrytest.WriteLayout(layout, blobs, top); err != nil {
		tb.Fatal(err)
	}
	registry.PushLayout(tb, layout, name)
	pass := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: registry.Direct})
	paths := []string{"", "_catalog", repo + "/tags/list", repo + "/manifests/" + tag}
	for digest := range blobs {
		paths = append(paths, repo+"/manifests/"+digest, repo+"/blobs/"+digest)
	}
	for _, path := range paths {
		o.Host(host).Handle("/v2/"+path, pass.ServeHTTP)
	}
}
