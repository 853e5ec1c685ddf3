package graph

import (
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func of(values ...float64) *Ring {
	r := &Ring{}
	for i, v := range values {
		r.Add(noon.Add(time.Duration(i)*time.Second), v)
	}
	return r
}

func TestHowSamplesAreDrawn(t *testing.T) {
	for name, c := range map[string]struct {
		ring  *Ring
		cells int
		top   float64
		want  string
	}{
		"nothing":             {of(), 4, 1, "    "},
		"no room":             {of(1), 0, 1, ""},
		"the newest right":    {of(0, 0.5, 1), 4, 1, " ▁▅█"},
		"little is seen":      {of(0, 0.001), 2, 1, "▁▂"},
		"more than the top":   {of(7), 1, 1, "█"},
		"not known":           {of(1, -1, 1), 3, 1, "█ █"},
		"no top":              {of(3), 1, 0, "▁"},
		"older ones fall out": {of(1, 1, 0, 0), 2, 1, "▁▁"},
		"all heights":         {of(0, 1, 2, 3, 4, 5, 6, 7), 8, 7, "▁▂▃▄▅▆▇█"},
	} {
		now := noon.Add(time.Duration(max(len(c.ring.samples)-1, 0)) * time.Second)
		if got := c.ring.Draw(now, time.Duration(c.cells)*time.Second, c.cells, c.top); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A cell that stands for more than one sample is as high as the highest, and time moves
// the whole by cells: no cell changes on its way to the left.
func TestAGraphMovesByWholeCells(t *testing.T) {
	r := &Ring{}
	const cells, each = 10, 6 * time.Second
	before := ""
	for i := range 600 {
		now := noon.Add(time.Duration(i) * time.Second)
		value := 0.0
		if i%40 == 0 {
			value = 1
		}
		r.Add(now, value)
		got := []rune(r.Draw(now, cells*each, cells, 1))
		if old := []rune(before); len(old) > 0 {
			stays := string(got[:cells-1]) == string(old[:cells-1])
			moved := string(got[:cells-1]) == string(old[1:])
			if !stays && !moved {
				t.Fatalf("after %d s: %q, before %q", i, string(got), before)
			}
		}
		before = string(got)
	}
	if !strings.Contains(before, "█") || !strings.Contains(before, "▁") {
		t.Errorf("drawn %q", before)
	}
}

func TestARingIsBounded(t *testing.T) {
	r := &Ring{}
	if r.Last() >= 0 || r.Most() >= 0 {
		t.Error("an empty ring knows something")
	}
	r.Add(noon, 1000)
	for i := range 10 * Kept {
		r.Add(noon.Add(time.Duration(i)*time.Second), float64(i%7))
	}
	if len(r.samples) != Kept || r.Most() != 6 || r.Last() != float64((10*Kept-1)%7) {
		t.Errorf("%d samples, most %v, last %v", len(r.samples), r.Most(), r.Last())
	}
}
