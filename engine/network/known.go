package network

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// Known are the networks that a pod can have on this host (Look).
type Known struct {
	List []poddir.Network // podtui's own, and those that are configured, by name

	standard     string // what the network "default" is called, if a file says so
	standardFile string
	broken       []brokenFile
	hidden       []hiddenFile
	unread       []string // folders, one line each
}

// brokenFile is one that can't be read.
type brokenFile struct {
	file, network string // "": it can't be told which it defines
	err           error
}

func (b brokenFile) Error() string { return b.file + ": " + b.err.Error() }

// hiddenFile is one whose network another defines before it.
type hiddenFile struct{ file, network, by string }

func (h hiddenFile) Error() string {
	return fmt.Sprintf("%s: it is not used, since %s says what network %q is", h.file, h.by, h.network)
}

// Warnings are all that is wrong with the configuration, one line each.
func (k Known) Warnings() []string {
	list := slices.Clone(k.unread)
	for _, broken := range k.broken {
		list = append(list, broken.Error())
	}
	for _, hidden := range k.hidden {
		if hidden.isMistake() {
			list = append(list, hidden.Error())
		}
	}
	return list
}

// isMistake reports whether both are in one folder: a network of /etc/cni/net.d may well
// be another for podtui.
func (h hiddenFile) isMistake() bool { return filepath.Dir(h.file) == filepath.Dir(h.by) }

// WarningsFor are of those what concerns a pod, to which files that are broken are only
// a line.
func (k Known) WarningsFor(n spec.Network) []string {
	list := slices.Clone(k.unread)
	switch len(k.broken) {
	case 0:
	case 1:
		list = append(list, k.broken[0].Error())
	default:
		var files []string
		for _, broken := range k.broken[:min(len(k.broken), mostTold)] {
			files = append(files, fmt.Sprintf("%s (%v)", broken.file, broken.err))
		}
		if more := len(k.broken) - len(files); more > 0 {
			files = append(files, fmt.Sprintf("and %d more", more))
		}
		list = append(list, fmt.Sprintf("%d files of networks can't be read: %s", len(k.broken), strings.Join(files, ", ")))
	}
	for _, asked := range n.Named() {
		name, _ := spec.SplitNetwork(asked)
		for _, hidden := range k.hidden {
			if hidden.network == name && hidden.isMistake() {
				list = append(list, hidden.Error())
			}
		}
	}
	return list
}

const mostTold = 5

// UnknownError says that a pod asks for a network that there is not.
type UnknownError struct {
	Name string
	Here []string // the names that there are

	unnamed []string // what can't be read and may define it, with what is wrong
}

func (e *UnknownError) Error() string {
	text := fmt.Sprintf("there is no network %q; there are %s", e.Name, strings.Join(e.Here, ", "))
	if len(e.unnamed) > 0 {
		text += "; it may be one that can't be read: " + strings.Join(e.unnamed, ", ")
	}
	return text
}

// Choose finds the networks that a pod asks for, in its order.
func (k Known) Choose(n spec.Network) ([]poddir.Network, error) {
	var chosen []poddir.Network
	for _, asked := range n.Named() {
		name, args := spec.SplitNetwork(asked)
		network, err := k.find(name)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(chosen, func(other poddir.Network) bool { return other.Name == network.Name }) {
			return nil, fmt.Errorf("network %q is %q, which the pod has already", name, network.Name)
		}
		network.Args = args
		chosen = append(chosen, network)
	}
	return chosen, checkOwn(chosen)
}

// checkOwn finds what podtui's own networks can't do, and of others what is not here.
func checkOwn(networks []poddir.Network) error {
	ranges := make(map[string]own)
	for _, network := range networks {
		o, is, err := ownOf(network)
		if err != nil {
			return err
		}
		if !is {
			if err := checkPlugins(network); err != nil {
				return err
			}
			continue
		}
		if network.Args != "" {
			return fmt.Errorf("network %q takes no arguments; they are %q", network.Name, network.Args)
		}
		for name, other := range ranges {
			if a, b, do := o.overlap(other); do {
				return fmt.Errorf("networks %q and %q have addresses in common: %s and %s", name, network.Name, b, a)
			}
		}
		ranges[network.Name] = o
	}
	return nil
}

func (k Known) find(name string) (poddir.Network, error) {
	if name == defaultName && k.standard != "" {
		name = k.standard
	}
	unknown := &UnknownError{Name: name, Here: k.names(), unnamed: slices.Clone(k.unread)}
	for _, broken := range k.broken {
		if broken.network == name && k.definedBy(name) == broken.file {
			return poddir.Network{}, fmt.Errorf("network %q: %w", name, broken)
		}
		if broken.network == "" && len(unknown.unnamed) < mostTold {
			unknown.unnamed = append(unknown.unnamed, broken.Error())
		}
	}
	at, ok := slices.BinarySearchFunc(k.List, name, func(n poddir.Network, name string) int { return strings.Compare(n.Name, name) })
	if !ok {
		return poddir.Network{}, unknown
	}
	return k.List[at], nil
}

func (k Known) names() []string {
	names := make([]string, len(k.List))
	for i, network := range k.List {
		names[i] = network.Name
	}
	return names
}
