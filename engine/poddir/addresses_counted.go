package poddir

// LeasedAddresses is how many of a network's slots pods of this data folder have. It
// may be another number an instant later.
func LeasedAddresses(pods, network string) (int, error) {
	leases, err := addresses(pods, network)
	if err != nil {
		return 0, err
	}
	held, err := leases.slots()
	return len(held), err
}
