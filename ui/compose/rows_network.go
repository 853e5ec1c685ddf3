package compose

import (
	"fmt"
	"slices"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/text"
)

// privateKey is the row that switches private networking.
const privateKey = "private"

// networkRows are what the pod is connected with, and the ports that lead to it.
func (s *Screen) networkRows() []row {
	p := &s.draft.pod
	names := list[string]{
		path: "network.names", label: "networks", add: "+ network", hint: "a name, or NAME:KEY=VALUE;KEY=VALUE",
		offer: listOf("", s.networkOffers), show: func(n string) string { return n }, parse: func(t string) string { return t },
		note: s.room, of: func(p *spec.Pod) *[]string { return &p.Network.Names },
	}
	networks := names.rows(p.Network.Names)
	for i, asked := range p.Network.Names {
		networks[i].alert = s.full(asked)
	}
	networks[0].gap = true
	return slices.Concat([]row{s.privateRow()}, networks, s.brokenRows(), s.portRows())
}

func (s *Screen) privateRow() row {
	p := &s.draft.pod
	r := row{key: privateKey, label: "private", value: "no", note: "default: the host's network", toggle: s.togglePrivate}
	if len(p.Network.Names) > 0 {
		r.own, r.note = true, "yours"
		r.reset = func(p *spec.Pod) { p.Network.Names = nil }
	}
	if p.Network.Private() {
		r.value, r.reset = "yes", s.togglePrivate
	}
	for _, paragraph := range s.outlook() {
		r.below = append(r.below, text.Wrap(text.Escape(paragraph), s.belowWidth())...)
	}
	return r
}

// belowWidth is what a row below a field has room for.
func (s *Screen) belowWidth() int {
	if s.width == 0 { // not drawn yet
		return 1 << 10
	}
	w := s.width - listWidth(s.width)
	return max(min(w-columnsOf(w).label-3, 100), 8)
}

// brokenRows are files of the configuration that are of no use.
func (s *Screen) brokenRows() []row {
	rows := make([]row, len(s.host.networks.Warnings))
	for i, warning := range s.host.networks.Warnings {
		rows[i] = row{key: fmt.Sprint("broken ", i), label: "broken", value: warning, alert: "! of no use"}
	}
	return rows
}
