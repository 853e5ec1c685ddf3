package supervisor

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/poddir"
)

const begins, ends = blockBegins + "\n", blockEnds + "\n"

// known is a pod with addresses of networks: "NETWORK=ADDRESS".
func known(name string, addresses ...string) poddir.HostName {
	n := poddir.HostName{Name: name}
	for _, a := range addresses {
		network, address, _ := strings.Cut(a, "=")
		n.Addresses = append(n.Addresses, poddir.HostAddress{Network: network, Address: netip.MustParseAddr(address)})
	}
	return n
}

// from are pods as one finds them that has a default route, and these networks.
func from(all []poddir.HostName, networks []string) []poddir.HostName {
	pods, interfaces := slices.Clone(all), []poddir.Interface{{Routes: []string{"default via 172.16.28.0", "default via fd70::"}}}
	for _, network := range networks {
		interfaces = append(interfaces, poddir.Interface{Network: network})
	}
	for i := range pods {
		pods[i].Addresses = reachable(pods[i].Addresses, interfaces)
	}
	return pods
}

// Who has no way to a pod doesn't know it.
func TestPodsKnowThoseThatTheyReach(t *testing.T) {
	t.Parallel()
	open := poddir.Interface{Network: "default", Routes: []string{"default via 172.16.28.0"}}
	closed := poddir.Interface{Network: "default-restricted"}
	lan := poddir.Interface{Network: "lan", Plugin: "bridge"}
	all := known("web", "default=172.16.28.1", "default-restricted=172.16.29.1", "lan=10.0.0.2", "lan=fd70::2").Addresses
	for name, c := range map[string]struct {
		interfaces []poddir.Interface
		want       string
	}{
		"by a default route, of IPv4":   {[]poddir.Interface{{Routes: open.Routes}}, "172.16.28.1 172.16.29.1 10.0.0.2"},
		"in a network of both":          {[]poddir.Interface{open}, "172.16.28.1"},
		"not one that is closed":        {[]poddir.Interface{closed}, ""},
		"but by another":                {[]poddir.Interface{closed, lan}, "10.0.0.2 fd70::2"},
		"or where both are in all":      {[]poddir.Interface{closed, lan, open}, "172.16.28.1 172.16.29.1 10.0.0.2 fd70::2"},
		"of both kinds in one of these": {[]poddir.Interface{{Network: "lan", Plugin: "bridge"}}, "10.0.0.2 fd70::2"},
	} {
		var got []string
		for _, at := range reachable(all, c.interfaces) {
			got = append(got, at.Address.String())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestBlockHasThePodsThatAreKnownByName(t *testing.T) {
	t.Parallel()
	pods := []poddir.HostName{known("db", "back=10.0.0.3"), known("web", "default=172.16.28.1", "default=fd70::1", "back=10.0.0.2")}
	const db, web, web6, back = "10.0.0.3\tdb\n", "172.16.28.1\tweb\n", "fd70::1\tweb\n", "10.0.0.2\tweb\n"
	for name, c := range map[string]struct {
		hosts, networks, want string // "": it is left alone
	}{
		"of one network":                   {"x\n" + begins + ends, "default", "x\n" + begins + db + web + web6 + ends},
		"of another":                       {begins + ends, "back", begins + db + back + ends},
		"of both":                          {begins + ends, "default back", begins + db + web + web6 + back + ends},
		"of none of theirs":                {begins + ends, "else", begins + db + web + web6 + back + ends},
		"in place of others":               {"1.2.3.4 a\n" + begins + "1.1.1.1 db old\n" + ends + "2.2.2.2 b", "back", "1.2.3.4 a\n" + begins + db + back + ends + "2.2.2.2 b"},
		"but names that are said":          {"1.2.3.4 DB # web\n" + begins + ends, "back", "1.2.3.4 DB # web\n" + begins + back + ends},
		"even below":                       {begins + ends + "1.2.3.4 x web", "back", begins + db + ends + "1.2.3.4 x web"},
		"with other ends of lines":         {blockBegins + "\r\nold\n" + blockEnds + "\r\n", "back", blockBegins + "\r\n" + db + back + blockEnds + "\r\n"},
		"none":                             {"127.0.0.1 localhost\n", "back", ""},
		"only a beginning":                 {begins + "127.0.0.1 localhost\n", "back", ""},
		"only an end":                      {ends + "127.0.0.1 localhost\n", "back", ""},
		"the wrong way round":              {ends + begins, "back", ""},
		"two of them":                      {begins + "old\n" + ends + begins + ends, "back", begins + "old\n" + ends + begins + db + back + ends},
		"one more beginning":               {begins + "mine\n" + begins + ends + begins, "back", begins + "mine\n" + begins + db + back + ends + begins},
		"in a line that is not ours alone": {" " + begins + ends, "back", ""},
	} {
		got, ok := renewed([]byte(c.hosts), from(pods, strings.Fields(c.networks)))
		if string(got) != c.want || ok != (c.want != "") {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, ok, got, c.want)
		}
	}
}

func TestBlockIsBounded(t *testing.T) {
	t.Parallel()
	var pods []poddir.HostName
	for range 5000 {
		pods = append(pods, known("db", "back=10.0.0.3"))
	}
	if got, _ := renewed([]byte(begins+ends), pods); len(got) > maxBlock+len(begins+ends) || len(got) < maxBlock/2 {
		t.Errorf("%d bytes", len(got))
	}
}

func TestFilesBeginWithOneBlock(t *testing.T) {
	t.Parallel()
	for hosts, want := range map[string]string{
		"":                            begins + ends,
		"1.2.3.4 x":                   "1.2.3.4 x\n" + begins + ends,
		begins + "old\n" + ends + "x": begins + "old\n" + ends + "x", // of an image that was an app
		begins + "old":                begins + "old\n" + begins + ends,
	} {
		if got := string(withBlock([]byte(hosts))); got != want {
			t.Errorf("%q: %q, want %q", hosts, got, want)
		}
	}
}

func TestFileIsRenewedWhereItIs(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "hosts")
	long, short := begins+"10.0.0.3\tdatabase\n"+ends+"mine\n", begins+ends+"mine\n"
	if err := os.WriteFile(name, []byte(long), 0o644); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{short, long, short, short + strings.Repeat("x", 5000), long} {
		if err := renewFile(name, func([]byte) ([]byte, bool) { return []byte(want), true }); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(name); string(got) != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	after, err := os.Stat(name)
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("it is another file (%v)", err)
	}
}

// An app can make of its file what it likes, and change it while we do.
func TestFileOfAHostileAppIsLeftAlone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	name := filepath.Join(folder, "hosts")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	never := func([]byte) ([]byte, bool) { t.Error("it was read"); return nil, false }
	must(os.WriteFile(name, nil, 0o644))
	must(os.Truncate(name, 1<<40))
	must(renewFile(name, never))
	must(os.Remove(name))
	must(os.Symlink("/etc/hosts", name))
	if err := renewFile(name, never); err == nil {
		t.Error("a link was followed")
	}
	must(os.Remove(name))

	must(os.WriteFile(name, []byte("a\n"), 0o644))
	times := 0
	must(renewFile(name, func(hosts []byte) ([]byte, bool) {
		if times++; times <= 2 { // it writes after we have read
			must(os.WriteFile(name, append(bytes.Clone(hosts), "b\n"...), 0o644))
		}
		return append([]byte("new\n"), hosts...), true
	}))
	if got, _ := os.ReadFile(name); string(got) != "new\na\nb\nb\n" || times != 3 {
		t.Errorf("%q after %d looks", got, times)
	}
	must(renewFile(name, func(hosts []byte) ([]byte, bool) {
		must(os.WriteFile(name, append(bytes.Clone(hosts), "b\n"...), 0o644))
		return nil, true
	}))
	if got, _ := os.ReadFile(name); !strings.HasPrefix(string(got), "new\na\nb\nb\nb\n") {
		t.Errorf("%q was not left to the app", got)
	}
}

func FuzzBlock(f *testing.F) {
	f.Add(begins+"x\n"+ends, "web")
	f.Add(ends+begins+"127.0.0.1 web\n"+begins+ends+ends, "db")
	f.Fuzz(func(t *testing.T, hosts, name string) {
		whole := withBlock([]byte(hosts))
		if !bytes.HasPrefix(whole, []byte(hosts)) {
			t.Errorf("%q became %q", hosts, whole)
		}
		pods := []poddir.HostName{known("db", "back=10.0.0.3"), known("web", "back=10.0.0.2")}
		full, ok := renewed(whole, pods)
		if !ok {
			t.Fatalf("%q has no block", whole)
		}
		empty, ok := renewed(full, nil)
		if again, _ := renewed(empty, pods); !ok || !bytes.Equal(again, full) {
			t.Errorf("%q, emptied %q, filled again %q", full, empty, again)
		}
	})
}
