package pods

import (
	"cmp"
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/stages"
)

// order is what the list is sorted by.
type order int

const (
	byNewest order = iota
	byName
	byState
	byApps
	byImage
	byAge
	byCPU
	byMemory
	byCause
	orders
)

func (o order) String() string {
	return [...]string{"newest", "name", "state", "apps", "image", "age", "cpu", "mem", "cause"}[o]
}

// sortedBy tells how the list is sorted.
func (s *Screen) sortedBy() string {
	if s.turned {
		return s.sort.String() + ", reversed"
	}
	return s.sort.String()
}

func (s *Screen) nextOrder() {
	s.sort = (s.sort + 1) % orders
	s.resort()
}

// turn puts the list the other way round.
func (s *Screen) turn() {
	s.turned = !s.turned
	s.resort()
}

func (s *Screen) resort() {
	want := ""
	if under := s.current(); under != nil {
		want = under.UUID
	}
	s.arrange(want)
}

// apply sorts: what most people look for comes first, and what has nothing in the
// column last; turned, the other way round. Pods that are alike stand as ever, the
// newest first, unless that is what the list is sorted by.
func (o order) apply(all []*pod, turned bool) {
	slices.SortFunc(all, func(a, b *pod) int {
		c := 0
		switch o {
		case byNewest:
			c = b.Created.Compare(a.Created)
		case byName:
			c = strings.Compare(a.words.name, b.words.name)
		case byState:
			c = cmp.Or(cmp.Compare(rank(a.Status), rank(b.Status)), strings.Compare(a.words.state, b.words.state))
		case byApps:
			c = strings.Compare(a.words.apps, b.words.apps)
		case byImage:
			c = strings.Compare(a.words.image, b.words.image)
		case byAge:
			c = stages.PodSince(b.Status).Compare(stages.PodSince(a.Status))
		case byCPU:
			c = cmp.Compare(b.load.CPU(), a.load.CPU())
		case byMemory:
			c = cmp.Compare(b.load.Memory(), a.load.Memory())
		case byCause:
			c = cmp.Or(cmp.Compare(empty(a.words.cause), empty(b.words.cause)), strings.Compare(a.words.cause, b.words.cause))
		}
		if turned {
			c = -c
		}
		if c == 0 {
			c = b.Created.Compare(a.Created)
		}
		if c == 0 {
			c = strings.Compare(a.UUID, b.UUID)
		}
		return c
	})
}

func empty(s string) int {
	if s == "" {
		return 1
	}
	return 0
}

// rank is the place of a state: what runs or is about to, what failed, the rest.
func rank(p poddir.Status) int {
	switch {
	case p.State == poddir.Preparing:
		return 0
	case p.State == poddir.Running:
		return 1
	case p.State == poddir.Prepared:
		return 2
	case p.State == poddir.Failed, p.Exit != nil && *p.Exit != 0:
		return 3
	}
	return 4
}
