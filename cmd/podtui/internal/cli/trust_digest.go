package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/podtui/podtui/engine"
)

// approve vouches for one content. Nobody is asked: who names a digest has
// looked at it.
func (p *program) approve(k *keyring, pin, note string) error {
	pin, name, err := k.wholePin(pin)
	if err != nil {
		return err
	}
	approve := k.Approve
	if k.images != nil {
		approve = k.images.Approve // which asks anew about those that are here
	}
	change, err := approve(pin, cmp.Or(note, name))
	switch {
	case err != nil:
		return err
	case change == engine.TrustSame && note != "":
		p.output().Say(pin + " was approved already, and its note stays; podtui trust rm takes both back")
	case change == engine.TrustSame:
		p.output().Say(pin + " was approved already")
	default:
		p.output().Say("approved " + pin)
	}
	return nil
}

// wholePin completes the ID of a stored image, and tells its name. An image that is
// not here can be approved as well, by its whole ID.
func (k *keyring) wholePin(pin string) (whole, name string, err error) {
	if !isImageID(pin) {
		return pin, "", nil
	}
	image, err := k.image(pin)
	if err == nil {
		return image.ID, image.Name(), nil
	}
	var none *engine.NoImageError
	if _, short := engine.CheckPin(pin); short == nil && errors.As(err, &none) {
		return pin, "", nil
	}
	return "", "", err
}

func (k *keyring) image(id string) (engine.Image, error) {
	switch {
	case k.images != nil:
		return k.images.Image(id)
	case k.hidden != nil:
		return engine.Image{}, k.hidden
	}
	return engine.Image{}, &engine.NoImageError{Image: id}
}

// withdraw takes an approval back: a whole one, or one that is written as "trust
// list" shows it.
func (p *program) withdraw(k *keyring, pin string) error {
	trusted, err := k.Trusted()
	if err != nil {
		return err
	}
	whole, err := pinHere(trusted.Pins, pin)
	if err != nil {
		return err
	}
	if err := k.Withdraw(whole); err != nil {
		return err
	}
	p.output().Say(whole + " is no longer approved")
	return nil
}

// pinHere finds the approval that a text is the beginning of, with the repository
// or without.
func pinHere(pins []engine.TrustedPin, s string) (string, error) {
	if whole, err := engine.CheckPin(s); err == nil { // whether it is there or not
		return whole, nil
	}
	var found []string
	for _, pin := range pins {
		_, digest, _ := strings.Cut(pin.Pin, "@")
		if strings.HasPrefix(pin.Pin, s) || strings.HasPrefix(digest, s) {
			found = append(found, pin.Pin)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("%s is not approved here; podtui trust list --full shows what is", s)
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%s is the beginning of %d approvals: %s", s, len(found), strings.Join(found, ", "))
}
