package export

import (
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/spec"
)

// containerPorts are what the app's image listens on, and of it and of the pod what is
// published.
func (k *kube) containerPorts(i int) (list []mapping) {
	app, first := k.resolved.Apps[i].Name.Value, i == 0
	names := labels{}
	var published []string
	for _, p := range k.resolved.Ports {
		if p.App != app && (p.App != "" || !first) {
			continue
		}
		for n := range p.Count {
			m := k.port(p.Name, p.Protocol, p.Port+n, names, n == 0)
			published = append(published, k.portKey(p.Protocol, p.Port+n))
			m.put("hostPort", p.HostPort+n)
			m.add("hostIP", p.HostIP)
			list = append(list, m)
		}
	}
	for _, o := range k.ports {
		single := o.Count <= 1 && o.Port > 0 && o.Port < 1<<16 && slices.Contains([]string{spec.TCP, spec.UDP, "sctp"}, o.Protocol)
		if o.App == app && single && !slices.Contains(published, k.portKey(o.Protocol, int(o.Port))) {
			list = append(list, k.port(o.Name, o.Protocol, int(o.Port), names, true))
		}
	}
	return list
}

func (k *kube) portKey(protocol string, port int) string { return protocol + number(int64(port)) }

// maxPortName is the longest name of a service (RFC 6335).
const maxPortName = 15

func (k *kube) port(name, protocol string, port int, names labels, named bool) mapping {
	var m mapping
	m.put("containerPort", port)
	if named && strings.ContainsAny(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz") {
		for strings.Contains(name, "--") {
			name = strings.ReplaceAll(name, "--", "-")
		}
		m.put("name", names.give(name, maxPortName))
	}
	m.put("protocol", strings.ToUpper(protocol))
	return m
}
