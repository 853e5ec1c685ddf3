package compose

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
)

// offeredPorts are the ports of the images that have a name of their own.
func (s *Screen) offeredPorts() []spec.Offer {
	var all []spec.Offer
	for _, o := range s.draft.pod.Offers(s.manifests()) {
		if !slices.ContainsFunc(all, func(other spec.Offer) bool { return other.Name == o.Name }) {
			all = append(all, o)
		}
	}
	return all
}

// canPublish reports whether a port is of a kind that can be led to.
func canPublish(o spec.Offer) bool {
	return (o.Protocol == spec.TCP || o.Protocol == spec.UDP) && !o.SocketActivated && o.Port > 0
}

// portRows are the ports of the images, each with its side on the host, and those that
// are published though no image is known to have them.
func (s *Screen) portRows() []row {
	var rows []row
	done := make(map[string]bool)
	add := func(name string, offer *spec.Offer) {
		first := "port:" + name
		for i, p := range s.draft.pod.Ports {
			if p.Name == name {
				rows = append(rows, s.publishedRow(i, offer, cmp.Or(first, fmt.Sprint("port:", name, ":", i))))
				first = ""
			}
		}
		if first != "" {
			rows = append(rows, s.offerRow(*offer, first))
		}
		done[name] = true
	}
	for _, o := range s.offeredPorts() {
		add(o.Name, &o)
	}
	for _, p := range s.draft.pod.Ports {
		if !done[p.Name] {
			add(p.Name, nil)
		}
	}
	rows = append(rows, s.anyPortRow())
	rows[0].gap, rows[0].label = true, "ports"
	return rows
}

// publishedRow is port i of those that are published.
func (s *Screen) publishedRow(i int, offer *spec.Offer, key string) row {
	p := s.draft.pod.Ports[i]
	r := row{path: fmt.Sprintf("ports[%d]", i), key: key, own: true, value: s.onHost(p) + " → " + p.Name, note: "every address of the host"}
	if p.HostIP != "" {
		r.note = "on " + p.HostIP + " alone"
	}
	if offer != nil {
		r.value += " " + inPod(offer.PodPort)
		r.note = offer.App + ", " + r.note
	}
	r.edit = s.hostSideEdit(p.Name, hostAddress(p), func(pod *spec.Pod, port spec.Port) {
		port.PodPort = pod.Ports[i].PodPort
		pod.Ports[i] = port
	})
	if s.givenPort(p.Name) {
		r.note = join(string(spec.FromPodManifest), r.note)
		return r
	}
	take := func(pod *spec.Pod) {
		if pod.Ports = slices.Delete(pod.Ports, i, i+1); len(pod.Ports) == 0 {
			pod.Ports = nil
		}
	}
	r.toggle, r.reset, r.remove = take, take, take
	keep := r.edit.set
	r.edit.set = func(pod *spec.Pod, t string) {
		if t == "" {
			take(pod)
			return
		}
		keep(pod, t)
	}
	return r
}

// offerRow is a port that is not published, with what it could be.
func (s *Screen) offerRow(o spec.Offer, key string) row {
	r := row{path: fmt.Sprintf("ports[%d]", len(s.draft.pod.Ports)), key: key, value: o.Name + " " + inPod(o.PodPort), note: o.App + ", not published"}
	if !canPublish(o) {
		r.note = o.App + ", can't be published"
		return r
	}
	r.edit = s.hostSideEdit(o.Name, "", publish)
	if free := s.host.free[o.Name]; free > 0 {
		key, _ := s.env.Keys.Hint(keymap.ComposeToggle)
		r.note = key + ": on " + strconv.Itoa(free) + "; " + o.App
		r.edit.hint += "; " + strconv.Itoa(free) + " is free"
		r.toggle = func(p *spec.Pod) { publish(p, spec.Port{Name: o.Name, HostPort: free}) }
	}
	return r
}

// publish publishes one more port. A pod on the host's network gets one of its own
// for it.
func publish(p *spec.Pod, port spec.Port) {
	p.Ports = append(p.Ports, port)
	if len(p.Network.Names) == 0 {
		p.Network.Names = []string{defaultNetwork}
	}
}

// hostSideEdit takes [HOSTIP:]HOSTPORT.
func (s *Screen) hostSideEdit(name, start string, put func(*spec.Pod, spec.Port)) *edit {
	return &edit{start: start, hint: "[HOSTIP:]HOSTPORT", hard: true, rests: true,
		set: func(p *spec.Pod, t string) {
			if port, err := spec.ParsePort(name + ":" + t); err == nil && t != "" {
				put(p, port)
			}
		},
		warn: func(t string) string {
			if t == "" {
				return ""
			}
			return unlikePort(name + ":" + t)
		},
	}
}

// unlikePort is what is wrong with how a port is written, or "".
func unlikePort(t string) string {
	_, err := spec.ParsePort(t)
	if err == nil {
		return ""
	}
	_, why, _ := strings.Cut(err.Error(), ": ")
	return "! " + why
}

// anyPortRow publishes a port by its name: of an image that isn't known yet, or once
// more.
func (s *Screen) anyPortRow() row {
	names := func() []offer {
		var all []offer
		for _, o := range s.offeredPorts() {
			all = append(all, offer{o.Name + ":", inPod(o.PodPort) + " of " + o.App})
		}
		return all
	}
	return row{key: "port new", value: "+ port", stays: true, edit: &edit{hint: "NAME:[HOSTIP:]HOSTPORT", offer: oneOf(names), hard: true, rests: true,
		set: func(p *spec.Pod, t string) {
			if port, err := spec.ParsePort(t); err == nil {
				publish(p, port)
			}
		},
		warn: func(t string) string {
			if t == "" {
				return ""
			}
			return unlikePort(t)
		},
	}}
}

// inPod is a port as people write it: 80/tcp, 7000–7009/udp.
func inPod(p spec.PodPort) string {
	return rangeFrom(int(p.Port), int(max(p.Count, 1))) + "/" + p.Protocol
}

func rangeFrom(first, count int) string {
	if count == 1 {
		return strconv.Itoa(first)
	}
	return strconv.Itoa(first) + "–" + strconv.Itoa(first+count-1)
}

// onHost is the host's side of a published port, all of its range.
func (s *Screen) onHost(p spec.Port) string {
	count := 1
	for _, o := range s.offeredPorts() {
		if o.Name == p.Name {
			count = int(max(o.Count, 1))
		}
	}
	if p.PodPort != nil {
		count = int(max(p.PodPort.Count, 1))
	}
	last := ""
	if count > 1 {
		last = "–" + strconv.Itoa(p.HostPort+count-1)
	}
	return hostAddress(p) + last
}

// hostAddress is the host's side as it is typed.
func hostAddress(p spec.Port) string {
	port := strconv.Itoa(p.HostPort)
	switch {
	case p.HostIP == "":
		return port
	case strings.Contains(p.HostIP, ":"):
		return "[" + p.HostIP + "]:" + port
	}
	return p.HostIP + ":" + port
}

// freeInstead is a port of the host that is free, where that of a field is not; 0: none
// is known.
func (s *Screen) freeInstead(path string) int {
	i, _, ok := element(path, "ports", len(s.draft.pod.Ports))
	if !ok {
		return 0
	}
	return s.host.instead[hostSide(s.draft.pod.Ports[i])]
}

// hostSide tells published ports apart.
func hostSide(p spec.Port) string { return p.Name + ":" + hostAddress(p) }

// freePorts finds what can be published where: what ports of images that are not
// published could be on, and what those that are taken could be on instead. The
// draft's own ports are asked for with them, so that none is found twice.
func (s *Screen) freePorts(pod spec.Pod, images []spec.Image, taken []spec.Problem) (free, instead map[string]int) {
	resolved, _ := pod.Resolve(images, spec.Surroundings{})
	wanted := slices.Clone(resolved.Ports)
	var names []string
	for _, o := range pod.Offers(images) {
		published := func(p spec.Published) bool { return p.Name == o.Name }
		if !canPublish(o) || slices.ContainsFunc(wanted, published) {
			continue
		}
		names = append(names, o.Name)
		wanted = append(wanted, spec.Published{Name: o.Name, Protocol: o.Protocol, HostPort: int(o.Port), Port: int(o.Port), Count: int(max(o.Count, 1))})
	}
	if len(names)+len(taken) == 0 {
		return nil, nil
	}
	found := s.engine.FreePorts(wanted)
	free, instead = make(map[string]int), make(map[string]int)
	for i, name := range names {
		free[name] = found[len(resolved.Ports)+i]
	}
	for i, p := range resolved.Ports {
		if found[i] != p.HostPort {
			instead[hostSide(spec.Port{Name: p.Name, HostIP: p.HostIP, HostPort: p.HostPort})] = found[i]
		}
	}
	return free, instead
}
