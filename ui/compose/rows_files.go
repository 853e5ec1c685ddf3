package compose

import (
	"strings"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/field"
)

// aroundRows are what the apps of a pod find around them: names, and whom they are
// on the host.
func (s *Screen) aroundRows() []row {
	p := &s.draft.pod
	hostname := row{path: "hostname", key: "hostname", label: "host name", value: "—", note: "default: made of its UUID", own: p.Hostname != ""}
	if hostname.own {
		hostname.value, hostname.note = p.Hostname, "yours"
		hostname.reset = func(p *spec.Pod) { p.Hostname = "" }
	}
	hostname.edit = &edit{start: p.Hostname, hint: "as hostname(1) will say it", set: func(p *spec.Pod, t string) { p.Hostname = t }}
	rows := []row{
		hostname,
		dnsRow("servers", "dns", p.DNS.Servers, "the host's", "addresses, or none for the image's file", func(p *spec.Pod) *[]string { return &p.DNS.Servers }),
		dnsRow("search", "search", p.DNS.Search, "as the host", "domains to search names in", func(p *spec.Pod) *[]string { return &p.DNS.Search }),
		dnsRow("options", "dns opts", p.DNS.Options, "as the host", "as in resolv.conf: ndots:2", func(p *spec.Pod) *[]string { return &p.DNS.Options }),
	}
	rows = append(rows, list[spec.HostsEntry]{
		path: "hostsEntries", label: "hosts", add: "+ host", hint: "IP=NAME, for /etc/hosts",
		show:  func(h spec.HostsEntry) string { return h.IP + "=" + h.Name },
		parse: parseHost, of: func(p *spec.Pod) *[]spec.HostsEntry { return &p.HostsEntries },
	}.rows(p.HostsEntries)...)
	return append(rows,
		onOff("privateUsers", "users", p.PrivateUsers, func(p *spec.Pod) *bool { return &p.PrivateUsers },
			"root is the host's root", "root is nobody on the host").worded("the host's", "private"),
		onOff("noOverlay", "overlay", p.NoOverlay, func(p *spec.Pod) *bool { return &p.NoOverlay },
			"images are stacked", "images are copied").worded("yes", "no"),
	)
}

// worded is a field that is off or on, in words of its own.
func (r row) worded(off, on string) row {
	r.value = off
	if r.own {
		r.value, r.note = on, "yours, "+r.note
	}
	return r
}

func parseHost(t string) spec.HostsEntry {
	ip, name, _ := strings.Cut(t, "=")
	return spec.HostsEntry{IP: strings.TrimSpace(ip), Name: strings.TrimSpace(name)}
}

func dnsRow(name, label string, own []string, without, hint string, of func(*spec.Pod) *[]string) row {
	r := row{path: "dns." + name, key: "dns." + name, label: label, value: "—", note: "default: " + without, own: len(own) > 0}
	if r.own {
		r.value, r.note = strings.Join(own, " "), "yours"
		r.reset = func(p *spec.Pod) { *of(p) = nil }
	}
	r.edit = &edit{start: strings.Join(own, " "), hint: hint, set: func(p *spec.Pod, t string) {
		*of(p) = listed(t)
	}}
	return r
}

// envFileRows are the files of variables.
func (s *Screen) envFileRows() []row {
	return list[string]{
		path: "envFiles", label: "env files", add: "+ file of variables", hint: "NAME=VALUE lines, # begins a comment", folder: true,
		show: func(t string) string { return t }, parse: field.Home, of: func(p *spec.Pod) *[]string { return &p.EnvFiles },
	}.rows(s.draft.pod.EnvFiles)
}
