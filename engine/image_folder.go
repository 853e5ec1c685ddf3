package engine

import "github.com/podtui/podtui/engine/fetch"

// HasFolder reports whether a stored image has a folder at a path, for somebody who
// chooses where its app begins.
func (e *Engine) HasFolder(id, path string) (bool, error) {
	image, err := e.store.Get(id)
	if err != nil {
		return false, err
	}
	layers, err := e.store.Layers(image)
	if err != nil {
		return false, err
	}
	return fetch.HasFolder(layers, path)
}
