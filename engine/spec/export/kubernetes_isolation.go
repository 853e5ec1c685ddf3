package export

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine/spec"
)

// maxID is the largest user or group that Kubernetes takes.
const maxID = 1<<31 - 1

func resources(e spec.Effective) mapping {
	var limits, requests mapping
	if e.Limits.CPU > 0 {
		limits.put("cpu", cores(e.Limits.CPU))
	}
	if e.Limits.Memory > 0 {
		limits.put("memory", quantity(e.Limits.Memory))
	}
	if r := e.Limits.MemoryRequest; r > 0 && (e.Limits.Memory == 0 || r <= e.Limits.Memory) {
		requests.put("memory", quantity(r))
	}
	var m mapping
	m.add("limits", limits)
	m.add("requests", requests)
	return m
}

func cores(thousandths int64) string {
	if thousandths%1000 == 0 {
		return number(thousandths / 1000)
	}
	return number(thousandths) + "m"
}

// quantity is a number of bytes in the largest unit that needs no fraction.
func quantity(bytes int64) string {
	for _, unit := range []struct {
		size   int64
		suffix string
	}{{1 << 40, "Ti"}, {1 << 30, "Gi"}, {1 << 20, "Mi"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1 << 10, "Ki"}, {1e3, "k"}} {
		if bytes >= unit.size && bytes%unit.size == 0 {
			return number(bytes/unit.size) + unit.suffix
		}
	}
	return number(bytes)
}

// isolation is the security context of app i.
func (k *kube) isolation(i int, pulled bool) mapping {
	e := k.resolved.Apps[i]
	var m mapping
	k.owner(&m, i, pulled)
	if e.Isolation.NoNewPrivileges {
		m.put("allowPrivilegeEscalation", false)
	}
	m.add("capabilities", capabilities(e.Isolation.Capabilities))
	if e.Isolation.ReadOnlyRoot {
		m.put("readOnlyRootFilesystem", true)
	}
	if e.Isolation.Seccomp.Mode == spec.SeccompOff {
		m.put("seccompProfile", mapping{{key: "type", value: "Unconfined"}})
	}
	for _, isolator := range e.Isolators {
		if isolator.From != spec.FromDefault && !hasWords(isolator.Name, e) {
			k.add("%s%s %s", k.of(i), isolator.Name, isolator.Value)
		}
	}
	if e.Isolation.Unmasked {
		k.add("%sall of /proc and /sys", k.of(i))
	}
	return m
}

// hasWords reports whether Kubernetes can say an isolator of this kind.
func hasWords(kind string, e spec.Effective) bool {
	switch kind {
	case spec.KindMemory, spec.KindCPU, spec.KindCapabilities, spec.KindNoNewPrivileges, spec.KindReadOnlyRoot:
		return true
	case spec.KindSeccomp:
		return e.Isolation.Seccomp.Mode == spec.SeccompOff || e.Isolation.Seccomp.Mode == spec.SeccompDefault
	}
	return false
}

// owner is who runs the app: by number, since Kubernetes looks up no names.
func (k *kube) owner(m *mapping, i int, pulled bool) {
	e := k.resolved.Apps[i]
	ofImage := func(s spec.Setting) bool { return s.From == spec.FromImage || s.From == spec.FromDefault }
	if pulled && ofImage(e.User) && ofImage(e.Group) {
		return
	}
	for _, id := range []struct {
		key, what string
		value     spec.Setting
	}{{"runAsUser", "user", e.User}, {"runAsGroup", "group", e.Group}} {
		n, err := strconv.ParseUint(id.value.Value, 10, 31)
		switch {
		case err == nil:
			m.put(id.key, int(n))
		case !pulled || !ofImage(id.value):
			k.add("%s%s %s: it would have to be a number", k.of(i), id.what, show(id.value.Value))
		default:
			k.add("%s%s %s of the image beside another user or group", k.of(i), id.what, show(id.value.Value))
		}
	}
}

// groups are the supplementary groups of all apps, if they are the same. Those that an image
// of a registry says its user is in the runtime finds there.
func (k *kube) groups() []int {
	var all [][]int
	for i, e := range k.resolved.Apps {
		_, pulled := k.image(i)
		groups := e.Groups
		if pulled && k.pod.Apps[i].SupplementaryGIDs == nil && len(k.pod.Apps[i].Says) == 0 {
			groups = nil
		}
		all = append(all, groups)
	}
	same := !slices.ContainsFunc(all, func(groups []int) bool {
		return !slices.Equal(groups, all[0]) || slices.ContainsFunc(groups, func(id int) bool { return id > maxID })
	})
	if same {
		return all[0]
	}
	for i, groups := range all {
		if len(groups) > 0 {
			k.add("%ssupplementary groups %s", k.of(i), strings.Trim(fmt.Sprint(groups), "[]"))
		}
	}
	return nil
}

// capabilities are what an app has more or less than the 14 that runtimes give.
func capabilities(set []string) mapping {
	usual := spec.DefaultCapabilities()
	var add, drop []string
	for _, c := range set {
		if !slices.Contains(usual, c) {
			add = append(add, strings.TrimPrefix(c, "CAP_"))
		}
	}
	for _, c := range usual {
		if !slices.Contains(set, c) {
			drop = append(drop, strings.TrimPrefix(c, "CAP_"))
		}
	}
	switch {
	case len(set) == len(spec.Capabilities()):
		add = []string{"ALL"}
	case 2*len(drop) > len(usual): // those that are left are fewer
		add, drop = nil, []string{"ALL"}
		for _, c := range set {
			add = append(add, strings.TrimPrefix(c, "CAP_"))
		}
	}
	var m mapping
	m.add("add", add)
	m.add("drop", drop)
	return m
}
