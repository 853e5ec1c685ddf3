package engine

import (
	"github.com/podtui/podtui/engine/network"
	"github.com/podtui/podtui/engine/poddir"
)

// NetworkTerms are what a pod gets of a network.
type NetworkTerms = network.Terms

// NetworkChoice is a network that a pod can have, and what it would mean.
type NetworkChoice struct {
	Network
	Terms   NetworkTerms
	InUse   int  // of the places, by pods of this data folder
	Default bool // it is what "default" means
}

// NetworkChoices are all that a pod can choose from on this host.
type NetworkChoices struct {
	List     []NetworkChoice // by name
	Warnings []string        // files of the configuration that are of no use, one line each
	Uplink   string          // the link that leads out of the host; "": none does
}

// NetworkChoices looks at what networks there are, and how full they are.
func (e *Engine) NetworkChoices() NetworkChoices {
	known := network.Look(e.networkFolders())
	choices := NetworkChoices{Warnings: known.Warnings(), Uplink: network.Uplink()}
	for _, n := range known.List {
		terms, err := network.TermsOf(n)
		if err != nil { // what is listed was read before
			continue
		}
		choice := NetworkChoice{Network: n, Terms: terms, Default: n.Name == known.Standard()}
		if terms.Lease != "" && e.options.Dir != "" {
			choice.InUse, _ = poddir.LeasedAddresses(e.pods(), terms.Lease) // without it none is known to be
		}
		choices.List = append(choices.List, choice)
	}
	return choices
}
