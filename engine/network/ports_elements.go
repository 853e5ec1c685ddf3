package network

import (
	"encoding/binary"
	"fmt"

	"github.com/google/nftables"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// element is one of a set, with the UUID of the pod that it is for as its comment.
type element struct {
	set *nftables.Set
	nftables.SetElement
}

// key is what there can be only one element of.
func (e element) key() string { return e.set.Name + string(e.Key) + string(e.KeyEnd) }

// port is which port of the host an element leads to a pod, if it does.
func (e element) port() (protocol byte, number int, is bool) {
	if !e.set.IsMap || len(e.Key) < 8 {
		return 0, 0, false
	}
	last := e.Key[len(e.Key)-8:]
	return last[0], int(binary.BigEndian.Uint16(last[4:])), true
}

// elements are all those of all pods. While others change the maps, and for a moment
// longer, a list can lack some, and has others twice in their place: then it is made
// again. On a host that has no peace it is what was seen.
func (m *portMaps) elements() (all []element, err error) {
	const tries = 10
	before, err := m.generation()
	for range tries {
		if err != nil {
			return nil, err
		}
		var after uint32
		if all, err = m.list(); err != nil {
			return nil, err
		}
		if after, err = m.generation(); before == after && !hasTwice(all) {
			return all, err
		}
		before = after
	}
	return all, err
}

func hasTwice(all []element) bool {
	seen := make(map[string]bool, len(all))
	for _, e := range all {
		seen[e.key()] = true
	}
	return len(seen) < len(all)
}

// list reads the maps one after the other. One that isn't there has no elements; what
// can't be read is an error.
func (m *portMaps) list() (all []element, err error) {
	for _, family := range families() {
		for _, set := range m.sets(family) {
			found, err := m.conn.GetSetElements(set)
			if err != nil { // the library doesn't let the kernel's word through
				if there, lost := m.setsThere(); lost == nil && !there[set.Name] {
					continue
				}
				return nil, fmt.Errorf("map %s: %w", set.Name, err)
			}
			for _, e := range found {
				all = append(all, element{set, e})
			}
		}
	}
	return all, nil
}

// generation is the kernel's number for all rules and elements of this namespace as they
// are: each change of any has another.
func (m *portMaps) generation() (uint32, error) {
	answers, err := m.socket.Execute(netlink.Message{
		Header: netlink.Header{Type: unix.NFNL_SUBSYS_NFTABLES<<8 | unix.NFT_MSG_GETGEN, Flags: netlink.Request},
		Data:   make([]byte, 4), // struct nfgenmsg
	})
	if err != nil {
		return 0, fmt.Errorf("nf_tables: %w", err)
	}
	for _, answer := range answers {
		attributes, err := netlink.NewAttributeDecoder(answer.Data[min(4, len(answer.Data)):])
		if err != nil {
			return 0, fmt.Errorf("nf_tables: %w", err)
		}
		attributes.ByteOrder = binary.BigEndian
		for attributes.Next() {
			if attributes.Type() == unix.NFTA_GEN_ID {
				return attributes.Uint32(), nil
			}
		}
	}
	return 0, fmt.Errorf("nf_tables: the kernel doesn't number its changes")
}
