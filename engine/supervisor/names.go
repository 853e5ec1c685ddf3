package supervisor

import (
	"bytes"
	"net/netip"
	"strings"

	"github.com/podtui/podtui/engine/spec"
)

// resolvConf is an app's /etc/resolv.conf: what the pod says or, if that names no
// server, the host's with what the pod says in place of the host's.
func resolvConf(host []byte, dns spec.DNS) []byte {
	var b bytes.Buffer
	if len(dns.Servers) == 0 {
		for line := range bytes.Lines(host) {
			if !replaced(line, dns) {
				b.Write(line)
			}
		}
		if n := b.Len(); n > 0 && b.Bytes()[n-1] != '\n' {
			b.WriteByte('\n')
		}
	}
	for _, server := range dns.Servers {
		b.WriteString("nameserver " + server + "\n")
	}
	if len(dns.Search) > 0 {
		b.WriteString("search " + strings.Join(dns.Search, " ") + "\n")
	}
	if len(dns.Options) > 0 {
		b.WriteString("options " + strings.Join(dns.Options, " ") + "\n")
	}
	return b.Bytes()
}

// replaced reports whether a line of the host's resolv.conf is one that the pod
// has its own of. "domain" is the older form of "search".
func replaced(line []byte, dns spec.DNS) bool {
	fields := bytes.Fields(line)
	if len(fields) == 0 {
		return false
	}
	switch string(fields[0]) {
	case "search", "domain":
		return len(dns.Search) > 0
	case "options":
		return len(dns.Options) > 0
	}
	return false
}

// hostsFile is an app's /etc/hosts: the pod's entries first, since the first that
// has a name counts, then the loopback's names, as far as nobody has said them, and
// then what the image has.
func hostsFile(image []byte, hostname string, entries []spec.HostsEntry) []byte {
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
	if !known[loopbackName{strings.ToLower(hostname), false}] && !named(entries, hostname) {
		b.WriteString("127.0.0.1\t" + hostname + shortName(hostname) + "\n")
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
