package spec

import (
	"net/netip"
	"strings"
)

// What apps find in /etc: the pod's host name, name servers and hosts.

func setHostname(p *parser, value string) error {
	if value == "" {
		return usage("--hostname: an empty value; leave the flag out for a name made of the pod's UUID")
	}
	p.pod.Hostname = value
	return nil
}

func addDNS(p *parser, value string) error { return addText(&p.pod.DNS.Servers, "--dns", value) }

func addDNSSearch(p *parser, value string) error {
	return addText(&p.pod.DNS.Search, "--dns-search", value)
}

func addDNSOption(p *parser, value string) error {
	return addText(&p.pod.DNS.Options, "--dns-opt", value)
}

func addHostsEntry(p *parser, value string) error {
	ip, name, ok := strings.Cut(value, "=")
	switch {
	case value == "":
		return usage("--hosts-entry: an empty value; write --hosts-entry=IP=NAME")
	case !ok || ip == "" || name == "":
		return usage("--hosts-entry=%s: write --hosts-entry=IP=NAME", show(value))
	}
	p.pod.HostsEntries = append(p.pod.HostsEntries, HostsEntry{IP: ip, Name: name})
	return nil
}

// addText takes one of several.
func addText(list *[]string, flag, value string) error {
	if value == "" {
		return usage("%s: an empty value; leave the flag out for the host's", flag)
	}
	*list = append(*list, value)
	return nil
}

func (c *checker) hostFiles(p Pod) {
	c.hostname(p.Hostname)
	c.dns(p.DNS)
	seen := make(map[HostsEntry]bool)
	for i, entry := range p.HostsEntries {
		at := indexed("hostsEntries", i)
		switch {
		case !IsAddress(entry.IP):
			c.add(at+".ip", "--hosts-entry: %s is not an IP address; write --hosts-entry=IP=NAME", show(entry.IP))
		case !isDomain(entry.Name):
			c.add(at+".name", "--hosts-entry: %s is not a host name; write --hosts-entry=IP=NAME", show(entry.Name))
		case seen[entry]:
			c.add(at+".name", "--hosts-entry: %s=%s is given twice", entry.IP, entry.Name)
		}
		seen[entry] = true
	}
}

func (c *checker) hostname(name string) {
	longest := 0
	for label := range strings.SplitSeq(name, ".") {
		longest = max(longest, len(label))
	}
	switch {
	case name == "" || isHostname(name):
	case len(name) > maxHostname:
		c.add("hostname", "host name %s has %d characters; at most %d are taken", show(name), len(name), maxHostname)
	case longest > maxLabel:
		c.add("hostname", "host name %s has a label of %d characters; at most %d are taken without a dot", show(name), longest, maxLabel)
	default:
		c.add("hostname", "host name %s: write at most %d letters, digits and dashes, with dots between labels", show(name), maxHostname)
	}
}

// noDNS leaves the image's file.
const noDNS = "none"

func (c *checker) dns(d DNS) {
	none := len(d.Servers) == 1 && d.Servers[0] == noDNS
	if none && len(d.Search)+len(d.Options) > 0 {
		c.add("dns.servers[0]", "--dns=none leaves the image's /etc/resolv.conf; --dns-search and --dns-opt can't stand beside it")
	}
	for i, server := range d.Servers {
		at := indexed("dns.servers", i)
		switch {
		case server == noDNS && !none:
			c.add(at, "--dns=none stands alone")
		case server == "host":
			c.add(at, "--dns=host: leave --dns out for the host's name servers")
		case server != noDNS && !IsAddress(server):
			c.add(at, "--dns: %s is not an IP address; write one, or none for what the image says", show(server))
		}
	}
	for i, domain := range d.Search {
		if !IsSearchDomain(domain) {
			c.add(indexed("dns.search", i), "--dns-search: %s is not a domain; write one such as example.com", show(domain))
		}
	}
	for i, option := range d.Options {
		if !IsResolverOption(option) {
			c.add(indexed("dns.options", i), "--dns-opt: %s is not an option of resolv.conf(5); write one such as ndots:2", show(option))
		}
	}
}

// IsSearchDomain takes what resolv.conf(5) has for search.
func IsSearchDomain(s string) bool { return s == "." || isDomain(strings.TrimSuffix(s, ".")) }

// IsResolverOption takes one such as ndots:2.
func IsResolverOption(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-:") == ""
}

// IsAddress takes an IPv6 zone as an interface can be called: it is written into a
// file of lines.
func IsAddress(s string) bool {
	if len(s) > 64 {
		return false
	}
	address, err := netip.ParseAddr(s)
	return err == nil && strings.Trim(address.Zone(), lettersAndDigits+"._-") == ""
}

const lettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// maxHostname is what the kernel takes.
const maxHostname = 64

func isHostname(s string) bool {
	return len(s) <= maxHostname && isDomain(s) && !strings.Contains(s, "_")
}

// maxLabel is how much of a name may be without a dot (RFC 1035).
const maxLabel = 63

// isDomain takes labels as they are met, with an underscore too.
func isDomain(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxLabel || strings.Trim(label, lettersAndDigits+"-_") != "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return true
}
