package main

import (
	"slices"
	"time"
)

// quantile returns the value below which a part of the values lies, between two
// of them where the part falls there; of none it is 0.
func quantile(values []time.Duration, part float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	at := part * float64(len(sorted)-1)
	low := int(at)
	if low == len(sorted)-1 {
		return sorted[low]
	}
	between := at - float64(low)
	return sorted[low] + time.Duration(between*float64(sorted[low+1]-sorted[low]))
}

func median(values []time.Duration) time.Duration { return quantile(values, 0.5) }
