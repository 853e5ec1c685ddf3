package export

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/spec"
)

// network tells which networks a cluster hasn't: it has one, and every pod is in it.
func (k *kube) network() {
	for _, name := range k.pod.Network.Names {
		switch name {
		case "host", "default":
		case "none":
			k.add("a pod without a network (--net=none)")
		default:
			k.add("network %s: the cluster has its own", show(name))
		}
	}
}

func (k *kube) hostname(m *mapping) {
	switch name := k.pod.Hostname; {
	case name == "":
	case !isLabel(name):
		k.add("host name %s: it would have to be lower-case letters, digits and dashes", show(name))
	case !k.pod.Network.Private():
		k.add("host name %s on the host's network", show(name))
	default:
		m.put("hostname", name)
	}
}

// Bounds of Kubernetes.
const (
	maxNameservers = 3
	maxSearches    = 32
)

// resolver is /etc/resolv.conf: the node's, unless there are servers of its own.
func (k *kube) resolver(m *mapping) {
	d := k.pod.DNS
	if len(d.Servers) == 1 && d.Servers[0] == "none" {
		k.add("leaving the image's /etc/resolv.conf as it is (--dns=none)")
		d = spec.DNS{}
	}
	policy := "Default"
	var config mapping
	if servers := k.keep("name server", d.Servers, maxNameservers, isAddress); len(servers) > 0 {
		policy = "None"
		config.put("nameservers", servers)
	}
	config.add("searches", k.keep("search domain", d.Search, maxSearches, func(s string) bool { return s == "." || isSubdomain(strings.TrimSuffix(s, ".")) }))
	var options []mapping
	for _, option := range d.Options {
		name, value, _ := strings.Cut(option, ":")
		o := mapping{{key: "name", value: name}}
		o.add("value", value)
		options = append(options, o)
	}
	config.add("options", options)
	m.put("dnsPolicy", policy)
	m.add("dnsConfig", config)
}

// keep takes as many as fit, and notes the others.
func (k *kube) keep(what string, list []string, most int, fits func(string) bool) (kept []string) {
	for _, one := range list {
		if len(kept) < most && fits(one) {
			kept = append(kept, one)
		} else {
			k.add("%s %s", what, show(one))
		}
	}
	return kept
}

func isAddress(s string) bool {
	ip, err := netip.ParseAddr(s)
	return err == nil && ip.Zone() == ""
}

// hostAliases are lines of /etc/hosts, one an address.
func (k *kube) hostAliases() (list []mapping) {
	at := make(map[string]int)
	for _, entry := range k.pod.HostsEntries {
		name := strings.ToLower(entry.Name)
		if !isAddress(entry.IP) || !isSubdomain(name) {
			k.add("--hosts-entry=%s=%s", show(entry.IP), show(entry.Name))
			continue
		}
		i, known := at[entry.IP]
		if !known {
			i = len(list)
			at[entry.IP] = i
			list = append(list, mapping{{key: "ip", value: entry.IP}, {key: "hostnames", value: []string(nil)}})
		}
		if names := list[i][1].value.([]string); !slices.Contains(names, name) {
			list[i][1].value = append(names, name)
		}
	}
	return list
}

// life is how containers begin again and end: of all of them alike.
func (k *kube) life(m *mapping) {
	first := k.resolved.Apps[0].Life
	grace := first.StopTimeout
	for _, e := range k.resolved.Apps {
		grace = max(grace, e.Life.StopTimeout)
	}
	for i, e := range k.resolved.Apps {
		name := k.of(i)
		if e.Life.Restart.When != first.Restart.When {
			k.add("%sa restart policy of its own, %s", name, e.Life.Restart)
		} else if e.Life.Restart.Most > 0 {
			k.add("%sa bound of its restarts, %d", name, e.Life.Restart.Most)
		}
		if e.Life.StopTimeout != grace {
			k.add("%sa stop timeout of its own, %s", name, e.Life.StopTimeout)
		}
		if e.Life.StopSignal != termination {
			k.add("%sa stop signal other than the image's, %d", name, e.Life.StopSignal)
		}
	}
	m.put("restartPolicy", restartPolicy(first.Restart.When))
	m.put("terminationGracePeriodSeconds", int((grace+time.Second-1)/time.Second))
}

func restartPolicy(when spec.RestartWhen) string {
	switch when {
	case spec.RestartAlways:
		return "Always"
	case spec.RestartOnFailure:
		return "OnFailure"
	}
	return "Never"
}

// termination is SIGTERM.
const termination = 15

// security is what holds for all containers. Without a word about system calls
// Kubernetes would filter none.
func (k *kube) security() mapping {
	var m mapping
	m.put("seccompProfile", mapping{{key: "type", value: "RuntimeDefault"}})
	m.add("supplementalGroups", k.groups())
	var sysctls []mapping
	for _, v := range sorted(k.resolved.Sysctls) {
		sysctls = append(sysctls, mapping{{key: "name", value: v.Name}, {key: "value", value: v.Value}})
	}
	m.add("sysctls", sysctls)
	return m
}

func sorted(object map[string]string) (list []spec.Var) {
	for name, value := range object {
		list = append(list, spec.Var{Name: name, Value: value})
	}
	slices.SortFunc(list, func(a, b spec.Var) int { return strings.Compare(a.Name, b.Name) })
	return list
}
