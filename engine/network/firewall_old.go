package network

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The older iptables keep their rules where nf_tables don't see them; both decide about
// a packet. Only its policy is looked at, for IPv4.

// oldFirewallWarning is the line about a policy of the older iptables; "" where there
// is nothing to say.
func oldFirewallWarning(ranges []netip.Prefix) string {
	loaded, err := os.ReadFile("/proc/thread-self/net/ip_tables_names")
	if err != nil || !slices.Contains(strings.Fields(string(loaded)), "filter") {
		return ""
	}
	table, err := readOldFilter()
	if err != nil || !table.dropsForwarded() || table.tellsOfPods(ranges) {
		return ""
	}
	return fmt.Sprintf("the host's firewall drops what it doesn't know (iptables-legacy, chain FORWARD): let what comes from pods and goes to them pass: "+
		"iptables-legacy -I FORWARD -i %[1]s+ -j ACCEPT && iptables-legacy -I FORWARD -o %[1]s+ -j ACCEPT", linkPrefix)
}

// oldFilter are the rules of the table "filter", as struct ipt_entry follow each other.
type oldFilter struct {
	entries []byte
	policy  uint32 // where the entry is that says what the chain FORWARD does at its end
}

// From linux/netfilter_ipv4/ip_tables.h.
const (
	iptGetInfo    = 64
	iptGetEntries = 65
	iptName       = 32
	iptInfo       = iptName + 4 + 5*4 + 5*4 + 4 + 4
	iptUnderflow  = iptName + 4 + 5*4
	iptEntry      = 112      // of struct ipt_entry, before its target
	iptTarget     = 32       // of struct xt_entry_target, before its verdict
	iptDrop       = -1       // -NF_DROP - 1
	iptMost       = 16 << 20 // bytes of rules that are read
)

func readOldFilter() (t oldFilter, err error) {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	if err != nil {
		return t, err
	}
	defer unix.Close(socket)
	info := make([]byte, iptInfo)
	copy(info, "filter")
	if err := getsockopt(socket, iptGetInfo, info); err != nil {
		return t, err
	}
	t.policy = binary.NativeEndian.Uint32(info[iptUnderflow+unix.NF_INET_FORWARD*4:])
	size := info[iptInfo-4:]
	if binary.NativeEndian.Uint32(size) > iptMost {
		return t, unix.E2BIG
	}
	head := append(make([]byte, 0, iptName+8), info[:iptName]...)
	head = append(head, size...)
	head = append(head, 0, 0, 0, 0) // up to the alignment of an entry
	all := append(head, make([]byte, binary.NativeEndian.Uint32(size))...)
	err = getsockopt(socket, iptGetEntries, all)
	t.entries = all[len(head):]
	return t, err
}

func getsockopt(socket int, option uintptr, value []byte) error {
	length := uint32(len(value))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(socket), unix.SOL_IP, option,
		uintptr(unsafe.Pointer(&value[0])), uintptr(unsafe.Pointer(&length)), 0)
	if errno != 0 {
		return os.NewSyscallError("getsockopt", errno)
	}
	return nil
}

func (t oldFilter) dropsForwarded() bool {
	at := uint64(t.policy) + iptEntry + iptTarget
	return at+4 <= uint64(len(t.entries)) && int32(binary.NativeEndian.Uint32(t.entries[at:])) == iptDrop
}

func (t oldFilter) tellsOfPods(ranges []netip.Prefix) bool {
	return bytes.Contains(t.entries, []byte(linkPrefix)) || slices.ContainsFunc(ranges, func(of netip.Prefix) bool {
		return of.Addr().Is4() && bytes.Contains(t.entries, of.Addr().AsSlice())
	})
}
