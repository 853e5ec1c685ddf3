// Package imagemanifest reads the manifests of images, which strangers write. It is
// apart from the store so that a pod's supervisor, which tells apps what their
// manifests say, takes the same ones and needs nothing else of the store.
package imagemanifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"
)

// Decode reads an image manifest as the appc schema says, with what the schema
// has no answer for taken out of its way: an isolator without a value, at which it
// falls over; a quantity such as 1e-999999999, of which it computes all digits; and
// one that it has no type for, with which it takes no image, though an executor may
// ignore it (ace.md). The latter comes back with a nil Value.
func Decode(data []byte) (*schema.ImageManifest, error) {
	var found struct {
		App struct {
			Isolators isolators `json:"isolators"`
		} `json:"app"`
	}
	// What else is wrong the schema tells.
	_ = json.Unmarshal(data, &found)
	if err := found.App.Isolators.err; err != nil {
		return nil, err
	}
	for _, list := range found.App.Isolators.replaced {
		data = bytes.ReplaceAll(data, list.old, list.known)
	}
	var m schema.ImageManifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, err
	}
	if m.App != nil {
		m.App.Isolators = append(m.App.Isolators, found.App.Isolators.unknown...)
	}
	return &m, nil
}

// isolators sees each list of isolators as the schema would: a key may come twice.
type isolators struct {
	unknown  types.Isolators
	replaced []struct{ old, known []byte }
	err      error // the first
}

func (s *isolators) UnmarshalJSON(data []byte) error {
	var list []struct {
		Name  string          `json:"name"`
		Value json.RawMessage `json:"value"`
	}
	if s.err != nil || json.Unmarshal(data, &list) != nil {
		return nil //nolint:nilerr // the schema tells what is wrong with a list
	}
	known := make([]any, 0, len(list))
	for _, i := range list {
		var isolator types.Isolator
		isolator, s.err = decodeIsolator(i.Name, i.Value)
		switch {
		case s.err != nil:
			return s.err
		case isolator.Value() == nil:
			s.unknown = append(s.unknown, isolator)
		default:
			known = append(known, i)
		}
	}
	if len(known) == len(list) {
		return nil
	}
	text, err := json.Marshal(known)
	s.replaced = append(s.replaced, struct{ old, known []byte }{bytes.Clone(data), text})
	return err
}

// longestQuantity bounds the value of an isolator with numbers.
const longestQuantity = 256

func decodeIsolator(name string, value json.RawMessage) (i types.Isolator, err error) {
	if len(value) == 0 || string(value) == "null" {
		return i, fmt.Errorf("isolator %s has no value", name)
	}
	if strings.HasPrefix(name, "resource/") && (len(value) > longestQuantity || hasExponent(value)) {
		return i, fmt.Errorf("isolator %s: a quantity with an exponent or without end", name)
	}
	text, err := json.Marshal(struct {
		Name  string          `json:"name"`
		Value json.RawMessage `json:"value"`
	}{name, value})
	if err == nil {
		err = json.Unmarshal(text, &i)
	}
	return i, err
}

// hasExponent finds the like of 1e-9.
func hasExponent(value []byte) bool {
	for i := 1; i+1 < len(value); i++ {
		if (value[i] == 'e' || value[i] == 'E') && strings.IndexByte("0123456789.", value[i-1]) >= 0 && strings.IndexByte("+-0123456789", value[i+1]) >= 0 {
			return true
		}
	}
	return false
}
