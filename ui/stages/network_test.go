package stages

import (
	"testing"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

func TestPortsInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		port               spec.Published
		words, short, open string
	}{
		{spec.Published{Name: "http", Protocol: "tcp", HostPort: 8080, Port: 80, Count: 1}, "8080 → http 80/tcp", "8080 → 80", "http://198.51.100.2:8080"},
		{spec.Published{Name: "http", Protocol: "tcp", HostIP: "127.0.0.1", HostPort: 80, Port: 80, Count: 1}, "127.0.0.1:80 → http 80/tcp", "127.0.0.1:80", "http://127.0.0.1:80"},
		{spec.Published{Name: "http", Protocol: "tcp", HostIP: "2001:db8::1", HostPort: 80, Port: 80, Count: 1}, "[2001:db8::1]:80 → http 80/tcp", "[2001:db8::1]:80", "http://[2001:db8::1]:80"},
		{spec.Published{Name: "web", Protocol: "tcp", HostIP: "0.0.0.0", HostPort: 443, Port: 443, Count: 1}, "0.0.0.0:443 → web 443/tcp", "0.0.0.0:443", "https://198.51.100.2:443"},
		{spec.Published{Name: "rtp", Protocol: "udp", HostPort: 9000, Port: 7000, Count: 10}, "9000–9009 → rtp 7000–7009/udp", "9000–9009 → 7000–7009", ""},
	} {
		short := PodPorts(poddir.Status{Ports: []spec.Published{c.port}})
		if words, open := PortWords(c.port), PortURL(c.port, "198.51.100.2"); words != c.words || short != c.short || open != c.open {
			t.Errorf("%q, %q, %q; want %q, %q, %q", words, short, open, c.words, c.short, c.open)
		}
	}
}
