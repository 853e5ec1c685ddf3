package spec

import (
	"strings"
)

// podAnnotations takes podtui's own annotations for what they say, and returns the
// others. An empty list is not the same as none.
func (r *manifestReader) podAnnotations(p *Pod, list []Var) ([]Var, error) {
	return takeOurs("pod manifest", list, func(name, value string) (known bool, err error) {
		switch name {
		case annotationName:
			p.Name = value
		case annotationOnFailure:
			p.OnFailure = OnFailure(value)
		case annotationHostname:
			p.Hostname = value
		case annotationRegisterMDS:
			on, err := parseBool(name, value)
			p.RegisterMDS = &on
			return true, err
		case annotationInteractive:
			p.Interactive, err = parseBool(name, value)
		case annotationPrivateUsers:
			p.PrivateUsers, err = parseBool(name, value)
		case annotationNoOverlay:
			p.NoOverlay, err = parseBool(name, value)
		case annotationNetworks:
			err = Decode([]byte(value), &p.Network.Names)
		case annotationDNS:
			err = Decode([]byte(value), &p.DNS)
		case annotationHosts:
			err = Decode([]byte(value), &p.HostsEntries)
		case annotationVolumes:
			err = Decode([]byte(value), &r.notes)
		default:
			return false, nil
		}
		return true, err
	})
}

func appAnnotations(a *App, what string, list []Var) ([]Var, error) {
	return takeOurs(what, list, func(name, value string) (known bool, err error) {
		switch name {
		case annotationReference: // of where it was made; here the image is known by its ID
		case annotationRestart:
			a.Restart = value
		case annotationStopSignal:
			a.StopSignal = value
		case annotationStopTimeout:
			a.StopTimeout = value
		default:
			return false, nil
		}
		return true, nil
	})
}

// takeOurs gives podtui's own annotations to take, and returns the others.
func takeOurs(what string, list []Var, take func(name, value string) (known bool, err error)) ([]Var, error) {
	var others []Var
	if list != nil && len(list) == 0 {
		others = []Var{}
	}
	seen := make(map[string]bool)
	for _, v := range list {
		if !strings.HasPrefix(v.Name, ourAnnotations) {
			others = append(others, v)
			continue
		}
		known, err := take(v.Name, v.Value)
		switch {
		case !known:
			return nil, usage("%s: annotation %s is none that this podtui knows", what, show(v.Name))
		case seen[v.Name]:
			return nil, usage("%s: annotation %s is given twice", what, v.Name)
		case err != nil:
			return nil, usage("%s: annotation %s: %v", what, v.Name, err)
		}
		seen[v.Name] = true
	}
	return others, nil
}
