package network

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
)

// lookAtFirewall begins to look for what there is to warn of, and closes what it looks
// through when it has.
func (s *Setup) lookAtFirewall(maps *portMaps, ranges []netip.Prefix) {
	if old := oldFirewallWarning(ranges); old != "" {
		s.warnings = append(s.warnings, old)
	}
	s.looking.Go(func() { // ends within the time that its connection has
		defer maps.close()
		s.warnings = append(s.warnings, firewallWarnings(maps.conn, ranges)...)
	})
}

// firewallWarnings looks whether rules of others will not pass on what comes from pods
// and goes to them: one line each, with what to do. Nothing is done about it: who has
// made those rules had reasons, and could no longer tell what they let through.
func firewallWarnings(conn *nftables.Conn, ranges []netip.Prefix) (warnings []string) {
	chains, err := conn.ListChains()
	if err != nil {
		return []string{fmt.Sprintf("whether the host's firewall passes on what pods send could not be seen: %v", err)}
	}
	for _, chain := range chains {
		if hint := hintFor(chain, chains, ranges); hint != "" && !tellsOfPods(conn, chains, chain.Table, ranges) {
			warnings = append(warnings, hint)
		}
	}
	return warnings
}

// hintFor is what to do where a chain passes on only what it knows; "" if it doesn't
// matter.
func hintFor(chain *nftables.Chain, all []*nftables.Chain, ranges []netip.Prefix) string {
	if chain.Hooknum == nil || *chain.Hooknum != *nftables.ChainHookForward || chain.Table.Name == table().Name || !slices.ContainsFunc(ranges, passes(chain.Table.Family)) {
		return ""
	}
	where := fmt.Sprintf("table %s %s, chain %s", familyName(chain.Table.Family), chain.Table.Name, chain.Name)
	if chain.Table.Name == "firewalld" { // its policy is to accept, and its last rule to reject
		return fmt.Sprintf("firewalld may not pass on what pods send (%s): firewall-cmd --permanent --zone=trusted %s && firewall-cmd --reload", where, sources(ranges))
	}
	if chain.Policy == nil || *chain.Policy != nftables.ChainPolicyDrop {
		return ""
	}
	drops := "the host's firewall drops what it doesn't know (" + where + "): let what comes from pods and goes to them pass"
	iptables := "iptables"
	if chain.Table.Family == nftables.TableFamilyIPv6 {
		iptables = "ip6tables"
	}
	switch {
	case chain.Name != "FORWARD": // nft's own
		return fmt.Sprintf(`%s: nft insert rule %s %s %s iifname "%s*" accept, and the same with oifname`, drops, familyName(chain.Table.Family), chain.Table.Name, chain.Name, linkPrefix)
	case has(all, chain.Table, "DOCKER-USER"):
		return fmt.Sprintf("%s; it is Docker's: %[2]s -I DOCKER-USER -i %[3]s+ -j ACCEPT && %[2]s -I DOCKER-USER -o %[3]s+ -j ACCEPT", drops, iptables, linkPrefix)
	case has(all, chain.Table, "ufw-user-forward"), has(all, chain.Table, "ufw6-user-forward"):
		return fmt.Sprintf("%s; it is ufw's: set DEFAULT_FORWARD_POLICY in /etc/default/ufw, or ufw route allow from %s", drops, ranges[0])
	}
	return fmt.Sprintf("%s: %[2]s -I FORWARD -i %[3]s+ -j ACCEPT && %[2]s -I FORWARD -o %[3]s+ -j ACCEPT", drops, iptables, linkPrefix)
}

// passes tells whether packets of a range pass a table of a family.
func passes(family nftables.TableFamily) func(netip.Prefix) bool {
	return func(of netip.Prefix) bool {
		switch family {
		case nftables.TableFamilyINet:
			return true
		case nftables.TableFamilyIPv4:
			return of.Addr().Is4()
		case nftables.TableFamilyIPv6:
			return of.Addr().Is6()
		}
		return false // bridges and single devices: no link of ours is part of them
	}
}

func familyName(f nftables.TableFamily) string {
	switch f {
	case nftables.TableFamilyIPv4:
		return "ip"
	case nftables.TableFamilyIPv6:
		return "ip6"
	}
	return "inet"
}

func sources(ranges []netip.Prefix) string {
	words := make([]string, len(ranges))
	for i, of := range ranges {
		words[i] = "--add-source=" + of.String()
	}
	return strings.Join(words, " ")
}

func has(chains []*nftables.Chain, table *nftables.Table, name string) bool {
	return slices.ContainsFunc(chains, func(c *nftables.Chain) bool {
		return c.Table.Name == table.Name && c.Table.Family == table.Family && c.Name == name
	})
}

// tellsOfPods tells whether somebody has already seen to it: a rule of the table is
// about links of pods, or about their ranges. A chain that can't be read has none.
func tellsOfPods(conn *nftables.Conn, chains []*nftables.Chain, in *nftables.Table, ranges []netip.Prefix) bool {
	return slices.ContainsFunc(chains, func(c *nftables.Chain) bool {
		if c.Table.Name != in.Name || c.Table.Family != in.Family {
			return false
		}
		rules, err := conn.GetRules(in, c)
		return err == nil && slices.ContainsFunc(rules, func(r *nftables.Rule) bool { return slices.ContainsFunc(r.Exprs, isAboutPods(ranges)) })
	})
}

func isAboutPods(ranges []netip.Prefix) func(expr.Any) bool {
	return func(e expr.Any) bool {
		compare, ok := e.(*expr.Cmp)
		if !ok || len(compare.Data) == 0 {
			return false
		}
		return bytes.HasPrefix(compare.Data, []byte(linkPrefix)) || slices.ContainsFunc(ranges, func(of netip.Prefix) bool {
			return len(compare.Data) > 1 && bytes.HasPrefix(of.Addr().AsSlice(), compare.Data)
		})
	}
}
