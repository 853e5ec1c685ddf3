package oci

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxDepth is how deep a document may nest; real ones stay below ten.
const maxDepth = 100

// decode reads the one JSON value that raw must be. Duplicate keys are refused:
// readers differ in which of them counts, so what one tool has checked may not
// be what another one runs.
func decode(raw []byte, into any) error {
	if len(raw) > MaxDocument {
		return fmt.Errorf("%d bytes long; at most %d are taken", len(raw), MaxDocument)
	}
	if err := checkKeys(json.NewDecoder(bytes.NewReader(raw))); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return notJSON(err)
	}
	return nil
}

// level is one object or array that is open.
type level struct {
	keys map[string]bool // nil: an array
	key  bool            // a key comes next, not a value
}

// checkKeys walks through one value, and is content if nothing follows.
func checkKeys(d *json.Decoder) error {
	d.UseNumber()
	var open []level
	for {
		token, err := d.Token()
		if err != nil {
			return notJSON(err)
		}
		open, err = walk(open, token)
		if err != nil {
			return err
		}
		if len(open) == 0 {
			break
		}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON value")
	}
	return nil
}

// walk takes one token, given the values that are open, and returns those that
// are open after it.
func walk(open []level, token json.Token) ([]level, error) {
	if n := len(open); n > 0 && open[n-1].key {
		if key, isKey := token.(string); isKey {
			if open[n-1].keys[key] {
				return nil, fmt.Errorf("the key %s is there twice", show(key))
			}
			open[n-1].keys[key] = true
			open[n-1].key = false
			return open, nil
		}
	}
	switch token {
	case json.Delim('{'):
		open = append(open, level{keys: make(map[string]bool), key: true})
	case json.Delim('['):
		open = append(open, level{})
	case json.Delim('}'), json.Delim(']'):
		open = closed(open[:len(open)-1])
	default:
		open = closed(open)
	}
	if len(open) > maxDepth {
		return nil, fmt.Errorf("nests deeper than %d", maxDepth)
	}
	return open, nil
}

// closed is after a value: in an object the next key follows.
func closed(open []level) []level {
	if n := len(open); n > 0 && open[n-1].keys != nil {
		open[n-1].key = true
	}
	return open
}

// notJSON is an error of the decoder in one clean line.
func notJSON(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("is not JSON: it ends too early")
	case errors.As(err, &wrong):
		return fmt.Errorf("%s is of the wrong kind: a JSON %s", show(wrong.Field), show(wrong.Value))
	}
	return fmt.Errorf("is not JSON: %w", err)
}
