package network

import (
	"context"
	"testing"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// BenchmarkPublish publishes one port and takes it back, on a host whose rules are
// laid already. It is in every start and end of a pod that has a port.
func BenchmarkPublish(b *testing.B) {
	for _, protocol := range []string{spec.TCP, spec.UDP} {
		w := newPortWorld(b)
		pod := w.newPod()
		pod.interfaces[0].Addresses = pod.interfaces[0].Addresses[:1]
		p := Pod{Dir: &poddir.Dir{UUID: pod.uuid}, Ports: []spec.Published{port(protocol, "", 8080, 80)}}
		step := func(b *testing.B, timed bool) {
			held, err := publish(context.Background(), p, pod.interfaces)
			if err != nil {
				b.Fatal(err)
			}
			if timed {
				b.StopTimer()
				defer b.StartTimer()
			}
			if err := unpublish(context.Background(), pod.uuid); err != nil {
				b.Fatal(err)
			}
			held.Close()
		}
		b.Run(protocol, func(b *testing.B) {
			w.Host.Do(func() {
				step(b, false)
				for b.Loop() {
					step(b, true)
				}
			})
		})
		b.Run(protocol+" and back", func(b *testing.B) {
			w.Host.Do(func() {
				for b.Loop() {
					step(b, false)
				}
			})
		})
	}
}
