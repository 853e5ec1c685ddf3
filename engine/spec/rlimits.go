package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// RlimitNames are the resources of setrlimit(2) as prlimit(1) calls them.
func RlimitNames() []string {
	return []string{
		"as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue",
		"nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
	}
}

// ParseRlimit reads SOFT or SOFT:HARD, each a number or unlimited, of the resource
// with this name.
func ParseRlimit(name, value string) (Rlimit, error) {
	if known := RlimitNames(); !slices.Contains(known, name) {
		if guess := Nearest(name, known); guess != "" {
			return Rlimit{}, fmt.Errorf("there is no rlimit %s; perhaps %s is meant", show(name), guess)
		}
		return Rlimit{}, fmt.Errorf("there is no rlimit %s; there are %s", show(name), strings.Join(known, ", "))
	}
	softText, hardText, both := strings.Cut(value, ":")
	if !both {
		hardText = softText
	}
	soft, okSoft := rlimitNumber(softText)
	hard, okHard := rlimitNumber(hardText)
	switch {
	case !okSoft || !okHard:
		return Rlimit{}, fmt.Errorf("rlimit %s=%s: write SOFT or SOFT:HARD, each a number or unlimited", name, show(value))
	case name == "cpu" && soft == 0:
		return Rlimit{}, fmt.Errorf("rlimit %s=%s: an app runs for at least 1 second", name, show(value))
	case soft > hard:
		return Rlimit{}, fmt.Errorf("rlimit %s=%s: the soft limit is over the hard one", name, show(value))
	}
	return Rlimit{Name: name, Soft: soft, Hard: hard}, nil
}

const unlimited = "unlimited"

func rlimitNumber(s string) (uint64, bool) {
	if s == unlimited {
		return Unlimited, true
	}
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil && n != Unlimited
}

// String is the limit as --rlimit takes it.
func (r Rlimit) String() string { return r.Name + "=" + r.value() }

func (r Rlimit) value() string {
	if r.Soft == r.Hard {
		return showLimit(r.Soft)
	}
	return showLimit(r.Soft) + ":" + showLimit(r.Hard)
}

func showLimit(n uint64) string {
	if n == Unlimited {
		return unlimited
	}
	return strconv.FormatUint(n, 10)
}

// parseRlimits reads those of one place.
func parseRlimits(list []Var) ([]Rlimit, error) {
	limits := make([]Rlimit, len(list))
	for i, v := range list {
		var err error
		if limits[i], err = ParseRlimit(v.Name, v.Value); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(limits, func(a, b Rlimit) int { return cmp.Compare(a.Name, b.Name) })
	return limits, nil
}

func showRlimits(list []Rlimit) string {
	words := make([]string, len(list))
	for i, r := range list {
		words[i] = r.String()
	}
	return strings.Join(words, " ")
}
