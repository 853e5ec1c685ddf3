package network

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/network/nettest"
)

// What somebody has taken away or changed of our rules is put right by the next start,
// and by forty of them at once in one piece.
func TestRulesAreMended(t *testing.T) {
	t.Parallel()
	for _, harm := range []string{
		"flush ruleset",
		"flush chain inet podtui masquerade_172.16.28.0-24",
		"delete table inet podtui",
		"flush chain inet podtui ports_guard",
		"flush chain inet podtui pods_forward; delete chain inet podtui pods_forward",
		"add rule inet podtui masquerade_172.16.28.0-24 counter",
		"insert rule inet podtui masquerade_172.16.28.0-24 accept; delete rule inet podtui masquerade_172.16.28.0-24 handle 2",
	} {
		t.Run(harm, func(t *testing.T) {
			t.Parallel()
			host, data := nettest.New(t, "host"), t.TempDir()
			newGuest(t, host, data).mustSetUp("default")
			whole := host.Run("nft", "list", "ruleset")
			host.Run("nft", harm)
			if host.Run("nft", "list", "ruleset") == whole {
				t.Fatal("nothing was harmed")
			}
			pods := []*guest{newGuest(t, host, data), newGuest(t, host, data), newGuest(t, host, data)}
			if err := errors.Join(setUpAll(pods, "default")...); err != nil {
				t.Fatal(err)
			}
			if rules := host.Run("nft", "list", "ruleset"); rules != whole {
				t.Errorf("%s\nnot:\n%s", rules, whole)
			}
		})
	}
}

// Rules that somebody saves and loads again are the same.
func TestRulesCanBeSavedAndLoaded(t *testing.T) {
	t.Parallel()
	host, data := nettest.New(t, "host"), t.TempDir()
	newGuest(t, host, data).mustSetUp("default6", "default-restricted")
	saved := host.Run("nft", "list", "ruleset")
	host.Run("nft", "flush", "ruleset")
	host.NFT(saved)
	newGuest(t, host, data).mustSetUp("default6")
	if rules := host.Run("nft", "list", "ruleset"); rules != saved {
		t.Errorf("%s\nnot:\n%s", rules, saved)
	}
}

func TestKernelWithoutTablesIsTold(t *testing.T) {
	t.Parallel()
	for _, err := range []error{unix.EINVAL, unix.ENOENT, unix.EPROTONOSUPPORT, unix.EOPNOTSUPP} {
		if said := noTables(fmt.Errorf("conn.Receive: %w", err)); !strings.Contains(said.Error(), "the kernel has no nf_tables") {
			t.Errorf("%v: %v", err, said)
		}
	}
	// So the kernel answers, asked for a kind of chain that it has not.
	host := nettest.New(t, "host")
	host.Do(func() {
		conn, err := nftables.New(nftables.AsLasting())
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.CloseLasting() }()
		conn.AddChain(&nftables.Chain{Table: table(), Name: "x", Type: "nothing", Hooknum: nftables.ChainHookForward, Priority: nftables.ChainPriorityFilter})
		if err := noTables(conn.Flush()); err == nil || !strings.Contains(err.Error(), "no nf_tables") {
			t.Errorf("%v", err)
		}
	})
	if err := noTables(context.Canceled); strings.Contains(err.Error(), "kernel") {
		t.Error(err)
	}
}
