package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// The networks that are none to be chosen from.
const (
	hostNetwork    = "host"
	noNetwork      = "none"
	defaultNetwork = "default" // whatever it is called here
)

// connected is what a pod had of networks when it was given the host's: what is
// switched twice is as it was.
type connected struct {
	names []string
	ports []spec.Port
}

// togglePrivate gives the pod a network of its own, or the host's.
func (s *Screen) togglePrivate(p *spec.Pod) {
	if !p.Network.Private() {
		p.Network.Names = slices.Clone(s.connected.names)
		if len(p.Network.Names) == 0 {
			p.Network.Names = []string{defaultNetwork}
		}
		if len(p.Ports) == 0 {
			p.Ports = slices.Clone(s.connected.ports)
		}
		return
	}
	s.connected = connected{p.Network.Names, p.Ports}
	p.Network.Names, p.Ports = nil, slices.DeleteFunc(slices.Clone(p.Ports), func(port spec.Port) bool { return !s.givenPort(port.Name) })
	if len(p.Ports) == 0 {
		p.Ports = nil
	}
	if p.ManifestFile != "" && s.given().Network.Private() { // which says otherwise
		p.Network.Names = []string{hostNetwork}
	}
}

// switchNetwork is togglePrivate from wherever one is. What the pod gets is shown
// before it runs.
func (s *Screen) switchNetwork() screen.Out {
	s.draft.change(s.togglePrivate)
	look := s.follow()
	if s.draft.pod.Network.Private() {
		s.open(section{kind: networkSection}, true)
		s.stay(privateKey)
		return screen.Do(look)
	}
	return screen.Out{Cmd: look, Wish: screen.Notice{Text: "the pod is on the host's network"}}
}

// networkMark is what the list says beside "network".
func (s *Screen) networkMark() string {
	p := &s.draft.pod
	switch n := len(p.Ports); {
	case n > 0:
		return " " + text.Count(n, "port")
	case p.Network.Private():
		return " on"
	}
	return ""
}

// givenPort reports whether a pod manifest publishes a port, which no flag takes back.
func (s *Screen) givenPort(name string) bool {
	return s.draft.pod.ManifestFile != "" && slices.ContainsFunc(s.given().Ports, func(p spec.Port) bool { return p.Name == name })
}

// choice is the network that is asked for, as it is known here.
func (s *Screen) choice(asked string) (engine.NetworkChoice, bool) {
	name, _ := spec.SplitNetwork(asked)
	all := s.host.networks.List
	i := slices.IndexFunc(all, func(c engine.NetworkChoice) bool { return c.Name == name || c.Default && name == defaultNetwork })
	if i < 0 {
		return engine.NetworkChoice{}, false
	}
	return all[i], true
}

// gives says what a pod gets of a network.
func (s *Screen) gives(asked string) string {
	c, known := s.choice(asked)
	switch {
	case asked == hostNetwork:
		return "the host's: its addresses and ports are the pod's"
	case asked == noNetwork:
		return "a loopback and nothing else: the pod reaches nobody"
	case !known:
		return ""
	}
	words := s.terms(c)
	if name, _ := spec.SplitNetwork(asked); name != c.Name {
		words = c.Name + ": " + words
	}
	return words
}

func (s *Screen) terms(c engine.NetworkChoice) string {
	if len(c.Terms.Plugins) > 0 {
		return "by CNI's " + strings.Join(c.Terms.Plugins, ", ") + "; " + c.File
	}
	var ranges []string
	for _, r := range c.Terms.Ranges {
		ranges = append(ranges, "one of "+r.String())
	}
	words := fmt.Sprintf("%s, %d of %d in use; ", strings.Join(ranges, " and "), c.InUse, c.Terms.Places)
	up := s.host.networks.Uplink
	switch {
	case !c.Terms.DefaultRoute:
		return words + "reaches the host and nothing beyond"
	case up == "":
		return words + "the host itself has no way out"
	case c.Terms.Masquerade:
		return words + "out by " + up + " as the host (masquerade)"
	}
	return words + "out by " + up + " with its own address"
}

// room says how full a network is that is chosen, where all of it stands above.
func (s *Screen) room(asked string) string {
	c, known := s.choice(asked)
	switch {
	case !known:
		return join("yours", s.gives(asked))
	case len(c.Terms.Plugins) > 0:
		return "yours, of " + c.File
	}
	return fmt.Sprintf("yours, %d of %d in use", c.InUse, c.Terms.Places)
}

// full warns of a network that has no place left, or is "".
func (s *Screen) full(asked string) string {
	if c, ok := s.choice(asked); ok && c.Terms.Places > 0 && c.InUse >= c.Terms.Places {
		return fmt.Sprintf("! full: %d of %d in use", c.InUse, c.Terms.Places)
	}
	return ""
}

// outlook is what a private network will do, a paragraph each.
func (s *Screen) outlook() []string {
	n := s.draft.pod.Network
	if !n.Private() {
		key, does := s.env.Keys.Hint(keymap.ComposeNetwork)
		return []string{key + " " + does + ": " + defaultNetwork + ", " + s.gives(defaultNetwork)}
	}
	if len(n.Named()) == 0 {
		return []string{s.gives(n.Names[0])}
	}
	all := make([]string, len(n.Names))
	for i, asked := range n.Names {
		name, _ := spec.SplitNetwork(asked)
		all[i] = fmt.Sprintf("eth%d %s, %s", i, name, s.gives(asked))
		all[i] = strings.TrimSuffix(all[i], ", ")
	}
	return append(all, s.publishes())
}

// publishes tells of the ports in a sentence.
func (s *Screen) publishes() string {
	ports, offers := s.draft.pod.Ports, s.offeredPorts()
	if len(ports) > 0 {
		all := make([]string, len(ports))
		for i, p := range ports {
			all[i] = s.onHost(p)
		}
		return "reached on the host's " + strings.Join(all, ", ")
	}
	if len(offers) == 0 {
		return "no image has a port to publish"
	}
	return "no port is published: the host alone reaches it, by its address"
}

// networkOffers are the networks that can be chosen.
func (s *Screen) networkOffers() []offer {
	var all []offer
	for _, c := range s.host.networks.List {
		all = append(all, offer{c.Name, s.terms(c)})
	}
	return append(all, offer{hostNetwork, s.gives(hostNetwork)}, offer{noNetwork, s.gives(noNetwork)})
}
