package stages

import (
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/graph"
)

// History is what a pod used in the last minutes, as far as somebody looked: each app by
// itself, all of them, and what went through the pod's own interfaces.
type History struct {
	CPU     graph.Ring // cores of all apps
	In, Out graph.Ring // bytes a second

	apps    map[string]*AppHistory
	traffic []engine.Traffic
}

// AppHistory is that of one app.
type AppHistory struct{ CPU, Memory graph.Ring }

// App is the history of an app, which may be empty.
func (h *History) App(name string) *AppHistory {
	if h.apps == nil {
		h.apps = map[string]*AppHistory{}
	}
	if h.apps[name] == nil {
		h.apps[name] = &AppHistory{}
	}
	return h.apps[name]
}

// AddLoad takes a look at what the apps use.
func (h *History) AddLoad(l *Load) {
	var at time.Time
	for i, look := range l.looks {
		app := h.App(look.App)
		app.CPU.Add(look.Time, l.cpu[i])
		app.Memory.Add(look.Time, float64(look.Memory))
		at = look.Time
	}
	if !at.IsZero() {
		h.CPU.Add(at, l.CPU())
	}
}

// AddTraffic takes a look at what has gone through the interfaces. A rate is known
// with the second look.
func (h *History) AddTraffic(now []engine.Traffic) {
	before := h.traffic
	h.traffic = now
	var in, out float64
	known := false
	for _, t := range now {
		for _, b := range before {
			span := t.Time.Sub(b.Time).Seconds()
			if b.Interface != t.Interface || span <= 0 || t.Received < b.Received || t.Sent < b.Sent {
				continue
			}
			in, out, known = in+float64(t.Received-b.Received)/span, out+float64(t.Sent-b.Sent)/span, true
		}
	}
	if known {
		h.In.Add(now[0].Time, in)
		h.Out.Add(now[0].Time, out)
	}
}
