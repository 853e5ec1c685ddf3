package store

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// Whatever comes in whatever order: what was unpacked is sound, and its tar comes
// back.
func TestRandomLayersAreSound(t *testing.T) {
	t.Parallel()
	needRoot(t)
	const seeds = 300
	s, sound := open(t), 0
	d := newDraft(t, s)
	for seed := range uint64(seeds) {
		recipe := randomLayer(rand.New(rand.NewPCG(seed, 0)))
		layer := build(t, recipe)
		id := diffID(layer)
		if err := d.ReadLayer(context.Background(), bytes.NewReader(layer), LayerOptions{DiffID: id}); err != nil {
			continue // refused, which is others' business
		}
		sound++
		if got := assembled(t, layerDir(t, s, layer)); !bytes.Equal(got, layer) {
			t.Errorf("seed %d: another tar comes back of\n%s", seed, recipe)
		}
		name, _ := layerID(id)
		v := &verifier{s: s, found: make(map[damaged][]string)}
		if err := v.layer(context.Background(), name); err != nil || len(v.found) > 0 {
			t.Errorf("seed %d: %v, %v of\n%s", seed, v.damages(), err, recipe)
		}
	}
	if sound < seeds/10 {
		t.Errorf("of %d layers %d were not refused", seeds, sound)
	}
}

func randomLayer(r *rand.Rand) string {
	var b strings.Builder
	path := func() string {
		p := string("abc"[r.IntN(3)])
		for r.IntN(3) == 0 {
			p += "/" + string("abc"[r.IntN(3)])
		}
		return p
	}
	marked := func(p string) string {
		dir, name := split(p)
		return join(dir, whiteoutPrefix+name)
	}
	for n := range 3 + r.IntN(10) {
		switch p := path(); r.IntN(8) {
		case 0, 1:
			fmt.Fprintf(&b, "dir %s mode=07%d0\n", p, r.IntN(6))
		case 2, 3:
			fmt.Fprintf(&b, "file %s %s\n", p, strings.Repeat("x", r.IntN(3)+n))
		case 4:
			fmt.Fprintf(&b, "symlink %s %s%s\n", p, []string{"", "/", "../"}[r.IntN(3)], path())
		case 5:
			fmt.Fprintf(&b, "hardlink %s %s\n", p, path())
		case 6:
			fmt.Fprintf(&b, "file %s\n", marked(p))
		case 7:
			fmt.Fprintf(&b, "file %s/%s\n", p, opaqueName)
		}
	}
	return b.String()
}
