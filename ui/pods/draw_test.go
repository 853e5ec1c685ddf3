package pods

import (
	"testing"

	"github.com/podtui/podtui/engine/poddir"
)

func TestAnImageThatIsUsedTwiceIsOne(t *testing.T) {
	for want, images := range map[string][]string{"": nil, "a 1": {"a 1", "a 1"}, "2 images": {"a 1", "b 1", "a 1"}} {
		var p poddir.Status
		for _, image := range images {
			p.Apps = append(p.Apps, poddir.AppStatus{Image: image})
		}
		if got := image(p); got != want {
			t.Errorf("%q: %q, want %q", images, got, want)
		}
	}
}
