package network

import (
	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// family is what the rules of one version of IP differ in.
type family struct {
	name         string // of its maps begins with it
	protocol     byte
	address      nftables.SetDatatype
	source, dest uint32 // where a header has its addresses
	sets         uint32 // the first number of its maps; the library's own are not for two goroutines
}

func families() []family {
	return []family{
		{"ports4", unix.NFPROTO_IPV4, nftables.TypeIPAddr, 12, 16, 1},
		{"ports6", unix.NFPROTO_IPV6, nftables.TypeIP6Addr, 8, 24, 4},
	}
}

const at = "_at" // how the names of maps end that are about one address of the host

// sets are the maps of a family: ports on one address of the host, ports on all of its
// addresses, and who has to be told the host's address instead of the client's.
func (m *portMaps) sets(f family) []*nftables.Set {
	return []*nftables.Set{m.one(f), m.all(f), m.masked(f)}
}

func (m *portMaps) one(f family) *nftables.Set {
	return &nftables.Set{
		Table: m.table, ID: f.sets, Name: f.name + at, IsMap: true, Concatenation: true,
		KeyType:  nftables.MustConcatSetType(f.address, nftables.TypeInetProto, nftables.TypeInetService),
		DataType: nftables.MustConcatSetType(f.address, nftables.TypeInetService),
	}
}

func (m *portMaps) all(f family) *nftables.Set {
	return &nftables.Set{
		Table: m.table, ID: f.sets + 1, Name: f.name + "_any", IsMap: true, Concatenation: true,
		KeyType:  nftables.MustConcatSetType(nftables.TypeInetProto, nftables.TypeInetService),
		DataType: nftables.MustConcatSetType(f.address, nftables.TypeInetService),
	}
}

// masked are pairs of client and pod.
func (m *portMaps) masked(f family) *nftables.Set {
	return &nftables.Set{
		Table: m.table, ID: f.sets + 2, Name: f.name + "_masked", Interval: true, Concatenation: true,
		KeyType: nftables.MustConcatSetType(f.address, f.address),
	}
}

type chain struct {
	*nftables.Chain

	rules [][]expr.Any
}

// chains are the rules. What comes from outside and what comes from the host itself
// pass different ones; no others of ours decide about a port.
func (m *portMaps) chains() []chain {
	nat := func(name string, hook *nftables.ChainHook, priority *nftables.ChainPriority) chain {
		return chain{Chain: &nftables.Chain{Table: m.table, Name: name, Type: nftables.ChainTypeNAT, Hooknum: hook, Priority: priority}}
	}
	incoming := nat("ports_in", nftables.ChainHookPrerouting, nftables.ChainPriorityNATDest)
	own := nat("ports_own", nftables.ChainHookOutput, nftables.ChainPriorityNATDest)
	masking := nat("ports_masked", nftables.ChainHookPostrouting, nftables.ChainPriorityNATSource)
	for _, f := range families() {
		for _, set := range []*nftables.Set{m.one(f), m.all(f)} {
			lead := append(notAlone(f), f.lead(set)...)
			own.rules = append(own.rules, rule(f.is(), toHost(), lead))
			if f.protocol == unix.NFPROTO_IPV4 {
				lead = append(loopback(expr.CmpOpNeq, f.dest), lead...)
			}
			incoming.rules = append(incoming.rules, rule(f.is(), toHost(), lead))
		}
		masking.rules = append(masking.rules, rule(f.is(), f.mask(m.masked(f))))
	}
	return append(m.guards(), incoming, own, masking)
}

const metaIIFKind = 26 // NFT_META_IIFKIND, since Linux 4.19

// loopbackGuard drops what comes from elsewhere but has an address that is only for
// the host itself. The kernel does that, but not on links where it is told to route
// such addresses: pods' are told, or nobody on the host reached a port by 127.0.0.1
// (openLocalhost). A VRF has a loopback of its own.
func (m *portMaps) loopbackGuard() chain {
	c := chain{Chain: &nftables.Chain{
		Table: m.table, Name: "ports_guard", Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookPrerouting, Priority: nftables.ChainPriorityRaw,
	}}
	v4 := families()[0]
	for _, offset := range []uint32{v4.source, v4.dest} {
		c.rules = append(c.rules, rule(v4.is(), loopback(expr.CmpOpEq, offset), []expr.Any{
			&expr.Meta{Key: expr.MetaKeyIIFTYPE, Register: 1},
			&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: binaryutil.NativeEndian.PutUint16(unix.ARPHRD_LOOPBACK)},
			&expr.Meta{Key: metaIIFKind, Register: 1},
			&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: append([]byte("vrf"), make([]byte, unix.IFNAMSIZ-3)...)},
			&expr.Verdict{Kind: expr.VerdictDrop},
		}))
	}
	c.rules = append(c.rules, borrowed())
	return c
}

func rule(parts ...[]expr.Any) []expr.Any {
	var whole []expr.Any
	for _, part := range parts {
		whole = append(whole, part...)
	}
	return whole
}

func (f family) is() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{f.protocol}},
	}
}

// toHost takes packets to any address that the host has by now: fib daddr type local.
func toHost() []expr.Any {
	return []expr.Any{
		&expr.Fib{Register: 1, FlagDADDR: true, ResultADDRTYPE: true},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binaryutil.NativeEndian.PutUint32(unix.RTN_LOCAL)},
	}
}

// loopback compares an address with 127.0.0.0/8.
func loopback(op expr.CmpOp, offset uint32) []expr.Any {
	return []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: 1},
		&expr.Cmp{Op: op, Register: 1, Data: []byte{127}},
	}
}

// notAlone leaves out addresses that the kernel does not route: fe80::/10 and ::1.
// Who connects to a port there is refused.
func notAlone(f family) []expr.Any {
	if f.protocol == unix.NFPROTO_IPV4 {
		return nil
	}
	return []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: f.dest, Len: 16},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: append(make([]byte, 15), 1)},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: f.dest, Len: 16},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 16, Mask: append([]byte{0xff, 0xc0}, make([]byte, 14)...), Xor: make([]byte, 16)},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: append([]byte{0xfe, 0x80}, make([]byte, 14)...)},
	}
}

// lead looks a packet's port up in a map and sends the packet there. What isn't in the
// map goes on to the next rule.
func (f family) lead(set *nftables.Set) []expr.Any {
	next := uint32(unix.NFT_REG32_00)
	var lead []expr.Any
	if set.Name == f.name+at {
		lead = append(lead, &expr.Payload{DestRegister: next, Base: expr.PayloadBaseNetworkHeader, Offset: f.dest, Len: f.address.Bytes})
		next += f.address.Bytes / 4
	}
	return append(lead,
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: next},
		&expr.Payload{DestRegister: next + 1, Base: expr.PayloadBaseTransportHeader, Offset: 2, Len: 2},
		&expr.Lookup{SourceRegister: unix.NFT_REG32_00, DestRegister: unix.NFT_REG32_00, IsDestRegSet: true, SetName: set.Name},
		&expr.NAT{
			Type: expr.NATTypeDestNAT, Family: uint32(f.protocol),
			RegAddrMin: unix.NFT_REG32_00, RegProtoMin: unix.NFT_REG32_00 + f.address.Bytes/4, Specified: true,
		})
}

// mask has a client that came by a published port look like the host, if it is masked.
func (f family) mask(set *nftables.Set) []expr.Any {
	return append(tracked(expr.CtKeySTATUS, statusDNAT), []expr.Any{
		&expr.Payload{DestRegister: unix.NFT_REG32_00, Base: expr.PayloadBaseNetworkHeader, Offset: f.source, Len: f.address.Bytes},
		&expr.Payload{DestRegister: unix.NFT_REG32_00 + f.address.Bytes/4, Base: expr.PayloadBaseNetworkHeader, Offset: f.dest, Len: f.address.Bytes},
		&expr.Lookup{SourceRegister: unix.NFT_REG32_00, SetName: set.Name},
		&expr.Masq{},
	}...)
}
