package pod

import (
	"strings"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// connect lays out what the pod is connected with: its addresses, what goes through
// its links, and the ports of the host that lead to it.
func (s *Screen) connect() {
	status := s.state.Status
	var rows []row
	for _, i := range status.Interfaces {
		rows = append(rows, s.interfaceRows(i)...)
	}
	rows = append(rows, s.rates()...)
	for i, p := range status.Ports {
		rows = append(rows, s.portRow(i, p))
	}
	if len(status.Interfaces) == 0 {
		rows = append(rows, s.unconnected()...)
	}
	s.rows[network] = rows
	s.pick = max(min(s.pick, len(status.Ports)-1), 0)
}

// unconnected says of a pod without addresses why it has none.
func (s *Screen) unconnected() []row {
	status := s.state.Status
	asked := s.pod.Network.Names
	switch {
	case len(status.Networks) > 0 && status.Networks[0] == "none":
		return []row{{head: "none", text: "a loopback and nothing else"}}
	case len(asked) > 0 && s.pod.Network.Private():
		return []row{{head: "network", text: strings.Join(asked, ", ")}, {text: "its addresses go with it: it has none now", style: dim}}
	case s.why[command] != nil || len(s.pod.Apps) == 0: // it was not read
		return nil
	}
	return []row{{head: "network", text: "the host's: its addresses and ports are the pod's"}}
}

func (s *Screen) interfaceRows(i poddir.Interface) []row {
	rows := []row{{head: i.Name, text: "network " + i.Network}}
	for n, address := range i.Addresses {
		words := address
		if n < len(i.Gateways) && i.Gateways[n] != "" {
			words += ", gateway " + i.Gateways[n]
		}
		rows = append(rows, row{text: words})
	}
	for _, route := range i.Routes {
		rows = append(rows, row{text: "route " + route, style: dim})
	}
	if i.Host != "" || i.MAC != "" {
		rows = append(rows, row{text: strings.TrimSpace("link " + strings.TrimSpace(i.MAC+" "+onTheHost(i.Host))), style: dim})
	}
	for _, t := range s.traffic {
		if t.Interface == i.Name {
			rows = append(rows, row{text: "received " + text.Bytes(t.Received) + " · sent " + text.Bytes(t.Sent) + s.rate(t)})
		}
	}
	return rows
}

func onTheHost(link string) string {
	if link == "" {
		return ""
	}
	return "to the host's " + link
}

// rate is how fast bytes go through now, if any do.
func (s *Screen) rate(now engine.Traffic) string {
	for _, before := range s.earlier {
		span := now.Time.Sub(before.Time).Seconds()
		if before.Interface != now.Interface || span <= 0 {
			continue
		}
		in, out := float64(now.Received-before.Received)/span, float64(now.Sent-before.Sent)/span
		if in >= 1 || out >= 1 {
			return " · now " + text.Bytes(int64(max(in, 0))) + "/s in, " + text.Bytes(int64(max(out, 0))) + "/s out"
		}
	}
	return ""
}

// portRow is a published port, which can be chosen to copy where it is.
func (s *Screen) portRow(i int, p spec.Published) row {
	r := row{text: stages.PortWords(p), link: stages.PortURL(p, s.env.Host), port: i + 1}
	if i == 0 {
		r.head = "ports"
	}
	if p.App != "" && len(s.state.Status.Apps) > 1 {
		r.text += " of " + p.App
	}
	return r
}

// drawPort draws a port with its address behind it, which a terminal can open.
func (s *Screen) drawPort(p *draw.Page, r row) {
	t := s.env.Theme
	style := t.Text
	if s.pick == r.port-1 {
		style = t.Strong
	}
	p.PutLink(style, r.text, r.link)
	if r.link != "" {
		p.Put(t.Dim, "   ")
		p.PutLink(t.Dim, r.link, r.link)
	}
	p.Next()
}

// choosePort moves among the ports, if that is what a key says and there are some.
func (s *Screen) choosePort(a keymap.Action) bool {
	n := len(s.state.Status.Ports)
	step := map[keymap.Action]int{keymap.Up: -1, keymap.Down: 1, keymap.Home: -n, keymap.End: n}[a]
	if step == 0 || n == 0 {
		return false
	}
	s.pick = max(min(s.pick+step, n-1), 0)
	for i, r := range s.rows[network] { // in view
		if r.port == s.pick+1 {
			s.tops[network] = max(min(s.tops[network], i), i-s.pages[network]+1)
		}
	}
	if s.pick == 0 {
		s.tops[network] = 0
	}
	s.hold(network)
	return true
}

// copyNetwork puts where the chosen port is into the clipboard; of a pod that
// publishes none, its address.
func (s *Screen) copyNetwork() screen.Out {
	status := s.state.Status
	if len(status.Ports) > 0 {
		p := status.Ports[s.pick]
		if url := stages.PortURL(p, s.env.Host); url != "" {
			return screen.Say(screen.Copy{Text: url, What: url})
		}
		return screen.Say(screen.Copy{Text: stages.OnHost(p), What: stages.OnHost(p)})
	}
	if all := stages.PodAddresses(status); len(all) > 0 {
		return screen.Say(screen.Copy{Text: all[0], What: all[0]})
	}
	return screen.Say(screen.Notice{Text: "the pod has no address of its own"})
}
