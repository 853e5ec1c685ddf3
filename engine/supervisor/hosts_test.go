package supervisor

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/podtui/podtui/engine/spec"
)

func TestHostsFileAddsWhatTheImageHasNotSaid(t *testing.T) {
	t.Parallel()
	const v4, v6 = "127.0.0.1\tlocalhost\n", "::1\tlocalhost ip6-localhost ip6-loopback\n"
	entries := []spec.HostsEntry{{IP: "10.0.0.5", Name: "db"}, {IP: "2001:db8::5", Name: "db"}}
	own := []netip.Addr{netip.MustParseAddr("172.16.28.1"), netip.MustParseAddr("fd70::1")}
	for name, c := range map[string]struct {
		image, hostname string
		own             []netip.Addr
		entries         []spec.HostsEntry
		want            string
	}{
		"nothing in the image":                     {"", "web", nil, nil, v4 + v6 + "127.0.0.1\tweb\n"},
		"a name with dots":                         {"", "web.example.com", nil, nil, v4 + v6 + "127.0.0.1\tweb.example.com web\n"},
		"entries first, in order":                  {"1.2.3.4 db\n", "web", nil, entries, "10.0.0.5\tdb\n2001:db8::5\tdb\n" + v4 + v6 + "127.0.0.1\tweb\n1.2.3.4 db\n"},
		"localhost of the image":                   {"127.0.0.1 localhost\n", "web", nil, nil, v6 + "127.0.0.1\tweb\n127.0.0.1 localhost\n"},
		"both of the image's":                      {"127.0.0.1\tLocalHost\n::1 x localhost", "web", nil, nil, "127.0.0.1\tweb\n127.0.0.1\tLocalHost\n::1 x localhost"},
		"the host name of the image":               {"127.0.1.1 web\n", "web", nil, nil, v4 + v6 + "127.0.1.1 web\n"},
		"one that leads elsewhere":                 {"8.8.8.8 localhost web\n", "web", nil, nil, v4 + v6 + "127.0.0.1\tweb\n8.8.8.8 localhost web\n"},
		"one in a comment":                         {"# 127.0.0.1 localhost\n", "web", nil, nil, v4 + v6 + "127.0.0.1\tweb\n# 127.0.0.1 localhost\n"},
		"an entry for the host name":               {"", "web", nil, []spec.HostsEntry{{IP: "10.0.0.9", Name: "WEB"}}, "10.0.0.9\tWEB\n" + v4 + v6},
		"addresses of its own":                     {"127.0.1.1 web\n", "web.lan", own, nil, v4 + v6 + "172.16.28.1\tweb.lan web\nfd70::1\tweb.lan web\n127.0.1.1 web\n"},
		"of a name that is the image's loopback's": {"127.0.1.1 web\n", "web", own[:1], nil, v4 + v6 + "172.16.28.1\tweb\n127.0.1.1 web\n"},
		"and an entry for it":                      {"", "web", own, []spec.HostsEntry{{IP: "10.0.0.9", Name: "web"}}, "10.0.0.9\tweb\n" + v4 + v6},
		"a host that is called localhost":          {"", "localhost.lan", own, nil, v4 + v6 + "127.0.0.1\tlocalhost.lan localhost\n"},
	} {
		if got := string(hostsFile([]byte(c.image), c.hostname, c.own, c.entries)); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func FuzzHostsFile(f *testing.F) {
	f.Add("127.0.0.1 localhost\n::1\tlocalhost # both\n", "web")
	f.Add("\x00\xff 127.0.0.1", "a.b")
	f.Fuzz(func(t *testing.T, image, hostname string) {
		got := hostsFile([]byte(image), hostname, nil, nil)
		if !bytes.HasSuffix(got, []byte(image)) {
			t.Errorf("%q lacks what the image says", got)
		}
		if known := loopbackNames(got); !known[loopbackName{"localhost", false}] || !known[loopbackName{"localhost", true}] {
			t.Errorf("%q lacks localhost", got)
		}
	})
}
