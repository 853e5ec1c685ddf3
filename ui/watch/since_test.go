package watch

import (
	"testing"
	"time"
)

func TestTimesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 14, 0, 0, 0, time.UTC)
	for typed, want := range map[string]time.Time{
		"all":                  {},
		"10m":                  now.Add(-10 * time.Minute),
		"13:30":                now.Add(-30 * time.Minute),
		"13:59:30":             now.Add(-30 * time.Second),
		"14:30":                now.Add(-23*time.Hour - 30*time.Minute), // yesterday's
		"2026-11-25 12:00:00":  now.Add(-26 * time.Hour),
		"2026-11-26T12:00:00Z": now.Add(-2 * time.Hour),
	} {
		if got, err := since(typed, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %s (%v), want %s", typed, got, err, want)
		}
	}
	for _, typed := range []string{"", "-1h", "yesterday", "25:00"} {
		if got, err := since(typed, now); err == nil {
			t.Errorf("%q is %s", typed, got)
		}
	}
}
