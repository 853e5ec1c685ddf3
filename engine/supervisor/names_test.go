package supervisor

import (
	"slices"
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

func TestNameServersOfTheHostAloneAreLeftOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		host, rest string
		gone       []string
		left       bool
	}{
		"nothing":  {"", "", nil, false},
		"resolved": {"# stub\nnameserver 127.0.0.53\noptions edns0\nsearch lan\n", "# stub\noptions edns0\nsearch lan\n", []string{"127.0.0.53"}, false},
		"some": {
			"nameserver 127.0.0.1\nnameserver ::1\nnameserver\t1.1.1.1\nnameserver 2001:db8::1", "nameserver\t1.1.1.1\nnameserver 2001:db8::1",
			[]string{"127.0.0.1", "::1"}, true,
		},
		"on a link of the host's": {"nameserver fe80::1%eth0\nnameserver fe80::2\n", "", []string{"fe80::1%eth0", "fe80::2"}, false},
		"any, and a mapped one":   {"nameserver 0.0.0.0\nnameserver ::\nnameserver ::ffff:127.0.0.1\n", "", []string{"0.0.0.0", "::", "::ffff:127.0.0.1"}, false},
		"a cloud's":               {"nameserver 169.254.169.253\n", "nameserver 169.254.169.253\n", nil, true},
		"what is none":            {"#nameserver 127.0.0.1\nnameserver x\n nameserver 1.1.1.1\nnameserver\n", "#nameserver 127.0.0.1\nnameserver x\n nameserver 1.1.1.1\nnameserver\n", nil, false},
	} {
		rest, gone, left := withoutLocal([]byte(c.host))
		if string(rest) != c.rest || !slices.Equal(gone, c.gone) || left != c.left {
			t.Errorf("%s: %q, without %q, left %v; want %q, %q, %v", name, rest, gone, left, c.rest, c.gone, c.left)
		}
	}
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

func FuzzWithoutLocal(f *testing.F) {
	f.Add("nameserver 127.0.0.53\nnameserver 1.1.1.1 # x\nsearch lan")
	f.Fuzz(func(t *testing.T, host string) {
		rest, gone, left := withoutLocal([]byte(host))
		again, more, still := withoutLocal(rest)
		if string(again) != string(rest) || len(more) > 0 || still != left {
			t.Errorf("%q: %q, and once more %q without %q", host, rest, again, more)
		}
		if len(gone) == 0 && string(rest) != host {
			t.Errorf("%q became %q", host, rest)
		}
	})
}
