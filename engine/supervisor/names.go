package supervisor

import (
	"bytes"
	"net/netip"
	"strings"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// resolvedFile has the name servers that systemd-resolved asks, where the host's
// resolv.conf has only its own address.
const resolvedFile = "/run/systemd/resolve/resolv.conf"

// nameServers is an app's /etc/resolv.conf. What is read of the host comes with a
// largeFileError too, and serves.
func (s *supervisor) nameServers() ([]byte, error) {
	dns := s.record.Resolved.DNS
	if !s.record.Resolved.Network.Private() || len(dns.Servers) > 0 {
		host, err := readHostFile(ResolvFile)
		return resolvConf(host, dns), err
	}
	if s.network.setup != nil {
		dns = besides(dns, s.network.setup.DNS)
	}
	if len(dns.Servers) > 0 {
		return resolvConf(nil, dns), nil
	}
	host, err := s.reachableServers()
	return resolvConf(host, dns), err
}

// besides takes what the pod says first, then what its networks do.
func besides(pod, networks spec.DNS) spec.DNS {
	for _, list := range []struct{ to, more *[]string }{
		{&pod.Servers, &networks.Servers}, {&pod.Search, &networks.Search}, {&pod.Options, &networks.Options},
	} {
		if len(*list.to) == 0 {
			*list.to = *list.more
		}
	}
	return pod
}

// reachableServers is the host's resolv.conf without the name servers that a private
// network doesn't lead to. A pod with the network "none" has what is left of the host's
// own and no more: it reaches nobody, and finds that out at once.
func (s *supervisor) reachableServers() ([]byte, error) {
	host, err := readHostFile(ResolvFile)
	rest, gone, left := withoutLocal(host)
	if left || s.network.setup == nil {
		return rest, err
	}
	if behind, readErr := readHostFile(resolvedFile); readErr == nil {
		if rest, _, left := withoutLocal(behind); left {
			return rest, nil
		}
	}
	s.hosts.nameless.Do(func() {
		why := "the host's /etc/resolv.conf names none"
		if len(gone) > 0 {
			why = "from a private network those of the host's /etc/resolv.conf can't be asked (" + strings.Join(gone, ", ") + ")"
		}
		s.emit(event.Event{Type: event.Warning, Message: "the pod has no name server: " + why + "; name one with --dns=ADDRESS"})
	})
	return rest, err
}

// withoutLocal leaves out name servers that are the host's alone: on its loopback, or
// on a link of its by the name of that. They come by themselves too, and whether others
// are left.
func withoutLocal(host []byte) (rest []byte, gone []string, left bool) {
	for line := range bytes.Lines(host) {
		fields := bytes.Fields(line)
		if len(fields) < 2 || !bytes.HasPrefix(line, []byte("nameserver")) || string(fields[0]) != "nameserver" {
			rest = append(rest, line...)
			continue
		}
		server, err := netip.ParseAddr(string(fields[1]))
		switch {
		case err == nil && isLocal(server):
			gone = append(gone, server.String())
		default:
			left = left || err == nil
			rest = append(rest, line...)
		}
	}
	return rest, gone, left
}

// isLocal is also true of "any address", by which resolvers mean their own host.
func isLocal(server netip.Addr) bool {
	server = server.Unmap()
	return server.IsLoopback() || server.IsUnspecified() || server.Zone() != "" || server.Is6() && server.IsLinkLocalUnicast()
}

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
