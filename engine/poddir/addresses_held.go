package poddir

import "path/filepath"

// Address is the slot of a network that the pod has leased, if it has one.
func (d *Dir) Address(network string) (slot int, leased bool, err error) {
	leases, err := addresses(filepath.Dir(d.Path), network)
	if err != nil {
		return 0, false, err
	}
	held, err := leases.slots()
	for slot, holder := range held {
		if holder == d.UUID {
			return slot, true, err
		}
	}
	return 0, false, err
}
