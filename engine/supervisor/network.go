package supervisor

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/network"
	"github.com/podtui/podtui/engine/poddir"
)

// networks are the pod's private ones. They are set up beside all else that comes
// before the apps, and only when the apps are to be made is it waited for them.
type networks struct {
	ctx    context.Context // of setting up
	cancel context.CancelFunc
	begun  bool           // else there is nothing to take away
	plugin bool           // plugins are called for some
	making chan setUp     // nil: nobody is at it
	setup  *network.Setup // nil: none, or not yet
}

// setUp is what became of setting up.
type setUp struct {
	setup *network.Setup
	said  []string // of what it has changed on the host
	err   error
}

// beginNetwork begins to set up the pod's networks, if it is to have any.
func (s *supervisor) beginNetwork() {
	if len(s.record.Networks) == 0 {
		return
	}
	s.emit(event.Event{Type: event.PodNetwork, State: event.Started, Message: strings.Join(s.record.NetworkNames(), ", ")})
	s.network.begun, s.network.making = true, make(chan setUp, 1)
	s.network.plugin = network.CallsPlugins(s.record.Networks)
	p := network.Pod{Dir: s.dir, Networks: s.record.Networks, Ports: s.record.Resolved.Ports}
	go func(done chan<- setUp) { // ends with the set-up, whose end takeNetwork waits for
		var made setUp
		p.Say = func(message string) { made.said = append(made.said, message) }
		if made.err = s.pod.Await(); made.err == nil {
			p.Namespace = s.pod.NetworkNamespace()
			made.setup, made.err = network.SetUp(s.network.ctx, p)
		}
		done <- made
	}(s.network.making)
}

// awaitNetwork waits until the pod has its networks, and tells what they are.
func (s *supervisor) awaitNetwork() error {
	if s.network.making == nil {
		return s.pod.TuneNetwork()
	}
	if err := s.networkMade(); err != nil {
		s.emit(event.Event{Type: event.PodNetwork, State: event.Failed, Message: err.Error()})
		return err
	}
	interfaces := s.network.setup.Interfaces
	s.status.Interfaces, s.status.Ports = interfaces, s.record.Resolved.Ports
	s.status.Networks = describe(interfaces)
	s.emit(event.Event{Type: event.PodNetwork, State: event.Done, Message: inWords(interfaces)})
	return s.pod.TuneNetwork()
}

// networkMade takes what became of setting up.
func (s *supervisor) networkMade() error {
	made := s.patientSetUp()
	s.network.making, s.network.setup = nil, made.setup
	s.warnAll(made.said)
	return made.err
}

// tellOfFirewall tells what of the host's may keep the pod from others: when the apps
// run, as to look at it may take longer than all else.
func (s *supervisor) tellOfFirewall() {
	if s.network.setup != nil {
		s.warnAll(s.network.setup.Warnings())
	}
}

func (s *supervisor) warnAll(messages []string) {
	for _, message := range messages {
		s.emit(event.Event{Type: event.Warning, Message: message})
	}
}

// pluginTime is after what time of waiting for networks it is plugins that take it.
const pluginTime = 100 * time.Millisecond

// patientSetUp waits for the networks, as long as nobody orders the pod to end: others
// take until they are told to stop, and for that the orders are taken early.
func (s *supervisor) patientSetUp() setUp {
	late := time.NewTimer(pluginTime)
	defer late.Stop()
	select {
	case made := <-s.network.making:
		return made
	case <-late.C:
	}
	s.listen()
	return <-s.network.making
}

// leaveSetUp ends what is being set up.
func (s *supervisor) leaveSetUp() {
	if !s.network.begun {
		return
	}
	s.network.cancel()
	if s.network.making != nil {
		s.network.setup = (<-s.network.making).setup
		s.network.making = nil
	}
}

// takeNetwork takes away all that the pod's networks are, or were to be. The ports
// are free when it returns.
func (s *supervisor) takeNetwork() error {
	if !s.network.begun {
		return nil
	}
	s.leaveSetUp()
	err := network.End(context.Background(), s.dir)
	if s.network.setup != nil {
		s.network.setup.Close() // last: what still leads to the pod leads no other's packets there
	}
	s.network = networks{}
	s.status.Disconnect()
	return err
}

// describe is a pod's networks as rkt writes them: "default:ip4=172.16.28.3".
func describe(interfaces []poddir.Interface) []string {
	words := make([]string, len(interfaces))
	for i, at := range interfaces {
		words[i] = at.Network
		for n, address := range at.Addresses {
			words[i] += separator(n) + family(address) + "=" + withoutPrefix(address)
		}
	}
	return words
}

// separator comes before the n-th of the things that are known of a network.
func separator(n int) string {
	if n == 0 {
		return ":"
	}
	return ","
}

func family(address string) string {
	if strings.Contains(address, ":") {
		return "ip6"
	}
	return "ip4"
}

func withoutPrefix(address string) string {
	if prefix, err := netip.ParsePrefix(address); err == nil {
		return prefix.Addr().String()
	}
	return address
}

// inWords tells people of a pod's networks: "default: 172.16.28.1/31, gateway
// 172.16.28.0".
func inWords(interfaces []poddir.Interface) string {
	words := make([]string, len(interfaces))
	for i, at := range interfaces {
		words[i] = at.Network + ": no address"
		for n, address := range at.Addresses {
			if n == 0 {
				words[i] = at.Network + ": " + address
			} else {
				words[i] += ", " + address
			}
			if n < len(at.Gateways) && at.Gateways[n] != "" {
				words[i] += ", gateway " + at.Gateways[n]
			}
		}
	}
	return strings.Join(words, "; ")
}
