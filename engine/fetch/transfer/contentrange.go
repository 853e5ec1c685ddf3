package transfer

import (
	"strconv"
	"strings"
)

// contentRange is which part of the whole came.
type contentRange struct {
	first, last int64 // both inclusive; -1 in an answer that holds no part
	total       int64 // -1: the server doesn't know
}

// parseContentRange reads a Content-Range (RFC 9110, section 14.4). What it
// returns is consistent: first ≤ last < total.
func parseContentRange(s string) (r contentRange, ok bool) {
	unit, rest, ok := strings.Cut(strings.TrimSpace(s), " ")
	if !ok || !strings.EqualFold(unit, "bytes") {
		return r, false
	}
	part, total, ok := strings.Cut(strings.TrimSpace(rest), "/")
	if !ok {
		return r, false
	}
	r = contentRange{first: -1, last: -1, total: -1}
	if total != "*" {
		if r.total, ok = parseDigits(total); !ok {
			return r, false
		}
	}
	if part == "*" {
		return r, r.total >= 0
	}
	first, last, ok := strings.Cut(part, "-")
	if !ok {
		return r, false
	}
	var okFirst, okLast bool
	r.first, okFirst = parseDigits(first)
	r.last, okLast = parseDigits(last)
	return r, okFirst && okLast && r.first <= r.last && (r.total < 0 || r.last < r.total)
}

// parseDigits takes digits alone: no sign, no space.
func parseDigits(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
