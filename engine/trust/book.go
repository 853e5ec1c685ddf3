package trust

import (
	"os"
	"sync"
)

// Book is whom this host believed at one moment, for listings: it says of each of many
// records whether it still counts, without computing it again. A listing may thus be
// deceived by a record that somebody rewrote; a run is not.
type Book struct {
	store *Store

	mu    sync.Mutex
	keys  *catalogue
	files map[string]bool // of pins, by name
	pins  map[Pin]bool    // those that were asked for
}

// Book reads the names of all files. Each is opened when a record first names it.
func (s *Store) Book() (*Book, error) {
	keys, err := s.catalogue()
	if err != nil {
		return nil, err
	}
	b := &Book{store: s, keys: keys, files: map[string]bool{}, pins: map[Pin]bool{}}
	err = s.walkPins(func(_ *os.Root, name string) { b.files[name] = true }, func(string, string) {})
	return b, err
}

// Counts reports whether what a record says is still true of its key, by fingerprint,
// or its pin: the key is here, not revoked, and counts for the image's name; the pin was
// not withdrawn. Which subkey signed is not known here: a key counts no more when any
// that was for signatures is revoked. So a listing may tell less than a run finds true.
func (b *Book) Counts(key string, pin string, name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return key != "" && b.keyCounts(key, name) || pin != "" && b.pinCounts(Pin(pin))
}

func (b *Book) keyCounts(fingerprint, name string) bool {
	if b.keys.places[fingerprint] == nil {
		return false
	}
	k := b.keys.look(fingerprint)
	return k.covers(name) && !k.key.RevokedInPart()
}

func (b *Book) pinCounts(p Pin) bool {
	counts, asked := b.pins[p]
	if !asked {
		if b.files[p.file()] {
			_, err := b.store.pin(p)
			counts = err == nil
		}
		b.pins[p] = counts
	}
	return counts
}
