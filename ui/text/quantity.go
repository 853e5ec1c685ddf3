package text

import (
	"strconv"
	"time"
)

// Bytes puts a size into at most seven cells: "512 B", "9.8 MB", "148 MB".
func Bytes(n int64) string {
	var b [16]byte
	if n < 1000 {
		return string(append(strconv.AppendInt(b[:0], n, 10), " B"...))
	}
	v, unit := float64(n), ""
	for _, u := range [...]string{" kB", " MB", " GB", " TB", " PB", " EB"} {
		v /= 1000
		unit = u
		if v < 999.5 {
			break
		}
	}
	decimals := 0
	if v < 99.95 {
		decimals = 1
	}
	return string(append(strconv.AppendFloat(b[:0], v, 'f', decimals, 64), unit...))
}

// Part tells how far of how much, with the unit said once: "61.2 of 148 MB".
func Part(n, total int64) string {
	if total <= 0 {
		return Bytes(n)
	}
	a, b := Bytes(min(n, total)), Bytes(total)
	if len(a) > 3 && len(b) > 3 && a[len(a)-2:] == b[len(b)-2:] {
		a = a[:len(a)-3]
	}
	return a + " of " + b
}

// Ago is an age in its largest unit: "12 s", "5 min", "2 h", "3 d", "8 mo".
func Ago(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < 0:
		return "0 s"
	case d < time.Minute:
		return count(d/time.Second, "s")
	case d < time.Hour:
		return count(d/time.Minute, "min")
	case d < day:
		return count(d/time.Hour, "h")
	case d < 60*day:
		return count(d/day, "d")
	case d < 730*day:
		return count(d/(30*day), "mo")
	default:
		return count(d/(365*day), "y")
	}
}

func count(n time.Duration, unit string) string {
	var b [16]byte
	return string(append(append(strconv.AppendInt(b[:0], int64(n), 10), ' '), unit...))
}

// Count is a number with its noun: "1 app", "2 apps".
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Number(n) + " " + noun
}

// Number separates thousands: "1,284".
func Number(n int) string {
	s := strconv.Itoa(n)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
