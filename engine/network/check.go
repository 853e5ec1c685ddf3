package network

import (
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// Check finds the ports that the host can't give to a pod: they are taken, or on an
// address that the host hasn't. It binds them, and lets go again: found now is not
// held, and the pod's start finds out for itself. Taken names which of the pods that
// the caller knows has a port (one, not a range); "": none.
func Check(ports []spec.Published, taken func(spec.Published) (pod string)) []spec.Problem {
	var sockets held
	defer func() { sockets.release() }()
	return check(ports, taken, func(port spec.Published, who holder) error {
		some, err := holdAll([]spec.Published{port}, []netip.Addr{netip.IPv4Unspecified()}, who)
		sockets = append(sockets, some...)
		return err
	})
}

// holder says in words who has a port.
type holder func(one spec.Published, address netip.Addr) string

// check collects why some ports can't be had.
func check(ports []spec.Published, taken func(spec.Published) (pod string), have func(spec.Published, holder) error) []spec.Problem {
	var problems []spec.Problem
	for i, port := range ports {
		err := have(port, func(one spec.Published, address netip.Addr) string {
			if other := alreadyIn(ports[:i], one, address); other != "" {
				return "port " + other + " of the same pod"
			}
			if pod := taken(one); pod != "" {
				return "pod " + pod
			}
			return holderOf(one.Protocol, address, one.HostPort)
		})
		if err != nil {
			problems = append(problems, spec.Problem{Path: fmt.Sprintf("ports[%d]", i), Message: err.Error()})
		}
	}
	return problems
}

// alreadyIn finds which of a pod's other ports is the same one of the host's.
func alreadyIn(others []spec.Published, one spec.Published, address netip.Addr) string {
	for _, other := range others {
		on, err := hostAddresses(other, []netip.Addr{netip.IPv4Unspecified()})
		if err == nil && other.Protocol == one.Protocol && other.HostPort <= one.HostPort && one.HostPort < other.HostPort+other.Count && overlap(on[0], address) {
			return other.Name
		}
	}
	return ""
}

// PortError says that a port can't be published on the host.
type PortError struct {
	Port    spec.Published // one of the range
	Address netip.Addr     // of the host
	Holder  string         // who has it, in words, if that is why

	err error
}

func (e *PortError) Unwrap() error { return e.err }

func (e *PortError) Error() string {
	on := ""
	if !e.Address.IsUnspecified() {
		on = " on " + e.Address.String()
	}
	what := fmt.Sprintf("port %s: %s port %d of the host%s", e.Port.Name, e.Port.Protocol, e.Port.HostPort, on)
	switch {
	case e.Holder != "":
		return what + " is taken by " + e.Holder
	case errors.Is(e.err, unix.EADDRNOTAVAIL):
		return fmt.Sprintf("port %s: the host has no address %s", e.Port.Name, e.Address)
	case errors.Is(e.err, unix.EMFILE):
		return what + " is one too many: each needs a file descriptor, and this process may open no more"
	}
	return what + ": " + e.err.Error()
}
