package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/appc/spec/schema/types"
)

// Isolators of our own, for what appc has none.
const (
	PIDsIsolator    = "podtui.io/pids"    // {"limit": "100"}, or "max"
	RlimitsIsolator = "podtui.io/rlimits" // {"nofile": "1024:4096"}, as ParseRlimit reads it
)

// The schema takes no app with an isolator that it has no type for.
func init() {
	types.AddIsolatorValueConstructor(PIDsIsolator, func() types.IsolatorValue { return new(pidsIsolator) })
	types.AddIsolatorValueConstructor(RlimitsIsolator, func() types.IsolatorValue { return new(rlimitsIsolator) })
}

// pidsIsolator and rlimitsIsolator are types that the schema takes: what makes one
// is not exported there, but ResourceBase has it.
type pidsIsolator struct {
	types.ResourceBase
	limit string
}

func (p *pidsIsolator) UnmarshalJSON(data []byte) error {
	var value struct{ Limit string }
	err := strict(data, &value)
	p.limit = value.Limit
	return err
}

type rlimitsIsolator struct {
	types.ResourceBase
	limits map[string]string
}

func (r *rlimitsIsolator) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &r.limits) }

// isolatorsSay takes the isolators of an image or a pod manifest apart. Those of
// kinds that are not taken there are ignored.
func isolatorsSay(list types.Isolators, taken []string) asked {
	a := newAsked()
	first := make(map[string]types.ACIdentifier) // by kind
	for _, i := range list {
		kind, w, err := isolatorSays(i)
		before, twice := first[kind]
		switch {
		case !slices.Contains(taken, kind):
			a.ignored = append(a.ignored, i.Name.String())
			continue
		case twice && before == i.Name:
			err = fmt.Errorf("isolator %s is given twice", i.Name)
		case twice:
			err = fmt.Errorf("isolators %s and %s can't stand together", before, i.Name)
		case err != nil:
			err = fmt.Errorf("isolator %s: %w", i.Name, err)
		}
		first[kind] = i.Name
		a.put(kind, w, err)
	}
	return a
}

// isolatorSays takes one apart. The kind is "" for one that podtui doesn't enforce.
func isolatorSays(i types.Isolator) (kind string, w wish, err error) {
	switch v := i.Value().(type) {
	case *types.ResourceMemory:
		w, err = memorySays(i, v)
		return KindMemory, w, err
	case *types.ResourceCPU:
		w, err = cpuSays(i, v)
		return KindCPU, w, err
	case *types.ResourceBlockBandwidth:
		n, text, err := deviceLimit(i, v)
		return KindBlockBandwidth, wish{value: text, set: func(c *confinement) { c.BlockBandwidth = n }}, err
	case *types.ResourceBlockIOPS:
		n, text, err := deviceLimit(i, v)
		return KindBlockIOPS, wish{value: text, set: func(c *confinement) { c.BlockIOPS = n }}, err
	case *types.LinuxCPUShares:
		return KindCPUShares, sharesWish(strconv.Itoa(int(*v)), int64(*v)), nil
	case *types.LinuxOOMScoreAdj:
		return KindOOMScoreAdj, oomScoreWish(strconv.Itoa(int(*v)), int(*v)), nil
	case *types.LinuxNoNewPrivileges:
		return KindNoNewPrivileges, noNewPrivilegesWish(bool(*v)), nil
	case *types.LinuxCapabilitiesRetainSet:
		set, err := capabilitySet(words(v.Set()))
		return KindCapabilities, capabilitiesWish(set), err
	case *types.LinuxCapabilitiesRevokeSet:
		gone, err := capabilitySet(words(v.Set()))
		return KindCapabilities, capabilitiesWish(without(gone)), err
	case *types.LinuxSeccompRetainSet:
		s, err := seccompOf(SeccompRetain, string(v.Errno()), words(v.Set()))
		return KindSeccomp, seccompWish(s), err
	case *types.LinuxSeccompRemoveSet:
		s, err := seccompOf(SeccompRemove, string(v.Errno()), words(v.Set()))
		return KindSeccomp, seccompWish(s), err
	case *types.UnixSysctl:
		return KindSysctl, sysctlWish(*v), checkSysctls(*v)
	case *pidsIsolator:
		w, err = pidsSays(v.limit)
		return KindPIDs, w, err
	case *rlimitsIsolator:
		list, err := rlimitsSay(v.limits)
		return KindRlimits, rlimitsWish(list), err
	}
	return "", wish{}, nil
}

func pidsSays(limit string) (wish, error) {
	if limit == "" {
		return wish{}, errors.New(`it has no limit; write {"limit": "100"}`)
	}
	n, err := ParsePIDs(limit)
	return pidsWish(n), err
}

func rlimitsSay(limits map[string]string) ([]Rlimit, error) {
	if len(limits) == 0 {
		return nil, errors.New(`it names no rlimit; write {"nofile": "1024:4096"}`)
	}
	list := make([]Var, 0, len(limits))
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		list = append(list, Var{name, limits[name]})
	}
	return parseRlimits(list)
}

// checkSysctls knows what can be a name and a value; which of them a pod may set
// the sandbox knows.
func checkSysctls(list map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(list)) {
		value := list[name]
		if !isSysctl(name) {
			return fmt.Errorf("%s is not the name of a kernel setting; write one such as net.ipv4.ip_forward", show(name))
		}
		if value == "" || len(value) > maxText || !isPrintable(value) {
			return fmt.Errorf("%s can't be set to %s", name, show(value))
		}
	}
	return nil
}

// isSysctl takes words with single dots between them: what is a file below /proc/sys
// and can be nothing above it.
func isSysctl(name string) bool {
	if len(name) > 256 || !strings.Contains(name, ".") {
		return false
	}
	for word := range strings.SplitSeq(name, ".") {
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
			return false
		}
	}
	return true
}

func words[T ~string](list []T) []string {
	plain := make([]string, len(list))
	for i, word := range list {
		plain[i] = string(word)
	}
	return plain
}
