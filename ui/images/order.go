package images

import (
	"cmp"
	"slices"
	"strings"

	"github.com/podtui/podtui/engine"
)

// order is what the list is sorted by; a filter ranks before it.
type order int

const (
	byName order = iota
	byAge
	bySize
	byVersion
	bySigner
	orders
)

// sorting is an order, and whether it is the other way round.
type sorting struct {
	by       order
	reversed bool
}

func (s sorting) String() string {
	words := [...]string{"name", "age", "size", "version", "signer"}[s.by]
	if s.reversed {
		words += ", reversed"
	}
	return words
}

// apply sorts. It moves small keys about instead of images: with ten thousand
// of them the first screen waits for this. What is alike in the column stands by name,
// the newest version first, whichever way round the column is.
func (s sorting) apply(all []engine.Entry) {
	keys := make([]sortKey, len(all))
	for i := range all {
		keys[i] = sortKey{name: all[i].Name, image: &all[i]}
	}
	slices.SortFunc(keys, func(a, b sortKey) int {
		c := s.by.compare(a, b)
		if s.reversed {
			c = -c
		}
		if c == 0 && s.by != byName {
			c = strings.Compare(a.name, b.name)
		}
		if c == 0 { // looking for the version costs more, and is rarely needed
			c = cmp.Or(-compareVersions(a.image.Version(), b.image.Version()), strings.Compare(a.image.ID, b.image.ID))
		}
		return c
	})
	sorted := make([]engine.Entry, len(all))
	for i, k := range keys {
		sorted[i] = *k.image
	}
	copy(all, sorted)
}

type sortKey struct {
	name  string
	image *engine.Entry
}

// compare tells which stands first in a column.
func (o order) compare(a, b sortKey) int {
	switch o {
	case byAge:
		return b.image.Imported.Compare(a.image.Imported)
	case bySize:
		return cmp.Compare(b.image.Size, a.image.Size)
	case byVersion:
		return -compareVersions(a.image.Version(), b.image.Version())
	case bySigner:
		return cmp.Or(cmp.Compare(unsigned(a), unsigned(b)), strings.Compare(a.image.VerifiedBy, b.image.VerifiedBy))
	}
	return strings.Compare(a.name, b.name)
}

// unsigned stand last: they are what is looked for with the order turned round.
func unsigned(k sortKey) int {
	if k.image.VerifiedBy == "" {
		return 1
	}
	return 0
}

func (s *Screen) nextOrder() {
	s.sort.by = (s.sort.by + 1) % orders
	s.resort()
}

func (s *Screen) reverse() {
	s.sort.reversed = !s.sort.reversed
	s.resort()
}

// resort puts the list into its order, and keeps the cursor on its row.
func (s *Screen) resort() {
	key := s.rowKey()
	all := slices.Clone(s.all) // the palette may still be looking at the one before
	s.sort.apply(all)
	s.replaceList(all, looksOf(all, s.labels))
	s.stay(key)
}
