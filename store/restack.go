package store

import "slices"

// An ACI's ID says what is in its own layer, and only by their names what is
// below it: the same archive may come on other images than before. Its record is
// of one stack, and whatever it tells is told of that one. So the image is not
// changed, but stacked anew: its record is replaced, as a whole.

// stackedAs reports whether an image has the stack of a record of it. Without
// dependencies its ID says which.
func (i Image) stackedAs(r record) bool {
	if len(i.Dependencies) == 0 && len(r.Dependencies) == 0 {
		return true
	}
	return slices.Equal(i.Dependencies, r.Dependencies) && slices.Equal(i.layers, r.Layers)
}

// restack puts an image that is here on other layers. What it had below it stays,
// for GC. That nobody leases it is asked once more, now that nobody can. The commit
// lock must be held, and the exclusive removal lock.
func (s *Store) restack(st *staging, c *candidate, was Image) (Image, error) {
	owners, err := s.ownersOf(was.ID)
	if err == nil && len(owners) > 0 {
		err = &StackInUseError{ID: was.ID, Owners: owners}
	}
	if err != nil {
		return Image{}, err
	}
	if err := s.publishLayers(st, c); err != nil {
		return Image{}, err
	}
	c.record.Imported = was.Imported // or its line would lie as long as there is no other
	now := c.record.image(c.parsed, was.Used)
	return now, s.restate(c.record, c.manifest, was.Entry(), now.Entry(), was.Used)
}

// Below returns the images that an image depends on, in the manifest's order, as
// they are stored. If it is stacked on anything else than what they are now, it is
// a *StaleError: who judges an image by those below it has to judge what it runs
// on. One that was removed is a *NotFoundError.
func (s *Store) Below(img Image) ([]Image, error) {
	below := make([]Image, len(img.Dependencies))
	for i, id := range img.Dependencies {
		var err error
		if below[i], err = s.Get(id); err != nil {
			return nil, err
		}
	}
	if len(below) > 0 && !img.stackedOn(below) {
		return nil, &StaleError{ID: img.ID}
	}
	return below, nil
}

// stackedOn reports whether an image's stack is what these dependencies give.
// Derived layers are called by what they are made of, so nothing is looked at.
func (i Image) stackedOn(below []Image) bool {
	stack := []string{i.ID}
	for _, dependency := range slices.Backward(below) {
		stack = append(stack, dependency.layers...)
	}
	stack = once(stack)
	if list := i.Manifest.PathWhitelist; len(list) > 0 {
		return slices.Equal(i.layers, []string{flatID(stack, list)})
	}
	return slices.Equal(i.layers, stack) ||
		slices.Equal(i.layers, append([]string{derivedID(layerParents, stack)}, stack...))
}
