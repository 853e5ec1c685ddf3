package spec

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Offer is a port that an app of the pod listens on, as its image says it or the app
// object that a pod manifest has in its place.
type Offer struct {
	App string
	PodPort
}

// String is the port without its name: tcp 80, udp 7000–7009.
func (p PodPort) String() string {
	if p.count() == 1 {
		return fmt.Sprintf("%s %d", show(p.Protocol), p.Port)
	}
	return fmt.Sprintf("%s %d–%d", show(p.Protocol), p.Port, p.Port+p.count()-1)
}

// Offers are the ports that can be published, in the order of the apps. An image that
// isn't known yet offers none.
func (p Pod) Offers(images []Image) []Offer {
	var offers []Offer
	for i, app := range p.Apps {
		image := imageAt(images, i)
		name := app.Name
		if name == "" {
			name = DefaultName(image.name())
		}
		for _, port := range app.instead(image).Ports {
			offers = append(offers, Offer{name, PodPort{
				Name: string(port.Name), Protocol: strings.ToLower(port.Protocol), Port: port.Port, Count: port.Count, SocketActivated: port.SocketActivated}})
		}
	}
	return offers
}

// publisher finds what each of a pod's ports means.
type publisher struct {
	offers   []Offer
	byName   map[string][]Offer
	complete bool // every image is known, so that a port that isn't there never will be
	manifest bool // the pod is a manifest's
	all      []Published
}

// publish tells what is wrong with ports as only the images show it. What is wrong by
// form Check has told.
func (p Pod) publish(images []Image) (all []Published, problems []Problem) {
	if len(p.Ports) == 0 || len(p.Ports) > maxPorts {
		return nil, nil
	}
	by := publisher{offers: p.Offers(images), byName: make(map[string][]Offer), complete: true, manifest: p.ManifestFile != ""}
	for _, o := range by.offers {
		by.byName[o.Name] = append(by.byName[o.Name], o)
	}
	for i, app := range p.Apps {
		by.complete = by.complete && (len(app.Says) > 0 || imageAt(images, i).Manifest != nil)
	}
	for i, port := range p.Ports {
		var form checker
		if form.port("", port); len(form.problems) > 0 {
			continue
		}
		if field, message := by.publish(port); message != "" {
			problems = append(problems, Problem{indexed("ports", i) + field, message})
		}
	}
	return by.all, problems
}

func (b *publisher) publish(port Port) (field, problem string) {
	offers, wrong := b.find(port)
	if wrong != "" {
		return ".name", port.asked(b.manifest) + ": " + wrong
	}
	for _, offer := range offers {
		if field, problem := b.add(port, offer); problem != "" {
			return field, port.asked(b.manifest) + ": " + problem
		}
	}
	return "", ""
}

func (b *publisher) add(port Port, offer Offer) (field, problem string) {
	if wrong := offer.wrong(); wrong != "" {
		return ".name", fmt.Sprintf("port %s of app %s: %s", port.Name, show(offer.App), wrong)
	}
	if count := offer.count(); count > maxRange {
		return ".name", fmt.Sprintf("port %s is %s of app %s, %d ports of the host; at most %d are taken at once",
			port.Name, offer.PodPort, show(offer.App), count, maxRange)
	}
	published := Published{
		Name: port.Name, App: offer.App, Protocol: offer.Protocol, HostIP: port.hostIP(),
		HostPort: port.HostPort, Port: int(offer.Port), Count: int(offer.count()),
	}
	if last := published.HostPort + published.Count - 1; last > maxPort {
		return ".hostPort", fmt.Sprintf("port %s is %s, %d ports, and on the host they would go on to %d; the last is %d",
			port.Name, offer.PodPort, published.Count, last, maxPort)
	}
	if i := slices.IndexFunc(b.all, published.Meets); i >= 0 {
		return ".hostPort", fmt.Sprintf("%s is that of port %s already; write another HOSTPORT", published.onHost(), b.all[i].Name)
	}
	b.all = append(b.all, published)
	return "", ""
}

// find is the port of a name: one of each protocol, as that of DNS is tcp and udp.
// Several apps may have it if it is the same in all: it leads to the pod, in which one
// of them listens. An image that isn't known yet may have it: then there is none so far.
func (b *publisher) find(port Port) (offers []Offer, wrong string) {
	named := b.byName[port.Name]
	switch {
	case port.PodPort != nil:
		given := Offer{PodPort: *port.PodPort}
		if len(named) > 0 {
			given.App = named[0].App
		}
		return []Offer{given}, ""
	case len(named) == 0 && b.complete:
		return nil, b.unknown(port.Name)
	}
	for _, other := range named {
		i := slices.IndexFunc(offers, func(o Offer) bool { return o.Protocol == other.Protocol })
		if i < 0 {
			offers = append(offers, other)
		} else if one := offers[i]; other.Port != one.Port || other.count() != one.count() {
			return nil, fmt.Sprintf("port %s is %s of app %s and %s of app %s; which one is meant, the podPort of a pod manifest can say",
				port.Name, one, show(one.App), other, show(other.App))
		}
	}
	return offers, ""
}

func (b *publisher) unknown(name string) string {
	const most = 10
	var names []string
	for _, o := range b.offers {
		if one := show(o.Name) + " (" + o.String() + ")"; len(names) < most && !slices.Contains(names, one) {
			names = append(names, one)
		}
	}
	switch {
	case len(names) == 0:
		return "no image has a port " + name + ", or any other"
	case len(names) == most:
		names = append(names, "…")
	}
	return "no image has a port " + name + "; there are " + strings.Join(names, ", ")
}

// Is reports whether it is what somebody asked for.
func (p Published) Is(asked Port) bool {
	return p.Name == asked.Name && p.HostPort == asked.HostPort && p.HostIP == asked.hostIP()
}

// Meets reports whether two ports want one and the same of the host.
func (p Published) Meets(other Published) bool {
	return p.Protocol == other.Protocol && addressesMeet(p.HostIP, other.HostIP) &&
		p.HostPort < other.HostPort+other.Count && other.HostPort < p.HostPort+p.Count
}

func addressesMeet(a, b string) bool {
	if a == b || a == "" || b == "" {
		return true
	}
	one, _ := netip.ParseAddr(a)
	two, _ := netip.ParseAddr(b)
	return one.Is4() == two.Is4() && (one.IsUnspecified() || two.IsUnspecified())
}

// onHost is the host's side of it, for people.
func (p Published) onHost() string {
	ports := fmt.Sprintf("%s port %d", p.Protocol, p.HostPort)
	if p.Count > 1 {
		ports = fmt.Sprintf("one of %s ports %d–%d", p.Protocol, p.HostPort, p.HostPort+p.Count-1)
	}
	if p.HostIP == "" {
		return ports + " of the host"
	}
	return ports + " of " + p.HostIP
}
