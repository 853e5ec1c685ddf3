package spec

import (
	"errors"

	"github.com/appc/spec/schema/types"
)

// isolators are what an app's own fields say.
func (a App) isolators() asked {
	own := newAsked()
	if a.Memory != "" {
		n, err := ParseMemory(a.Memory)
		own.put(KindMemory, memoryWish(a.Memory, n, 0).as(types.ResourceMemoryName, limitJSON(a.Memory)), err)
	}
	if a.CPU != "" {
		n, err := ParseCPU(a.CPU)
		own.put(KindCPU, cpuWish(a.CPU, n, 0).as(types.ResourceCPUName, limitJSON(a.CPU)), err)
	}
	if a.CPUShares != "" {
		n, err := ParseCPUShares(a.CPUShares)
		own.put(KindCPUShares, sharesWish(a.CPUShares, n).as(types.LinuxCPUSharesName, n), err)
	}
	if a.PIDs != "" {
		n, err := ParsePIDs(a.PIDs)
		w := pidsWish(n)
		own.put(KindPIDs, w.as(PIDsIsolator, limitJSON(w.value)), err)
	}
	a.hardening(own)
	if a.OOMScoreAdj != "" {
		n, err := ParseOOMScoreAdj(a.OOMScoreAdj)
		if err != nil {
			n = new(int)
		}
		own.put(KindOOMScoreAdj, oomScoreWish(a.OOMScoreAdj, *n).as(types.LinuxOOMScoreAdjName, *n), err)
	}
	if len(a.Rlimits) > 0 {
		list, err := parseRlimits(a.Rlimits)
		own.put(KindRlimits, rlimitsWish(list).as(RlimitsIsolator, rlimitsJSON(list)), err)
	}
	return own
}

func (a App) hardening(own asked) {
	switch {
	case len(a.CapsRetain) > 0 && len(a.CapsRemove) > 0:
		own.put(KindCapabilities, wish{}, errors.New("--caps-retain and --caps-remove can't stand together: one says all that is kept"))
	case len(a.CapsRetain) > 0:
		set, err := capabilitySet(a.CapsRetain)
		own.put(KindCapabilities, capabilitiesWish(set).as(types.LinuxCapabilitiesRetainSetName, setJSON(set)), err)
	case len(a.CapsRemove) > 0:
		gone, err := capabilitySet(a.CapsRemove)
		own.put(KindCapabilities, capabilitiesWish(without(gone)).as(types.LinuxCapabilitiesRevokeSetName, setJSON(gone)), err)
	}
	if a.Seccomp != "" {
		s, err := ParseSeccomp(a.Seccomp)
		w := seccompWish(s)
		w.name, w.json = s.appc()
		own.put(KindSeccomp, w, err)
	}
	if on := a.NoNewPrivileges; on != nil {
		own.put(KindNoNewPrivileges, noNewPrivilegesWish(*on).as(types.LinuxNoNewPrivilegesName, *on), nil)
	}
	if on := a.ReadOnlyRoot; on != nil {
		own.put(KindReadOnlyRoot, readOnlyRootWish(*on), nil)
	}
}

// What appc's isolators have as their values.

func limitJSON(limit string) any { return map[string]string{"limit": limit} }

func setJSON(set []string) any { return map[string][]string{"set": set} }

func rlimitsJSON(list []Rlimit) any {
	limits := make(map[string]string, len(list))
	for _, r := range list {
		limits[r.Name] = r.value()
	}
	return limits
}

// appc is the filter as an isolator.
func (s Seccomp) appc() (types.ACIdentifier, any) {
	type value struct {
		Set   []string `json:"set"`
		Errno string   `json:"errno,omitempty"`
	}
	switch s.Mode {
	case SeccompDefault:
		return types.LinuxSeccompRemoveSetName, value{Set: []string{seccompEmpty}}
	case SeccompOff:
		return types.LinuxSeccompRetainSetName, value{Set: []string{seccompAll}}
	case SeccompRetain:
		return types.LinuxSeccompRetainSetName, value{s.Calls, s.Errno}
	}
	return types.LinuxSeccompRemoveSetName, value{s.Calls, s.Errno}
}

// isolators tells what is wrong with an app's own isolators.
func (c *checker) isolators(at string, a App) {
	own := a.isolators()
	for _, kind := range kinds() {
		if err := own.wrong[kind]; err != nil {
			field := fieldOf(kind)
			if kind == KindCapabilities && len(a.CapsRetain) == 0 {
				field = "capsRemove"
			}
			c.add(at+"."+field, "%v", err)
		}
	}
}
