package supervisor

import (
	"bytes"
	"net/netip"
	"strings"

	"github.com/podtui/podtui/engine/spec"
)

// hostsFile is an app's /etc/hosts: the pod's entries first, since the first that
// has a name counts, then the loopback's names, as far as nobody has said them, and
// then what the image has. The pod's host name has its own addresses, if it has some,
// and else the loopback's.
func hostsFile(image []byte, hostname string, own []netip.Addr, entries []spec.HostsEntry) []byte {
	var b bytes.Buffer
	for _, e := range entries {
		b.WriteString(e.IP + "\t" + e.Name + "\n")
	}
	known := loopbackNames(image)
	if !known[loopbackName{"localhost", false}] {
		b.WriteString("127.0.0.1\tlocalhost\n")
	}
	if !known[loopbackName{"localhost", true}] {
		b.WriteString("::1\tlocalhost ip6-localhost ip6-loopback\n")
	}
	if first, _, _ := strings.Cut(hostname, "."); strings.EqualFold(first, "localhost") {
		own = nil // nobody is to be led away from there
	}
	if len(own) == 0 && !known[loopbackName{strings.ToLower(hostname), false}] {
		own = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	}
	for _, address := range own {
		if !named(entries, hostname) {
			b.WriteString(address.String() + "\t" + hostname + shortName(hostname) + "\n")
		}
	}
	b.Write(image)
	return b.Bytes()
}

// loopbackName is a name that has an address of the loopback.
type loopbackName struct {
	name string // in lower case: case is nothing here
	v6   bool
}

func loopbackNames(hosts []byte) map[loopbackName]bool {
	known := make(map[loopbackName]bool)
	for line := range bytes.Lines(hosts) {
		line, _, _ := bytes.Cut(line, []byte("#"))
		fields := strings.Fields(string(line))
		if len(fields) == 0 {
			continue
		}
		ip, err := netip.ParseAddr(fields[0])
		if err != nil || !ip.IsLoopback() {
			continue
		}
		ip = ip.Unmap()
		for _, name := range fields[1:] {
			known[loopbackName{strings.ToLower(name), ip.Is6()}] = true
		}
	}
	return known
}

func named(entries []spec.HostsEntry, name string) bool {
	for _, e := range entries {
		if strings.EqualFold(e.Name, name) {
			return true
		}
	}
	return false
}

// shortName is what a name with dots is called as well, as a further field.
func shortName(hostname string) string {
	short, _, dotted := strings.Cut(hostname, ".")
	if !dotted || short == "" {
		return ""
	}
	return " " + short
}
