package poddir

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/podtui/podtui/engine/spec"
)

// parseStatus reads what WriteStatus has written, as json.Unmarshal does. A list
// of a thousand pods spends more time in there than in everything else, so what
// has exactly the form in which json.Marshal writes a Status is read here, in one
// pass and without reflection; all else, by hand or by another version, is left to
// the library.
func parseStatus(data []byte) (Status, error) {
	p := parser{rest: data}
	s := p.status()
	if !p.failed && len(p.rest) == 0 {
		return s, nil
	}
	s = Status{}
	err := json.Unmarshal(data, &s)
	return s, err
}

// parser takes JSON from the front of rest. Once it has failed, what it returns is
// worth nothing.
type parser struct {
	rest   []byte
	failed bool
}

func (p *parser) status() (s Status) {
	p.object(func(name []byte) {
		switch string(name) {
		case "uuid":
			s.UUID = p.text()
		case "name":
			s.Name = p.text()
		case "state":
			s.State = State(p.text())
		case "before":
			s.Before = State(p.text())
		case "created":
			s.Created = p.time()
		case "started":
			s.Started = p.time()
		case "ended":
			s.Ended = p.time()
		case "exit":
			s.Exit = new(p.number())
		case "cause":
			s.Cause = p.text()
		case "apps":
			s.Apps = array(p, s.Apps, p.appStatus)
		case "runs":
			s.Runs = p.number()
		case "boot":
			s.Boot = p.text()
		case "users":
			s.Users = new(p.idRange())
		case "networks":
			s.Networks = array(p, s.Networks, p.text)
		case "interfaces":
			s.Interfaces = array(p, s.Interfaces, p.netInterface)
		case "ports":
			s.Ports = array(p, s.Ports, p.published)
		case "metadata":
			s.Metadata = p.text()
		case "insecure":
			s.Insecure = array(p, s.Insecure, p.text)
		default:
			p.failed = true
		}
	})
	return s
}

func (p *parser) appStatus() (s AppStatus) {
	p.object(func(name []byte) {
		switch string(name) {
		case "name":
			s.Name = p.text()
		case "image":
			s.Image = p.text()
		case "imageID":
			s.ImageID = p.text()
		case "pid":
			s.PID = p.number()
		case "started":
			s.Started = p.time()
		case "ended":
			s.Ended = p.time()
		case "exit":
			s.Exit = new(p.number())
		case "cause":
			s.Cause = p.text()
		case "restarts":
			s.Restarts = p.number()
		case "next":
			s.Next = p.time()
		case "uid":
			s.UID = p.number()
		case "gid":
			s.GID = p.number()
		case "groups":
			s.Groups = array(p, s.Groups, p.number)
		case "input":
			s.Input = p.yes()
		case "terminal":
			s.Terminal = p.yes()
		case "unverified":
			s.Unverified = p.yes()
		default:
			p.failed = true
		}
	})
	return s
}

func (p *parser) idRange() (ids IDRange) {
	p.object(func(name []byte) {
		switch string(name) {
		case "first":
			ids.First = p.number()
		case "count":
			ids.Count = p.number()
		default:
			p.failed = true
		}
	})
	return ids
}

func (p *parser) netInterface() (i Interface) {
	p.object(func(name []byte) {
		switch string(name) {
		case "network":
			i.Network = p.text()
		case "name":
			i.Name = p.text()
		case "host":
			i.Host = p.text()
		case "mac":
			i.MAC = p.text()
		case "addresses":
			i.Addresses = array(p, i.Addresses, p.text)
		case "gateways":
			i.Gateways = array(p, i.Gateways, p.text)
		case "routes":
			i.Routes = array(p, i.Routes, p.text)
		case "file":
			i.File = p.text()
		case "plugin":
			i.Plugin = p.text()
		case "args":
			i.Args = p.text()
		default:
			p.failed = true
		}
	})
	return i
}

func (p *parser) published() (port spec.Published) {
	p.object(func(name []byte) {
		switch string(name) {
		case "name":
			port.Name = p.text()
		case "app":
			port.App = p.text()
		case "protocol":
			port.Protocol = p.text()
		case "hostIP":
			port.HostIP = p.text()
		case "hostPort":
			port.HostPort = p.number()
		case "port":
			port.Port = p.number()
		case "count":
			port.Count = p.number()
		default:
			p.failed = true
		}
	})
	return port
}

// object calls field for each name; it takes the value.
func (p *parser) object(field func(name []byte)) {
	p.expect('{')
	if p.takes('}') {
		return
	}
	for !p.failed {
		name := p.quoted()
		p.expect(':')
		if field(name); p.takes('}') {
			return
		}
		p.expect(',')
	}
}

// array takes an array. The library reads a second one of the same name into the
// elements of the first.
func array[T any](p *parser, first []T, element func() T) []T {
	p.failed = p.failed || first != nil
	p.expect('[')
	all := []T{}
	if p.takes(']') {
		return all
	}
	for !p.failed {
		if all = append(all, element()); p.takes(']') {
			break
		}
		p.expect(',')
	}
	return all
}

func (p *parser) text() string { return string(p.quoted()) }

// quoted takes a string in which nothing has to be replaced.
func (p *parser) quoted() []byte {
	p.expect('"')
	ascii := true
	for i, c := range p.rest {
		switch {
		case c == '"':
			s := p.rest[:i]
			p.rest = p.rest[i+1:]
			p.failed = p.failed || !ascii && !utf8.Valid(s)
			return s
		case c == '\\' || c < ' ':
			p.failed = true
			return nil
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	p.failed = true
	return nil
}

func (p *parser) time() (t time.Time) {
	p.failed = t.UnmarshalText(p.quoted()) != nil || p.failed
	return t
}

// number takes digits as json.Marshal writes them: none has a zero before it.
func (p *parser) number() int {
	end := 0
	for end < len(p.rest) && (p.rest[end] >= '0' && p.rest[end] <= '9' || end == 0 && p.rest[0] == '-') {
		end++
	}
	digits := string(p.rest[:end])
	n, err := strconv.Atoi(digits)
	p.failed = p.failed || err != nil || strconv.Itoa(n) != digits
	p.rest = p.rest[end:]
	return n
}

// yes takes a switch that is left out when it is off.
func (p *parser) yes() bool {
	const on = "true"
	if len(p.rest) < len(on) || string(p.rest[:len(on)]) != on {
		p.failed = true
		return false
	}
	p.rest = p.rest[len(on):]
	return true
}

func (p *parser) expect(c byte) { p.failed = !p.takes(c) || p.failed }

func (p *parser) takes(c byte) bool {
	if len(p.rest) == 0 || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}
