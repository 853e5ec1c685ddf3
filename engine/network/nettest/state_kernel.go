package nettest

import (
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// switches are the settings that networks of pods may change, of the host and of links.
var switches = []string{
	"ipv4/ip_forward", "ipv6/conf/all/forwarding", "ipv4/conf/*/route_localnet", "ipv4/conf/*/rp_filter",
	"ipv6/conf/*/accept_ra", "ipv6/conf/*/autoconf", "ipv6/conf/*/accept_redirects", "ipv6/conf/*/disable_ipv6",
}

// settings are those below /proc/sys/net, a line each.
func (n *Namespace) settings() string {
	n.tb.Helper()
	all := make(map[string]string)
	n.must(func() error {
		for _, pattern := range switches {
			files, err := filepath.Glob("/proc/sys/net/" + pattern)
			if err != nil {
				return err
			}
			for _, file := range files {
				if value, err := os.ReadFile(file); err == nil { // else its link has gone
					all[file] = strings.TrimSpace(string(value))
				}
			}
		}
		return nil
	})
	var lines strings.Builder
	for _, file := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&lines, "%s = %s\n", file, all[file])
	}
	return lines.String()
}

// podRanges are what podtui's own networks have their addresses of.
var podRanges = []netip.Prefix{netip.MustParsePrefix("172.16.28.0/23"), netip.MustParsePrefix("fd70:6f64:7475:6900::/120")}

// flows are the connections by UDP that the kernel has led to pods, and would lead there
// as long as it remembers them, a line each. By TCP nobody goes on with one.
func (n *Namespace) flows() string {
	n.tb.Helper()
	var lines []string
	n.must(func() error {
		for _, family := range []netlink.InetFamily{unix.AF_INET, unix.AF_INET6} {
			flows, err := netlink.ConntrackTableList(netlink.ConntrackTable, family)
			if err != nil {
				return fmt.Errorf("connections: %w", err)
			}
			for _, flow := range flows {
				answers, _ := netip.AddrFromSlice(flow.Reverse.SrcIP)
				if flow.Forward.Protocol == unix.IPPROTO_UDP && slices.ContainsFunc(podRanges, func(of netip.Prefix) bool { return of.Contains(answers.Unmap()) }) {
					lines = append(lines, fmt.Sprintf("%s to %s port %d is led to %s\n", flow.Forward.SrcIP, flow.Forward.DstIP, flow.Forward.DstPort, answers))
				}
			}
		}
		return nil
	})
	slices.Sort(lines)
	return strings.Join(lines, "")
}
