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

func (s *Screen) nextOrder() {
	s.sort = (s.sort + 1) % orders
	want := ""
	if under := s.current(); under != nil {
		want = under.UUID
	}
	s.arrange(want)
}

// apply sorts: what most people look for comes first, and what has nothing in the
// column last. Pods that are alike stand as ever, the newest first.
func (o order) apply(all []*pod) {
	slices.SortFunc(all, func(a, b *pod) int {
		c := 0
		switch o {
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
