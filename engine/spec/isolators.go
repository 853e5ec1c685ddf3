package spec

import (
	"slices"
	"strconv"
	"strings"

	"github.com/appc/spec/schema/types"
)

// A wish is one isolator as one place asks for it.
type wish struct {
	value string // as people see it
	set   func(*confinement)

	// As appc writes it; "" if it has no such isolator.
	name types.ACIdentifier
	json any
}

// confinement is what isolators decide.
type confinement struct {
	Limits
	Isolation
	sysctls map[string]string
}

// asked is what one place (flags, an image, a pod manifest) says about isolation, by
// kind. What is wrong is kept by kind as well: it matters only if that place
// decides.
type asked struct {
	wishes  map[string]wish
	wrong   map[string]error
	ignored []string // names of isolators that podtui does not enforce, in order
}

func newAsked() asked {
	return asked{wishes: make(map[string]wish), wrong: make(map[string]error)}
}

// says reports whether the place decides the kind, rightly or wrongly.
func (a asked) says(kind string) bool {
	_, right := a.wishes[kind]
	return right || a.wrong[kind] != nil
}

// put adds what a place says of a kind.
func (a asked) put(kind string, w wish, err error) {
	if err != nil {
		a.wrong[kind] = err
		return
	}
	a.wishes[kind] = w
}

// defaults are podtui's, of the kinds of which every app has something.
func defaults() asked {
	a := newAsked()
	a.put(KindPIDs, pidsWish(DefaultPIDs), nil)
	a.put(KindCapabilities, capabilitiesWish(DefaultCapabilities()), nil)
	a.put(KindSeccomp, seccompWish(Seccomp{}), nil)
	a.put(KindNoNewPrivileges, noNewPrivilegesWish(false), nil)
	a.put(KindReadOnlyRoot, readOnlyRootWish(false), nil)
	return a
}

// merged is the rule that the comment of Isolation tells, for one app. from is
// where says comes from; image is what the image alone says, to be shown.
func merged(own, says, image asked, from Origin) (confinement, []Isolator, map[string]error) {
	var c confinement
	var list []Isolator
	wrong := make(map[string]error)
	otherwise := defaults()
	for _, kind := range kinds() {
		decides, origin := own, FromApp
		switch {
		case own.says(kind):
		case says.says(kind):
			decides, origin = says, from
		default:
			decides, origin = otherwise, FromDefault
		}
		if err := decides.wrong[kind]; err != nil {
			wrong[kind] = err
		}
		if w, ok := decides.wishes[kind]; ok {
			w.set(&c)
			list = append(list, Isolator{Name: kind, Value: w.value, From: origin, Image: image.wishes[kind].value})
		}
	}
	return c, list, wrong
}

// bound is what a pod's isolators say of all its apps together.
func bound(pod asked) confinement {
	var c confinement
	for _, kind := range podKinds() {
		if w, ok := pod.wishes[kind]; ok {
			w.set(&c)
		}
	}
	return c
}

// fieldOf is the field of an app that decides a kind of isolator.
func fieldOf(kind string) string {
	switch kind {
	case KindCapabilities:
		return "capsRetain"
	case KindBlockBandwidth, KindBlockIOPS:
		return "image" // no flag is over it
	}
	return kind
}

// as tells how appc writes the wish.
func (w wish) as(name types.ACIdentifier, json any) wish {
	w.name, w.json = name, json
	return w
}

// What each wish sets.

func memoryWish(value string, limit, request int64) wish {
	return wish{value: value, set: func(c *confinement) { c.Memory, c.MemoryRequest = limit, request }}
}

func cpuWish(value string, limit, shares int64) wish {
	return wish{value: value, set: func(c *confinement) { c.CPU, c.CPUShares = limit, shares }}
}

func sharesWish(value string, shares int64) wish {
	return wish{value: value, set: func(c *confinement) { c.CPUShares = shares }}
}

func pidsWish(n int64) wish {
	value := strconv.FormatInt(n, 10)
	if n == 0 {
		value = "max"
	}
	return wish{value: value, set: func(c *confinement) { c.PIDs = n }}
}

func capabilitiesWish(set []string) wish {
	return wish{value: showCapabilities(set), set: func(c *confinement) { c.Capabilities = set }}
}

func seccompWish(s Seccomp) wish {
	return wish{value: s.String(), set: func(c *confinement) { c.Seccomp = s }}
}

func noNewPrivilegesWish(on bool) wish {
	return wish{value: strconv.FormatBool(on), set: func(c *confinement) { c.NoNewPrivileges = on }}
}

func readOnlyRootWish(on bool) wish {
	return wish{value: strconv.FormatBool(on), set: func(c *confinement) { c.ReadOnlyRoot = on }}
}

func oomScoreWish(value string, n int) wish {
	return wish{value: value, set: func(c *confinement) { c.OOMScoreAdj = &n }}
}

func rlimitsWish(list []Rlimit) wish {
	return wish{value: showRlimits(list), set: func(c *confinement) { c.Rlimits = list }}
}

func sysctlWish(list map[string]string) wish {
	var words []string
	for name, value := range list {
		words = append(words, name+"="+value)
	}
	slices.Sort(words)
	return wish{value: strings.Join(words, " "), set: func(c *confinement) { c.sysctls = list }}
}
