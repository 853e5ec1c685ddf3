package main

import (
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	ms := func(values ...int) (list []time.Duration) {
		for _, v := range values {
			list = append(list, time.Duration(v)*time.Millisecond)
		}
		return list
	}
	for name, c := range map[string]struct {
		of   []time.Duration
		part float64
		want time.Duration
	}{
		"none":               {nil, 0.5, 0},
		"one":                {ms(7), 0.5, 7 * time.Millisecond},
		"middle of three":    {ms(9, 1, 3), 0.5, 3 * time.Millisecond},
		"between two":        {ms(2, 1), 0.5, 1500 * time.Microsecond},
		"one outlier":        {ms(1, 1, 1, 1000), 0.5, time.Millisecond},
		"a quarter of five":  {ms(5, 4, 3, 2, 1), 0.25, 2 * time.Millisecond},
		"three quarters":     {ms(1, 2, 3), 0.75, 2500 * time.Microsecond},
		"the last":           {ms(1, 2, 3), 1, 3 * time.Millisecond},
		"the first of equal": {ms(4, 4), 0, 4 * time.Millisecond},
	} {
		if got := quantile(c.of, c.part); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
