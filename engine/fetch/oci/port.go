package oci

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/appc/spec/schema/types"
)

// ports makes a port of each EXPOSE, called 8080-tcp, or 8000-8010-tcp if it is
// a range, sorted by number. One that is no port is left to the annotation that
// keeps them all.
func ports[V any](exposed map[string]V) []types.Port {
	var list []types.Port
	for text := range exposed {
		if p, ok := parsePort(text); ok {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b types.Port) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.Count, b.Count), cmp.Compare(a.Protocol, b.Protocol))
	})
	return slices.Compact(list) // 80 and 80/tcp are one
}

// parsePort reads PORT[-LAST][/PROTOCOL].
func parsePort(text string) (types.Port, bool) {
	numbers, protocol, given := strings.Cut(strings.ToLower(text), "/")
	if !given {
		protocol = "tcp"
	}
	from, to, isRange := strings.Cut(numbers, "-")
	if !isRange {
		to = from
	}
	first, err := strconv.ParseUint(from, 10, 16)
	last, err2 := strconv.ParseUint(to, 10, 16)
	if err != nil || err2 != nil || first == 0 || last < first || !slices.Contains([]string{"tcp", "udp", "sctp"}, protocol) {
		return types.Port{}, false
	}
	name := fmt.Sprintf("%d-%s", first, protocol)
	if last > first {
		name = fmt.Sprintf("%d-%d-%s", first, last, protocol)
	}
	return types.Port{Name: types.ACName(name), Protocol: protocol, Port: uint(first), Count: uint(last - first + 1)}, true
}
