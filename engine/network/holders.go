package network

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// holderOf says in words who has a port of the host that could not be bound. It looks
// through all processes: it is for when nothing else is left to do.
func holderOf(protocol string, address netip.Addr, port int) string {
	inodes := socketsOn(protocol, address, port)
	pid, name := processWith(inodes)
	if pid == 0 || isPodtui(pid) {
		if pod := publishedBy(protocol, address, port); pod != "" {
			return "pod " + pod
		}
	}
	switch {
	case pid != 0:
		return fmt.Sprintf("%q (process %d)", name, pid)
	case len(inodes) > 0:
		return "the kernel, or a program that is not to be seen from here"
	}
	return "a program that does not use it yet, or no more"
}

// publishedBy finds the pod that a port leads to: pods of other data folders are told
// apart only there, and a pod's socket for TCP is in no table of the kernel's.
func publishedBy(protocol string, address netip.Addr, port int) (pod string) {
	maps, err := openPortMaps(context.Background())
	if err != nil {
		return ""
	}
	defer maps.close()
	if there, err := maps.there(); err != nil || !there {
		return ""
	}
	elements, err := maps.elements()
	if err != nil {
		return ""
	}
	for _, e := range elements {
		if on, is := e.leads(protocol, port); is && overlap(on, address) && uuid.Validate(e.Comment) == nil {
			return e.Comment
		}
	}
	return ""
}

// overlap tells whether two sockets on these addresses can't have the same port.
func overlap(a, b netip.Addr) bool {
	a, b = a.Unmap(), b.Unmap()
	return a == b || a.IsUnspecified() || b.IsUnspecified()
}

// socketsOn finds the inodes of the sockets that have a port, those first that wait
// for somebody.
func socketsOn(protocol string, address netip.Addr, port int) (inodes []string) {
	for _, table := range []string{protocol, protocol + "6"} {
		file, err := os.Open(filepath.Join("/proc/thread-self/net", table)) // of this thread's namespace
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(file); lines.Scan(); {
			s, ok := parseSocket(lines.Text())
			if !ok || s.inode == "0" || int(s.local.Port()) != port || !overlap(s.local.Addr(), address) {
				continue
			}
			if s.waits {
				inodes = append([]string{s.inode}, inodes...)
			} else {
				inodes = append(inodes, s.inode)
			}
		}
		_ = file.Close()
	}
	return inodes
}

// socketLine is a line of /proc/net/tcp and its like.
type socketLine struct {
	local netip.AddrPort
	waits bool // for connections, or for packets of anybody
	inode string
}

func parseSocket(line string) (s socketLine, ok bool) {
	const local, state, inode = 1, 3, 9
	fields := strings.Fields(line)
	if len(fields) <= inode {
		return s, false
	}
	ip, port, _ := strings.Cut(fields[local], ":")
	address, err := hex.DecodeString(ip)
	number, err2 := strconv.ParseUint(port, 16, 16)
	if err != nil || err2 != nil {
		return s, false
	}
	// Words of 32 bits, each as the machine has it.
	for i := 0; i+4 <= len(address); i += 4 {
		binary.BigEndian.PutUint32(address[i:], binary.NativeEndian.Uint32(address[i:]))
	}
	parsed, ok := netip.AddrFromSlice(address)
	return socketLine{netip.AddrPortFrom(parsed, uint16(number)), fields[state] == "0A" || fields[state] == "07", fields[inode]}, ok
}

// processWith finds a process that has one of the sockets open.
func processWith(inodes []string) (pid int, name string) {
	for _, inode := range inodes {
		link := "socket:[" + inode + "]"
		descriptors, _ := filepath.Glob("/proc/[1-9]*/fd/*")
		for _, descriptor := range descriptors {
			if to, err := os.Readlink(descriptor); err != nil || to != link {
				continue
			}
			process := filepath.Dir(filepath.Dir(descriptor))
			pid, _ = strconv.Atoi(filepath.Base(process))
			comm, _ := os.ReadFile(filepath.Join(process, "comm"))
			return pid, strings.TrimSpace(string(comm))
		}
	}
	return 0, ""
}

// isPodtui tells whether a process runs the program that this one does.
func isPodtui(pid int) bool {
	own, err := os.Stat("/proc/self/exe")
	if err != nil {
		return false
	}
	other, err := os.Stat(fmt.Sprintf("/proc/%d/exe", pid))
	return err == nil && os.SameFile(own, other)
}

// leads tells whether an element is about a port, and on which address.
func (e element) leads(protocol string, port int) (on netip.Addr, is bool) {
	number, found, is := e.port()
	if !is || number != protocolNumber(protocol) || found != port {
		return on, false
	}
	if on, is = netip.AddrFromSlice(e.Key[:len(e.Key)-8]); !is {
		on = netip.IPv4Unspecified()
	}
	return on, true
}
