package spec

import (
	"slices"
	"strings"
)

// Network is the pod's choice of networks: none of the names means the host's
// network. "host" and "none" stand alone.
type Network struct {
	Names []string `json:"names,omitempty"` // "host", "none", "default", …, each perhaps with ":ARGS", which are K=V;K=V
}

// The networks that are none to be set up. A pod has one of them and no other.
const (
	hostNetwork = "host" // the host's own
	noNetwork   = "none" // of its own, with nothing but a loopback
)

// defaultNetwork is what --private-net alone means.
const defaultNetwork = "default"

// Private reports whether the pod has a network namespace of its own, if only with a
// loopback in it.
func (n Network) Private() bool { return len(n.Names) > 0 && n.Names[0] != hostNetwork }

// Named are the networks that have to be set up, as they were asked for: neither the
// host's nor none.
func (n Network) Named() []string {
	if len(n.Names) == 1 && standsAlone(n.Names[0]) {
		return nil
	}
	return n.Names
}

func standsAlone(name string) bool { return name == hostNetwork || name == noNetwork }

// SplitNetwork splits what --net takes into the network's name and its arguments.
func SplitNetwork(s string) (name, args string) {
	name, args, _ = strings.Cut(s, ":")
	return name, args
}

// setNet takes names with commas between, as rkt did: so no argument of a network
// has one.
func setNet(p *parser, value string) error {
	if value == "" {
		return usage("--net: an empty value; write host, none, default or the name of a network")
	}
	return p.addNetworks("--net", value)
}

// setPrivateNet takes what rkt took: alone or true for the default network,
// false for the host's, or names.
func setPrivateNet(p *parser, value string) error {
	switch on, err := parseBool("", value); {
	case value == "":
		return usage("--private-net=: an empty value; write --private-net for the default network")
	case err == nil && !on:
		return p.addNetworks("--net", hostNetwork)
	case err == nil:
		return p.addNetworks("--net", defaultNetwork)
	}
	return p.addNetworks("--private-net", value)
}

// addNetworks knows that the host's network, said twice, is still the host's. Another
// one would be two links to one network.
func (p *parser) addNetworks(flag, names string) error {
	for name := range strings.SplitSeq(names, ",") {
		if name == "" {
			return usage("%s=%s: a name is missing; names stand between single commas", flag, show(names))
		}
		if !standsAlone(name) || !slices.Contains(p.pod.Network.Names, name) {
			p.pod.Network.Names = append(p.pod.Network.Names, name)
		}
	}
	return nil
}

// The most that a network's name and its arguments can have: the name becomes that of
// a folder, and all of it is handed to other programs.
const (
	maxNetworkName = 64
	maxNetworkArgs = 1024
)

func (c *checker) networks(n Network) {
	seen := make(map[string]bool)
	for i, asked := range n.Names {
		at := indexed("network.names", i)
		name, args, hasArgs := strings.Cut(asked, ":")
		switch {
		case !isNetworkName(name):
			c.add(at, "%s is not the name of a network: write at most %d letters, digits, dots, dashes and underscores, with a letter or a digit at the beginning", show(name), maxNetworkName)
		case standsAlone(name) && len(n.Names) > 1:
			c.add(at, "network %s stands alone; the others are %s", name, show(strings.Join(slices.Concat(n.Names[:i], n.Names[i+1:]), ",")))
		case standsAlone(name) && hasArgs:
			c.add(at, "network %s takes no arguments; they are %s", name, show(args))
		case seen[name]:
			c.add(at, "network %s is given twice", name)
		case hasArgs:
			c.networkArgs(at, name, args)
		}
		seen[name] = true
	}
}

// isNetworkName is CNI's rule.
func isNetworkName(s string) bool {
	return s != "" && len(s) <= maxNetworkName && strings.Trim(s, lettersAndDigits+"._-") == "" && !strings.Contains("._-", s[:1])
}

// networkArgs are handed to plugins as they are written (CNI_ARGS).
func (c *checker) networkArgs(at, network, args string) {
	if len(args) > maxNetworkArgs {
		c.add(at, "network %s: its arguments have %d bytes; at most %d are taken", network, len(args), maxNetworkArgs)
		return
	}
	seen := make(map[string]bool)
	for arg := range strings.SplitSeq(args, ";") {
		key, value, ok := strings.Cut(arg, "=")
		switch {
		case arg == "":
			c.add(at, "network %s: an argument is missing; write %s:NAME=VALUE;NAME=VALUE", network, network)
			return
		case !ok || key == "" || strings.Trim(key, lettersAndDigits+"_.-/") != "":
			c.add(at, "network %s: argument %s: write %s:NAME=VALUE;NAME=VALUE", network, show(arg), network)
			return
		case strings.Contains(value, ",") || !isPrintable(value):
			c.add(at, "network %s: argument %s can't have the value %s", network, key, show(value))
			return
		case seen[key]:
			c.add(at, "network %s: argument %s is given twice", network, key)
			return
		}
		seen[key] = true
	}
}
