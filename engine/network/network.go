// Package network gives a pod the networks of its own: podtui's veth pair with an
// IPv4 /31 and masquerading, CNI's plugins for others, and ports published on the
// host. What it makes it also takes away, by the same code after a crash as after a
// good end (TakeDown): all it needs for that is in the pod's folder, the leases of the
// data folder, and the kernel.
//
// It works in the network namespace of its caller, which is the host as it sees it. It
// knows nothing of images, apps or processes: it is handed a network namespace. Links,
// addresses and routes are made by vishvananda/netlink, rules by google/nftables,
// others' networks by CNI's libcni.
package network

import (
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// Setup is a pod's network while the pod has it. The sockets that hold its published
// ports are in there: it lives as long as the pod's supervisor.
type Setup struct {
	Interfaces []poddir.Interface
	DNS        spec.DNS // what the networks say of name servers; zero: nothing

	held     []func()
	looking  sync.WaitGroup // at the host's firewall
	warnings []string       // of it
}

// Warnings are of the host's firewall, and the like; one line each. A host can have so
// many rules that it takes a while to look at them: a start needn't wait for it.
func (s *Setup) Warnings() []string {
	s.looking.Wait()
	return s.warnings
}

// Close lets go of the ports that are held for the pod.
func (s *Setup) Close() {
	s.looking.Wait()
	for _, let := range s.held {
		let()
	}
	s.held = nil
}

// Pod is what a network is set up for.
type Pod struct {
	Dir       *poddir.Dir
	Namespace string // the path of its network namespace, in which a loopback is up
	Networks  []poddir.Network
	Ports     []spec.Published
	Say       func(message string) // of steps that change the host, such as ip_forward
}

// SetUp makes everything that the pod's networks are. On an error nothing of it is
// left but what TakeDown removes, which is to be called in any case.
//
// All of it is done by the calling goroutine: its thread's namespace is the host. What
// goes on beside it does so on sockets that were made here.
func SetUp(ctx context.Context, p Pod) (_ *Setup, err error) {
	if len(p.Networks) == 0 {
		return &Setup{}, nil
	}
	if err := TakeDown(ctx, p.Dir); err != nil { // of a start that nobody has cleaned up after
		return nil, err
	}
	pods := filepath.Dir(p.Dir.Path)
	if _, err := takeDownLost(ctx, pods, inNetworksOfCNI(pods)); err != nil && p.Say != nil {
		p.Say(err.Error())
	}
	if err := (marker{Networks: p.Networks, Ports: p.Ports}).write(p.Dir); err != nil {
		return nil, err
	}
	if err := crash.Fault("network marked"); err != nil {
		return nil, err
	}
	s := &Setup{}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	made, err := s.connect(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := s.openHost(ctx, p, made); err != nil {
		return nil, err
	}
	if err := crash.Fault("network reaches out"); err != nil {
		return nil, err
	}
	ports, err := publish(ctx, p, s.Interfaces)
	if err != nil {
		return nil, err
	}
	s.held = append(s.held, ports.Close)
	if err := crash.Fault("ports published"); err != nil {
		return nil, err
	}
	return s, nil
}

// connect connects the pod with its networks, and returns those of podtui's own. The
// first network with a default route has the pod's.
func (s *Setup) connect(ctx context.Context, p Pod) (made []own, err error) {
	e, err := openEnds(p.Namespace)
	if err != nil {
		return nil, err
	}
	defer e.close()
	routed := false
	for i, network := range p.Networks {
		o, is, err := ownOf(network)
		if err != nil {
			return nil, err
		}
		var got poddir.Interface
		dns := o.DNS
		if is {
			closed := !o.DefaultRoute
			o.DefaultRoute = o.DefaultRoute && !routed
			got, err = e.connect(ctx, p.Dir, network, wire{inPod: interfaceName(i), own: o, closed: closed})
			made = append(made, o)
		} else {
			got, dns, err = setUpCNI(ctx, p, network, interfaceName(i))
		}
		if err != nil {
			return nil, err
		}
		routed = routed || hasDefaultRoute(got)
		s.Interfaces = append(s.Interfaces, got)
		s.addDNS(dns)
	}
	return made, nil
}

// interfaceName is what the pod's end of its i-th network is called.
func interfaceName(i int) string { return fmt.Sprintf("eth%d", i) }

func hasDefaultRoute(i poddir.Interface) bool {
	return slices.ContainsFunc(i.Routes, func(route string) bool { return strings.HasPrefix(route, "default ") })
}

// addDNS takes what the networks say together; a name server is asked once.
func (s *Setup) addDNS(dns spec.DNS) {
	for _, list := range []struct {
		to   *[]string
		more []string
	}{{&s.DNS.Servers, dns.Servers}, {&s.DNS.Search, dns.Search}, {&s.DNS.Options, dns.Options}} {
		for _, one := range list.more {
			if !slices.Contains(*list.to, one) {
				*list.to = append(*list.to, one)
			}
		}
	}
}

// openHost has the host keep pods and others apart, pass on what comes from those of
// podtui's own networks that lead beyond it, and what goes to published ports.
func (s *Setup) openHost(ctx context.Context, p Pod, made []own) error {
	if len(made) == 0 {
		return nil
	}
	var passing []own
	var beyond, leaving []netip.Prefix
	for _, o := range made {
		if !o.DefaultRoute && !o.Masquerade && len(p.Ports) == 0 {
			continue // it reaches the host, and that is all
		}
		passing, beyond = append(passing, o), append(beyond, o.ranges()...)
		if o.Masquerade {
			leaving = append(leaving, o.ranges()...)
		}
	}
	maps, err := openPortMaps(ctx)
	if err != nil {
		return noTables(err)
	}
	handedOn := false
	defer func() {
		if !handedOn {
			maps.close()
		}
	}()
	if err := maps.secure(ctx, leaving); err != nil { // before the host passes anything on
		return err
	}
	for _, o := range passing {
		if err := forward(o, p.Say); err != nil {
			return err
		}
	}
	if len(passing) > 0 {
		handedOn = true
		s.lookAtFirewall(maps, beyond)
	}
	return crash.Fault("host passes on")
}
