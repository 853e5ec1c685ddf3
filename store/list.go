package store

import (
	"cmp"
	"encoding/binary"
	"os"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// List lists all images as the index tells them, sorted by name, version and
// time of import. It opens no file per image: ten thousand take milliseconds.
// An image that is neither in the index nor readable has nothing to be listed
// by; GC reports it.
func (s *Store) List() ([]Entry, error) {
	before := s.stamp()
	if before.sealed() {
		list, bad, err := s.readLines("")
		if err == nil && bad == 0 && s.stamp() == before {
			return inOrder(list), nil
		}
	}
	b, err := s.readBoth()
	if err != nil {
		return nil, err
	}
	list, missing := stored(b.indexed, b.ids)
	exact := len(missing) == 0
	for _, id := range missing { // somebody lost the index
		img, err := s.Get(id)
		if absent(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, img.Entry())
	}
	list = inOrder(list)
	if exact {
		s.seal(before, list, b.bad > 0 || b.lines != len(list))
	}
	return list, nil
}

// stamp is when the folder of images and the index were changed.
type stamp struct {
	images, index int64 // nanoseconds since 1970, 0: not known
	size          int64 // of the index
}

func (s *Store) stamp() (st stamp) {
	if info, err := os.Stat(s.path(imagesDir)); err == nil {
		st.images = info.ModTime().UnixNano()
	}
	if info, err := os.Stat(s.path(indexFile)); err == nil {
		st.index, st.size = info.ModTime().UnixNano(), info.Size()
	}
	return st
}

func (st stamp) sealed() bool { return st.images != 0 && st.images == st.index+int64(decade) }

// decade is how long before images was changed a sealed index claims to have
// been written: an import changes both within one tick of the clock.
const decade = 10 * 365 * 24 * time.Hour

// tick is more than what two changes may be apart that get the same time: some
// disks keep seconds.
const tick = 2 * time.Second

// seal seals the index if what was listed is still all there is, and writes it
// anew before if it has surplus lines. It only makes the next listing quick, so
// it waits for nobody, and where it can't write it leaves things as they are.
func (s *Store) seal(listed stamp, list []Entry, surplus bool) {
	images := time.Unix(0, listed.images)
	if since := time.Since(images); listed.images == 0 || listed.size == 0 || since < tick {
		return
	}
	f, err := os.OpenFile(s.path(commitLock), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil || s.stamp() != listed {
		return
	}
	if surplus && s.compactIndex(list) != nil {
		return
	}
	_ = os.Chtimes(s.path(indexFile), time.Time{}, images.Add(-decade))
}

// both is the index and what is in images.
type both struct {
	indexed []Entry
	lines   int // how many of them
	bad     int // lines that are not what was written
	ids     []string
}

// readBoth reads the index and, beside it, what images there are: either takes
// as long as the other. What is imported meanwhile may be missing in the first
// and be in the second, or in neither.
func (s *Store) readBoth() (b both, err error) {
	var g errgroup.Group
	g.Go(func() (err error) {
		b.ids, err = s.ids()
		return err
	})
	g.Go(func() (err error) {
		b.indexed, b.bad, err = s.readLines("")
		b.lines = len(b.indexed)
		return err
	})
	return b, g.Wait()
}

// stored are the entries of the images that are there, and the IDs that have
// none. The entries are used up.
func stored(indexed []Entry, ids []string) (list []Entry, missing []string) {
	last := make(map[string]int, len(indexed))
	for i := range indexed {
		last[indexed[i].ID] = i
	}
	here := make([]bool, len(indexed))
	for _, id := range ids {
		if i, ok := last[id]; ok {
			here[i] = true
		} else {
			missing = append(missing, id)
		}
	}
	list = indexed[:0]
	for i := range indexed {
		if here[i] {
			list = append(list, indexed[i])
		}
	}
	return list, missing
}

// compare is the order of listings.
func compare(a, b *Entry) int {
	if c := cmp.Compare(a.Name, b.Name); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Version(), b.Version()); c != 0 {
		return c
	}
	return cmp.Or(a.Imported.Compare(b.Imported), cmp.Compare(a.ID, b.ID))
}

// inOrder sorts a listing. Names mostly begin alike, so they are compared by a
// number first, made of what comes after that.
func inOrder(list []Entry) []Entry {
	if ordered(list) {
		return list
	}
	type key struct {
		number uint64
		at     int
	}
	alike := commonPrefix(list)
	keys := make([]key, len(list))
	for i := range list {
		var begin [8]byte
		copy(begin[:], list[i].Name[alike:])
		keys[i] = key{binary.BigEndian.Uint64(begin[:]), i}
	}
	slices.SortFunc(keys, func(a, b key) int {
		if a.number != b.number {
			return cmp.Compare(a.number, b.number)
		}
		return compare(&list[a.at], &list[b.at])
	})
	sorted := make([]Entry, len(list))
	for i, k := range keys {
		sorted[i] = list[k.at]
	}
	return sorted
}

func ordered(list []Entry) bool {
	for i := 1; i < len(list); i++ {
		if compare(&list[i-1], &list[i]) > 0 {
			return false
		}
	}
	return true
}

// commonPrefix is how many bytes all names begin with alike.
func commonPrefix(list []Entry) int {
	first := list[0].Name
	n := len(first)
	for i := range list {
		name := list[i].Name
		n = min(n, len(name))
		for j := range n {
			if name[j] != first[j] {
				n = j
				break
			}
		}
	}
	return n
}
