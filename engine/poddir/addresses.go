package poddir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// addressesDir is beside the pods. It has a folder for each network, in which each
// slot in use is a link to the pod that has it. A slot is as many addresses as one pod
// needs; which ones package network knows.
const addressesDir = "networks/addresses"

// lastFile is in a network's folder and says which slot was given last. It is no more
// than a hint: nothing depends on it but which free slot is next.
const lastFile = "last"

// AddressesTakenError says that a network has no slot left, and who has them.
type AddressesTakenError struct {
	Network string
	Slots   int
	Pods    []string // UUIDs
}

func (e *AddressesTakenError) Error() string {
	if e.Slots <= 0 {
		return fmt.Sprintf("network %s: its range has no addresses for a pod", e.Network)
	}
	const shown = 3
	text := fmt.Sprintf("network %s: no free address, %d pods use it: %s", e.Network, len(e.Pods), strings.Join(e.Pods[:min(shown, len(e.Pods))], ", "))
	if more := len(e.Pods) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + "; each gives up its own when it ends"
}

// LeaseAddress gives the pod one of a network's slots, 0 to slots-1, that no other pod
// of this data folder has, or the one that it has already. It is the next free one
// after that which was given last: so an address that somebody may still know a pod by
// is not another's at once, and who gives one back because it is of no use gets another.
// The pod's folder must be there; the lease ends with ReleaseAddress, or with the folder.
func (d *Dir) LeaseAddress(network string, slots int) (int, error) {
	leases, err := addresses(filepath.Dir(d.Path), network)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(leases.path(), 0o700); err != nil {
		return 0, err
	}
	held, err := leases.slots()
	if err != nil {
		return 0, err
	}
	for slot, holder := range held {
		switch {
		case holder == d.UUID && slot < slots:
			return slot, nil
		case holder == d.UUID: // of a range that was larger
			if err := leases.giveBack(slot, d.UUID); err != nil {
				return 0, err
			}
		}
	}
	slot, err := leases.lease(slots, held, d.UUID)
	var full *AddressesTakenError
	if errors.As(err, &full) {
		full.Network = network
	}
	return slot, err
}

// ReleaseAddress gives back what the pod has of a network, if it has anything.
func (d *Dir) ReleaseAddress(network string) error {
	leases, err := addresses(filepath.Dir(d.Path), network)
	if err != nil {
		return err
	}
	held, err := leases.slots()
	errs := []error{err}
	for slot, holder := range held {
		if holder == d.UUID {
			errs = append(errs, leases.giveBack(slot, d.UUID))
		}
	}
	return errors.Join(errs...)
}

// SweepAddresses frees those of pods that have no folder.
func SweepAddresses(pods string) error {
	networks, err := os.ReadDir(linkFolder{pods, addressesDir}.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, network := range networks {
		if leases, err := addresses(pods, network.Name()); err == nil && network.IsDir() {
			errs = append(errs, leases.sweep())
		}
	}
	return errors.Join(errs...)
}

// leased are the slots of one network.
type leased struct{ linkFolder }

func addresses(pods, network string) (leased, error) {
	all := linkFolder{pods, addressesDir}
	if !all.sound(network) {
		return leased{}, fmt.Errorf("a network can't be called %q: it must be a file's name", network)
	}
	return leased{linkFolder{pods, filepath.Join(addressesDir, network)}}, nil
}

// slots are those in use, and by whom. It may be another's an instant later.
func (l leased) slots() (map[int]string, error) {
	entries, err := os.ReadDir(l.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	held := make(map[int]string, len(entries))
	for _, entry := range entries {
		slot, err := strconv.Atoi(entry.Name())
		if err != nil || slot < 0 {
			continue
		}
		switch holder, err := l.holder(entry.Name()); {
		case err != nil:
			return nil, err
		case holder != "":
			held[slot] = holder
		}
	}
	return held, nil
}

// lease looks again as long as there was one to be had at some moment: pods come and
// go, and the one that was free is another's before it is claimed.
func (l leased) lease(slots int, held map[int]string, id string) (int, error) {
	for {
		slot, err := l.next(slots, held, id)
		if err != nil {
			return 0, err
		}
		if slot >= 0 {
			l.note(slot)
			return slot, nil
		}
		if held, err = l.slots(); err != nil {
			return 0, err
		}
		if pods := l.living(slots, held); len(pods) >= slots {
			return 0, &AddressesTakenError{Slots: slots, Pods: pods}
		}
	}
}

// living are the pods that have a slot of a range.
func (l leased) living(slots int, held map[int]string) (pods []string) {
	for slot, holder := range held {
		if slot < slots && l.alive(holder) {
			pods = append(pods, holder)
		}
	}
	slices.Sort(pods)
	return pods
}

// next claims a slot that nobody has, or else one of a pod that has no folder; -1:
// there was none.
func (l leased) next(slots int, held map[int]string, id string) (int, error) {
	start := l.last() + 1
	for _, ofTheDead := range []bool{false, true} {
		for i := range slots {
			slot := (start + i) % slots
			if _, inUse := held[slot]; inUse != ofTheDead {
				continue
			}
			holder, err := l.claim(strconv.Itoa(slot), id)
			if err != nil || holder == id {
				return slot, err
			}
		}
	}
	return -1, nil
}

func (l leased) giveBack(slot int, id string) error {
	return l.release(strconv.Itoa(slot), func(holder string) bool { return holder == id })
}

// lastDigits is how many digits the hint has: it is overwritten in one piece.
const lastDigits = 10

// last is the slot that was given last, or -1.
func (l leased) last() int {
	said, err := os.Open(l.link(lastFile))
	if err != nil {
		return -1
	}
	defer said.Close()
	digits := make([]byte, lastDigits)
	n, _ := said.Read(digits)
	slot, err := strconv.ParseUint(string(digits[:n]), 10, 31)
	if err != nil {
		return -1
	}
	return int(slot)
}

func (l leased) note(slot int) {
	said, err := os.OpenFile(l.link(lastFile), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return // the next search begins elsewhere
	}
	defer said.Close()
	_, _ = fmt.Fprintf(said, "%0*d", lastDigits, slot)
}
