package network

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"github.com/google/nftables/userdata"
)

// guards are the rules that keep pods from what is not theirs, and others from pods.
// They name no pod. Every start has them there, whatever the pod is to have: rules that
// somebody has flushed kept out others as well.
func (m *portMaps) guards() []chain { return []chain{m.loopbackGuard(), m.forwardGuard()} }

// secure has the guards there, and has what leaves ranges look like the host. Others may
// do so at the same moment: a chain is emptied and filled in one transaction, so that it
// has each rule once in any case.
func (m *portMaps) secure(ctx context.Context, leaving []netip.Prefix) error {
	return noTables(retry(ctx, func() error {
		missing := false
		lay := func(c chain, version string) {
			if !m.laid(c, version) {
				missing = true
				m.fill(c, version)
			}
		}
		for _, of := range leaving {
			lay(m.masquerade(of), masqueradeComment)
		}
		for _, c := range m.guards() {
			lay(c, portsVersion)
		}
		if !missing {
			return nil
		}
		return m.conn.Flush()
	}))
}

// laid tells whether a chain has its rules. Where that can't be seen it hasn't, and
// filling it tells why: the library keeps the kernel's answer to that.
func (m *portMaps) laid(c chain, version string) bool {
	rules, err := m.conn.GetRules(m.table, c.Chain)
	return err == nil && (newer(rules, version) || len(rules) == len(c.rules) && !slices.ContainsFunc(rules, func(r *nftables.Rule) bool {
		comment, _ := userdata.GetString(r.UserData, userdata.TypeComment)
		return comment != version
	}))
}

// newer tells whether all of some rules are of a podtui that is newer than this one,
// whose rules are not put back. The number of a version is its last word.
func newer(rules []*nftables.Rule, version string) bool {
	cut := strings.LastIndexByte(version, ' ') + 1
	own, _ := strconv.Atoi(version[cut:])
	return len(rules) > 0 && !slices.ContainsFunc(rules, func(r *nftables.Rule) bool {
		comment, _ := userdata.GetString(r.UserData, userdata.TypeComment)
		number, is := strings.CutPrefix(comment, version[:cut])
		n, err := strconv.Atoi(number)
		return !is || err != nil || n <= own
	})
}

func (m *portMaps) fill(c chain, version string) {
	m.conn.AddTable(m.table)
	m.conn.AddChain(c.Chain)
	m.conn.FlushChain(c.Chain)
	for _, rule := range c.rules {
		m.conn.AddRule(&nftables.Rule{
			Table: m.table, Chain: c.Chain, Exprs: rule,
			UserData: userdata.AppendString(nil, userdata.TypeComment, version),
		})
	}
}

// closedGroup is the group of the host's ends of links whose pods reach the host and
// nothing beyond it. It is the link's, as networks of one range may differ in that.
const closedGroup = 0x70740001

// forwardGuard decides about what the host passes on. Whoever is on a network of the
// host's can have a route to a pod's address, and a pod can give itself one to anywhere:
// what is not published is not reached, and who has no way out makes none.
func (m *portMaps) forwardGuard() chain {
	verdict := func(kind expr.VerdictKind) []expr.Any { return []expr.Any{&expr.Verdict{Kind: kind}} }
	return chain{
		Chain: &nftables.Chain{
			Table: m.table, Name: "pods_forward", Type: nftables.ChainTypeFilter,
			Hooknum: nftables.ChainHookForward, Priority: nftables.ChainPriorityFilter,
		},
		rules: [][]expr.Any{
			rule(tracked(expr.CtKeySTATE, expr.CtStateBitESTABLISHED|expr.CtStateBitRELATED), verdict(expr.VerdictAccept)),
			rule(tracked(expr.CtKeySTATUS, statusDNAT), verdict(expr.VerdictAccept)),
			rule(podLink(expr.MetaKeyOIFNAME, expr.CmpOpEq), podLink(expr.MetaKeyIIFNAME, expr.CmpOpNeq), verdict(expr.VerdictDrop)),
			rule([]expr.Any{
				&expr.Meta{Key: expr.MetaKeyIIFGROUP, Register: 1},
				&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binaryutil.NativeEndian.PutUint32(closedGroup)},
			}, verdict(expr.VerdictDrop)),
		},
	}
}

// borrowed drops what a pod sends with an IPv6 address that is not its own; for IPv4 the
// link's rp_filter does (guardLink).
func borrowed() []expr.Any {
	return rule(podLink(expr.MetaKeyIIFNAME, expr.CmpOpEq), families()[1].is(), []expr.Any{
		&expr.Fib{Register: 1, FlagSADDR: true, FlagIIF: true, FlagPRESENT: true, ResultOIF: true},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{0, 0, 0, 0}},
		&expr.Verdict{Kind: expr.VerdictDrop},
	})
}

const statusDNAT = 1 << 5 // IPS_DST_NAT

// tracked takes packets of whose connection some of the bits are set.
func tracked(key expr.CtKey, bits uint32) []expr.Any {
	return []expr.Any{
		&expr.Ct{Key: key, Register: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: binaryutil.NativeEndian.PutUint32(bits), Xor: make([]byte, 4)},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: make([]byte, 4)},
	}
}

// podLink compares a link's name with how those of pods begin.
func podLink(key expr.MetaKey, op expr.CmpOp) []expr.Any {
	return []expr.Any{&expr.Meta{Key: key, Register: 1}, &expr.Cmp{Op: op, Register: 1, Data: []byte(linkPrefix)}}
}
