package stages

import (
	"testing"

	"github.com/podtui/podtui/engine/event"
)

// What is to come counts from the beginning: who sees half of it must not see a tenth
// later.
func TestHowFarAllOfItIs(t *testing.T) {
	const img, size = "example.com/a", 200
	fetch := func(image string, bytes, total int64) event.Event {
		return event.Event{Type: event.ImageFetch, Image: image, State: event.Started, Bytes: bytes, Total: total}
	}
	here := []event.Event{
		{Type: event.ImageSearch, Image: "example.com/here", State: event.Done, ID: "sha512-1"},
		{Type: event.ImageVerify, Image: "example.com/here", State: event.Done},
	}
	for name, c := range map[string]struct {
		awaits []string
		events []event.Event
		want   int
		known  bool
	}{
		"nothing":             {nil, nil, 0, false},
		"nothing came yet":    {[]string{img}, []event.Event{fetch(img, 0, size)}, 0, false},
		"no size":             {[]string{img}, []event.Event{fetch(img, 50, 0)}, 0, false},
		"half":                {[]string{img}, []event.Event{fetch(img, 100, size)}, 50, true},
		"half of one of two":  {[]string{img, "example.com/b"}, []event.Event{fetch(img, 100, size)}, 25, true},
		"one is here":         {[]string{"example.com/here", img}, here, 50, true},
		"more than was said":  {[]string{img}, []event.Event{fetch(img, 300, size)}, 100, true},
		"unpacked, no size":   {[]string{img}, []event.Event{{Type: event.ImageUnpack, Image: img, State: event.Started, Bytes: 50, Total: 100}}, 50, true},
		"each as much as any": {[]string{"example.com/big", img}, []event.Event{fetch("example.com/big", 900_000, 1_000_000), fetch(img, 1, 10)}, 50, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Stages{}
			for _, ref := range c.awaits {
				s.Images = append(s.Images, &Image{Ref: ref})
			}
			s.Add(c.events...)
			var p Progress
			p.Add(s)
			if got, known := p.Percent(); got != c.want || known != c.known {
				t.Errorf("%d %%, %v; want %d %%, %v", got, known, c.want, c.known)
			}
		})
	}
}
