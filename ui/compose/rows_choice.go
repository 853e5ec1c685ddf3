package compose

import (
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/spec"
)

// option is a value that a field can be switched to, and what it means.
type option struct{ value, means string }

// choice is a field of a few values, of which the first is what it is if nobody
// says anything.
func choice[T ~string](path, label string, own T, of func(*spec.Pod) *T, options ...option) row {
	r := row{path: path, key: path, label: label, value: options[0].value, note: options[0].means}
	if own != "" {
		r.value, r.own, r.note = string(own), true, "yours"
		r.reset = func(p *spec.Pod) { *of(p) = "" }
	}
	word, _, _ := strings.Cut(r.value, ":") // on-failure:3 is on-failure
	at := slices.IndexFunc(options, func(o option) bool { return o.value == word })
	if r.own && at >= 0 {
		r.note = "yours, " + options[at].means
	}
	next := T("")
	if n := (at + 1) % len(options); n > 0 {
		next = T(options[n].value)
	}
	r.toggle = func(p *spec.Pod) { *of(p) = next }
	return r
}

// onOff is a field that is off if nobody says anything.
func onOff(path, label string, on bool, of func(*spec.Pod) *bool, off, means string) row {
	r := row{path: path, key: path, label: label, value: "no", note: off,
		toggle: func(p *spec.Pod) { *of(p) = !on }}
	if on {
		r.value, r.own, r.note = "yes", true, means
		r.reset = r.toggle
	}
	return r
}
