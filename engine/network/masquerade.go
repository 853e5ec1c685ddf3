package network

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// table is the one table of the host's rules that is podtui's.
func table() *nftables.Table {
	return &nftables.Table{Name: "podtui", Family: nftables.TableFamilyINet}
}

// masquerade has what leaves a range look like the host. There is one chain for each
// range, with one rule that names no pod: it is added if it is missing, and stays.
func (m *portMaps) masquerade(of netip.Prefix) chain {
	// Who saves rules and loads them again needs a name that nft can read.
	name := "masquerade_" + strings.NewReplacer(":", "_", "/", "-").Replace(of.String())
	return chain{
		Chain: &nftables.Chain{
			Table: m.table, Name: name, Type: nftables.ChainTypeNAT,
			Hooknum: nftables.ChainHookPostrouting, Priority: nftables.ChainPriorityNATSource,
		},
		rules: [][]expr.Any{leaving(of)},
	}
}

// masqueradeComment is what the rule is known by. It changes with the rule.
const masqueradeComment = "podtui: leaves as the host, version 1"

// leaving is the rule: from the range, and not to it.
func leaving(of netip.Prefix) []expr.Any {
	protocol, source, length := byte(unix.NFPROTO_IPV4), uint32(12), uint32(4)
	if of.Addr().Is6() {
		protocol, source, length = unix.NFPROTO_IPV6, 8, 16
	}
	compare := func(op expr.CmpOp, offset uint32) []expr.Any {
		return []expr.Any{
			&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: length},
			&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: length, Mask: ipNet(of).Mask, Xor: make([]byte, length)},
			&expr.Cmp{Op: op, Register: 1, Data: of.Masked().Addr().AsSlice()},
		}
	}
	rule := []expr.Any{
		&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{protocol}},
	}
	rule = append(rule, compare(expr.CmpOpEq, source)...)
	rule = append(rule, compare(expr.CmpOpNeq, source+length)...)
	return append(rule, &expr.Masq{})
}

// noTables says what the kernel's words mean where it lacks what the rules take.
func noTables(err error) error {
	switch {
	case lacksTables(err):
		return fmt.Errorf("the kernel has no nf_tables with NAT (modules nf_tables, nft_chain_nat, nft_masq, nft_ct, nft_fib_inet), which private networks take; the older iptables don't serve: %w", err)
	case err != nil:
		return fmt.Errorf("nf_tables: %w", err)
	}
	return nil
}

// lacksTables knows the kernel's answers where it lacks a whole subsystem (EINVAL, or no
// socket), and where it lacks a part (ENOENT).
func lacksTables(err error) bool {
	return slices.ContainsFunc([]error{unix.EINVAL, unix.ENOENT, unix.EPROTONOSUPPORT, unix.EOPNOTSUPP, unix.EAFNOSUPPORT}, func(lacks error) bool { return errors.Is(err, lacks) })
}
