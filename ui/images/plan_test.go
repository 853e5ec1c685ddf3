package images

import (
	"fmt"
	"strings"
	"testing"
)

func (w want) String() string {
	s := [...]string{"discover", "tags", "repositories", "files"}[w.kind] + " " + w.of
	if w.filter != "" {
		s += " ~" + w.filter
	}
	if w.list {
		s += " list"
	}
	if w.guess {
		s += " guess"
	}
	return s
}

func TestWhatIsTypedSaysWhoIsAsked(t *testing.T) {
	t.Setenv("HOME", "/root")
	for typed, want := range map[string]string{
		"":                         "||",
		"etcd":                     "etcd||",
		"etcd 2.3":                 "etcd 2.3||",
		"1.2/etcd":                 "1.2/etcd||",
		"example.com":              "example.com||",
		"sha512-abcd":              "sha512-abcd||",
		"coreos.com/etcd":          "coreos.com/etcd||discover coreos.com/etcd; tags docker://coreos.com/etcd guess; repositories coreos.com ~etcd guess",
		"coreos.com/":              "coreos.com/||repositories coreos.com guess",
		"coreos.com/etcd:2.0":      "coreos.com/etcd 2.0||discover coreos.com/etcd:2.0; tags docker://coreos.com/etcd ~2.0 list guess",
		"coreos.com/etcd,os=linux": "coreos.com/etcd,os=linux||discover coreos.com/etcd,os=linux; repositories coreos.com ~etcd,os=linux guess",
		"Example.com/App":          "Example.com/App||repositories example.com ~App guess",
		"localhost:5000/app":       "localhost-5000/app||tags docker://localhost:5000/app guess; repositories localhost:5000 ~app guess",
		"127.0.0.1:5000/a:1":       "127.0.0.1-5000/a 1||tags docker://127.0.0.1:5000/a ~1 list guess",
		"docker://":                "||",
		"docker://q":               "q||tags docker://docker.io/library/q",
		"docker://quay.io":         "quay.io||",
		"docker://quay.io/":        "quay.io/||repositories quay.io",
		"docker://quay.io/co":      "quay.io/co||tags docker://quay.io/co; repositories quay.io ~co",
		"docker://quay.io/coreos/": "quay.io/coreos/||repositories quay.io ~coreos/",
		"docker://quay.io/a/b:":    "quay.io/a/b||tags docker://quay.io/a/b list",
		"docker://quay.io/a/b:v2":  "quay.io/a/b v2|docker://quay.io/a/b:v2|tags docker://quay.io/a/b ~v2 list",
		"docker://busybox:1.36":    "busybox 1.36|docker://busybox:1.36|tags docker://docker.io/library/busybox ~1.36 list",
		"docker://localhost:5000":  "localhost 5000||",
		"docker://q.io/a@sha256:" + strings.Repeat("a1", 32): "q.io/a@sha256 " + strings.Repeat("a1", 32) + "|docker://q.io/a@sha256:" + strings.Repeat("a1", 32) + "|",
		"docker://q.io/a@sha256:a1":                          "q.io/a@sha256 a1||",
		"https://example.com/a.aci":                          "|https://example.com/a.aci|",
		"https://":                                           "||",
		"https://me:secret@example.com/a.aci":                "||",
		"ftp://example.com/a":                                "||",
		"./":                                                 "||files ./",
		"/srv/my images/et":                                  "||files /srv/my images/ ~et",
		"~/x":                                                "||files /root ~x",
	} {
		p := planOf(typed)
		wants := make([]string, len(p.wants))
		for i, w := range p.wants {
			wants[i] = w.String()
		}
		if got := fmt.Sprintf("%s|%s|%s", p.here, p.direct, strings.Join(wants, "; ")); got != want {
			t.Errorf("%q: %s\nwant %s", typed, got, want)
		}
	}
}

func FuzzPlan(f *testing.F) {
	for _, s := range []string{"docker://quay.io/a:b", "coreos.com/etcd:1", "[::1]:5000/a", "~/a", "https://x", "a:b:c/d@e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		for _, w := range planOf(typed).wants {
			if w.of == "" {
				t.Errorf("%q asks %s", typed, w)
			}
		}
	})
}
