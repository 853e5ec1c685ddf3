package cli

import (
	"errors"

	"github.com/podtui/podtui/engine"
)

// approve vouches for one content. Nobody is asked: who names a digest has
// looked at it.
func (p *program) approve(e *engine.Engine, pin string) error {
	pin, note, err := wholePin(e, pin)
	if err != nil {
		return err
	}
	change, err := e.Approve(pin, note)
	switch {
	case err != nil:
		return err
	case change == engine.TrustSame:
		p.output().Say(pin + " was approved already")
	default:
		p.output().Say("approved " + pin)
	}
	return nil
}

// wholePin completes the ID of a stored image, and notes what it is the ID of. An
// image that is not here can be approved as well, by its whole ID.
func wholePin(e *engine.Engine, pin string) (whole, note string, err error) {
	if !isImageID(pin) {
		return pin, "", nil
	}
	image, err := e.Image(pin)
	var none *engine.NoImageError
	switch {
	case err == nil:
		return image.ID, image.Name(), nil
	case errors.As(err, &none) && len(pin) == len("sha512-")+128:
		return pin, "", nil
	}
	return "", "", err
}
