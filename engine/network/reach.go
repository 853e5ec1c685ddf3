package network

import (
	"net/netip"
	"slices"

	"github.com/podtui/podtui/engine/poddir"
)

// Reaches tells whether a pod with these interfaces comes to another's address in a
// network. Plugins connect the pods of a network; podtui's own networks connect each
// with the host alone, which passes on what comes by a default route. So one of
// default-restricted comes to nobody, though others come to it.
func Reaches(interfaces []poddir.Interface, network string, address netip.Addr) bool {
	return slices.ContainsFunc(interfaces, func(i poddir.Interface) bool {
		return i.Plugin != "" && i.Network == network || hasDefault(i.Routes, address)
	})
}
