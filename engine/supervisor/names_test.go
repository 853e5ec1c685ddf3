package supervisor

import (
	"bytes"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/spec"
)

func TestResolvConfIsTheHostsOrWhatThePodSays(t *testing.T) {
	t.Parallel()
	const host = "# of the host\nnameserver 127.0.0.53\noptions edns0 trust-ad\nsearch lan\n"
	for name, c := range map[string]struct {
		host string
		dns  spec.DNS
		want string
	}{
		"the host's, byte for byte": {host, spec.DNS{}, host},
		"of a host without one":     {"", spec.DNS{}, ""},
		"a last line without an end": {
			"nameserver 1.1.1.1", spec.DNS{Options: []string{"rotate"}}, "nameserver 1.1.1.1\noptions rotate\n",
		},
		"servers are all there is": {
			host, spec.DNS{Servers: []string{"1.1.1.1", "2001:db8::1"}}, "nameserver 1.1.1.1\nnameserver 2001:db8::1\n",
		},
		"search in place of the host's": {
			host, spec.DNS{Search: []string{"a.example", "b.example"}},
			"# of the host\nnameserver 127.0.0.53\noptions edns0 trust-ad\nsearch a.example b.example\n",
		},
		"search in place of the host's domain": {
			"domain lan\nnameserver 1.1.1.1\n", spec.DNS{Search: []string{"x"}}, "nameserver 1.1.1.1\nsearch x\n",
		},
		"options in place of the host's": {
			host, spec.DNS{Options: []string{"ndots:2", "rotate"}},
			"# of the host\nnameserver 127.0.0.53\nsearch lan\noptions ndots:2 rotate\n",
		},
		"all of it": {
			host, spec.DNS{Servers: []string{"9.9.9.9"}, Search: []string{"x"}, Options: []string{"rotate"}},
			"nameserver 9.9.9.9\nsearch x\noptions rotate\n",
		},
	} {
		if got := string(resolvConf([]byte(c.host), c.dns)); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestHostsFileAddsWhatTheImageHasNotSaid(t *testing.T) {
	t.Parallel()
	const v4, v6 = "127.0.0.1\tlocalhost\n", "::1\tlocalhost ip6-localhost ip6-loopback\n"
	entries := []spec.HostsEntry{{IP: "10.0.0.5", Name: "db"}, {IP: "2001:db8::5", Name: "db"}}
	for name, c := range map[string]struct {
		image, hostname string
		entries         []spec.HostsEntry
		want            string
	}{
		"nothing in the image":       {"", "web", nil, v4 + v6 + "127.0.0.1\tweb\n"},
		"a name with dots":           {"", "web.example.com", nil, v4 + v6 + "127.0.0.1\tweb.example.com web\n"},
		"entries first, in order":    {"1.2.3.4 db\n", "web", entries, "10.0.0.5\tdb\n2001:db8::5\tdb\n" + v4 + v6 + "127.0.0.1\tweb\n1.2.3.4 db\n"},
		"localhost of the image":     {"127.0.0.1 localhost\n", "web", nil, v6 + "127.0.0.1\tweb\n127.0.0.1 localhost\n"},
		"both of the image's":        {"127.0.0.1\tLocalHost\n::1 x localhost", "web", nil, "127.0.0.1\tweb\n127.0.0.1\tLocalHost\n::1 x localhost"},
		"the host name of the image": {"127.0.1.1 web\n", "web", nil, v4 + v6 + "127.0.1.1 web\n"},
		"one that leads elsewhere":   {"8.8.8.8 localhost web\n", "web", nil, v4 + v6 + "127.0.0.1\tweb\n8.8.8.8 localhost web\n"},
		"one in a comment":           {"# 127.0.0.1 localhost\n", "web", nil, v4 + v6 + "127.0.0.1\tweb\n# 127.0.0.1 localhost\n"},
		"an entry for the host name": {"", "web", []spec.HostsEntry{{IP: "10.0.0.9", Name: "WEB"}}, "10.0.0.9\tWEB\n" + v4 + v6},
	} {
		if got := string(hostsFile([]byte(c.image), c.hostname, c.entries)); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func FuzzHostsFile(f *testing.F) {
	f.Add("127.0.0.1 localhost\n::1\tlocalhost # both\n", "web")
	f.Add("\x00\xff 127.0.0.1", "a.b")
	f.Fuzz(func(t *testing.T, image, hostname string) {
		got := hostsFile([]byte(image), hostname, nil)
		if !bytes.HasSuffix(got, []byte(image)) {
			t.Errorf("%q lacks what the image says", got)
		}
		if known := loopbackNames(got); !known[loopbackName{"localhost", false}] || !known[loopbackName{"localhost", true}] {
			t.Errorf("%q lacks localhost", got)
		}
	})
}

func FuzzResolvConf(f *testing.F) {
	f.Add("nameserver 127.0.0.53\nsearch lan\n", "example.com")
	f.Fuzz(func(t *testing.T, host, search string) {
		if got := resolvConf([]byte(host), spec.DNS{}); !strings.HasPrefix(string(got), host) {
			t.Errorf("%q is not the host's %q", got, host)
		}
		got := resolvConf([]byte(host), spec.DNS{Search: []string{search}})
		if !strings.HasSuffix(string(got), "search "+search+"\n") {
			t.Errorf("%q lacks the pod's search", got)
		}
	})
}
