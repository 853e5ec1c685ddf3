package network

import (
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/network/nettest"
)

const somePod = "6a0b9a4e-2d3f-4f5c-9f55-0a4a4ae9f0d1"

// What names the pod goes, and nothing else.
func TestRulesOfAPodAreUndone(t *testing.T) {
	t.Parallel()
	of := rulesOf("web", somePod)
	masq, dnat := of.chains[0], of.chains[1]
	other := rulesOf("web", "another").chains[0]
	for _, c := range []struct{ name, saved, want string }{
		{"nothing", "", ""},
		{"of others", "*nat\n:POSTROUTING ACCEPT [0:0]\n:" + other + " - [0:0]\n-A POSTROUTING -s 10.0.0.2/32 -j " + other + "\nCOMMIT\n", ""},
		{
			"of the pod and others", "# Generated\n*nat\n:POSTROUTING ACCEPT [0:0]\n:" + masq + " - [0:0]\n:" + other + " - [0:0]\n" +
				"-A POSTROUTING -s 10.0.0.2/32 -j " + other + "\n-A POSTROUTING -s 10.0.0.3/32 -m comment --comment \"name: \\\"web\\\" id: \\\"" + somePod + "\\\"\" -j " + masq + "\n" +
				"-A " + masq + " -d 10.0.0.0/16 -m comment --comment \"id: \\\"" + somePod + "\\\"\" -j ACCEPT\nCOMMIT\n*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n",
			"*nat\n-D POSTROUTING -s 10.0.0.3/32 -m comment --comment \"name: \\\"web\\\" id: \\\"" + somePod + "\\\"\" -j " + masq + "\n-F " + masq + "\n-X " + masq + "\nCOMMIT\n",
		},
		{"a chain nobody uses yet", "*nat\n:" + dnat + " - [0:0]\nCOMMIT\n", "*nat\n-F " + dnat + "\n-X " + dnat + "\nCOMMIT\n"},
		{"a jump without a word", "*nat\n-A CNI-HOSTPORT-DNAT -p tcp -j " + dnat + "\nCOMMIT\n", "*nat\n-D CNI-HOSTPORT-DNAT -p tcp -j " + dnat + "\nCOMMIT\n"},
		{"a rule of an extension", "*filter\n-A FORWARD -m comment --comment " + somePod + " -j DROP\nCOMMIT\n", "*filter\n-D FORWARD -m comment --comment " + somePod + " -j DROP\nCOMMIT\n"},
	} {
		if got := of.undo(c.saved); got != c.want {
			t.Errorf("%s: %s\nnot: %s", c.name, got, c.want)
		}
	}
}

// The kernel takes it all, or nothing; and others' rules are as they were.
func TestRulesAreSwept(t *testing.T) {
	t.Parallel()
	needPlugins(t)
	host := nettest.New(t, "host")
	of := rulesOf("web", somePod)
	host.Run("iptables", "-t", "nat", "-A", "POSTROUTING", "-s", "10.9.9.9", "-m", "comment", "--comment", `another's "rule"`, "-j", "MASQUERADE")
	host.Run("iptables", "-A", "FORWARD", "-s", "10.9.9.9", "-j", "DROP")
	host.Run("ip6tables", "-t", "nat", "-N", "CNI-OTHER")
	host.Run("ip6tables", "-t", "nat", "-A", "POSTROUTING", "-s", "fd99::9", "-j", "CNI-OTHER")
	before := host.Run("nft", "list", "ruleset")
	for _, program := range []string{"iptables", "ip6tables"} {
		host.Run(program, "-t", "nat", "-N", of.chains[0])
		host.Run(program, "-t", "nat", "-A", "POSTROUTING", "-m", "comment", "--comment", `name: "web" id: "`+somePod+`"`, "-j", of.chains[0])
		host.Run(program, "-t", "nat", "-A", of.chains[0], "-m", "comment", "--comment", `name: "web" id: "`+somePod+`"`, "-j", "MASQUERADE")
	}
	host.Do(func() {
		if err := sweepRules(t.Context(), pluginPath(), of); err != nil {
			t.Error(err)
		}
		if err := sweepRules(t.Context(), t.TempDir(), of); err != nil {
			t.Errorf("without iptables: %v", err)
		}
	})
	if changed := nettest.Changed(before, host.Run("nft", "list", "ruleset")); changed != "" {
		t.Errorf("others' rules: %s", changed)
	}
	if saved := host.Run("iptables-save") + host.Run("ip6tables-save"); of.undo(saved) != "" || strings.Contains(saved, somePod) {
		t.Errorf("left: %s", saved)
	}
}

// FuzzUndo has others write anything into comments.
func FuzzUndo(f *testing.F) {
	f.Add("*nat\n:CNI-X - [0:0]\n-A POSTROUTING -m comment --comment \"" + somePod + "\" -j CNI-X\nCOMMIT\n")
	f.Add("*nat\n-A X -j")
	of := rulesOf("web", somePod)
	f.Fuzz(func(t *testing.T, saved string) {
		for line := range strings.Lines(of.undo(saved)) {
			line = strings.TrimSuffix(line, "\n")
			switch {
			case strings.HasPrefix(line, "-D"):
				if !strings.Contains(saved, "-A"+line[2:]) {
					t.Errorf("a rule that is not there: %q", line)
				}
			case strings.HasPrefix(line, "-F "), strings.HasPrefix(line, "-X "):
				if !strings.Contains(saved, ":"+line[3:]) {
					t.Errorf("a chain that is not there: %q", line)
				}
			case line != "COMMIT" && !strings.HasPrefix(line, "*") && line != "":
				t.Errorf("%q", line)
			}
		}
	})
}
