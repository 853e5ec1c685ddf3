package compose

import (
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/text"
)

// limit is a field that an image may have a value for as well, as an isolator.
type limit struct {
	path, label string
	own         string // as it was typed
	isolator    string // what spec.Isolator calls it
	without     string // what is shown where nobody says anything, unless the default has a value
	instead     string // and what that means
	means       string // what the value amounts to
	hint        string
	of          func(*spec.Pod) *string
}

func (l limit) row(e spec.Effective) row {
	r := row{path: l.path, key: l.path, label: l.label, value: l.without, note: "default: " + l.instead}
	iso := isolator(e, l.isolator)
	switch {
	case l.own != "":
		r.value, r.own, r.note = l.own, true, "yours, "+l.means
		if l.means == "" {
			r.note = "yours"
		}
		r.note = beside(r.note, iso)
		r.reset = func(p *spec.Pod) { *l.of(p) = "" }
	case given(iso):
		r.value, r.stays, r.note = iso.Value, true, beside(join(from(iso.From), l.means), iso)
	case iso.Value != "":
		r.value = iso.Value
	}
	r.edit = &edit{start: l.own, hint: l.hint, set: func(p *spec.Pod, t string) { *l.of(p) = strings.TrimSpace(t) }}
	return r
}

// isolator is the one of an app that is called so; the zero one if there is none.
func isolator(e spec.Effective, name string) spec.Isolator {
	for _, i := range e.Isolators {
		if i.Name == name {
			return i
		}
	}
	return spec.Isolator{}
}

// given reports whether somebody else than podtui gives the value.
func given(i spec.Isolator) bool { return i.From != "" && i.From != spec.FromDefault }

// beside adds to what is said of a value what the image says, if that is another.
func beside(note string, i spec.Isolator) string {
	if i.Image == "" || i.From == spec.FromImage {
		return note
	}
	return note + ", image " + i.Image
}

// join puts what is said of a value behind where it comes from.
func join(from, means string) string {
	if means == "" {
		return from
	}
	return from + ", " + means
}

// limitRows are what an app may use of the host.
func (s *Screen) limitRows(i int, at string, e spec.Effective) []row {
	app := s.draft.pod.Apps[i]
	cpu := limit{at + ".cpu", "cpu", app.CPU, spec.KindCPU, "—", "no limit", cores(e.Limits.CPU),
		"0.5, 2 or 500m", func(p *spec.Pod) *string { return &p.Apps[i].CPU }}.row(e)
	if n := int64(s.host.CPUs); n > 0 && e.Limits.CPU > 1000*n {
		cpu.alert = "! more than the host's " + cores(1000*n)
	}
	oom := limit{at + ".oomScoreAdj", "oom", app.OOMScoreAdj, spec.KindOOMScoreAdj, "0", "as all others", oomMeans(e.Isolation.OOMScoreAdj),
		"-1000 to 1000: more is killed earlier", func(p *spec.Pod) *string { return &p.Apps[i].OOMScoreAdj }}.row(e)
	oom.widened(e, spec.KindOOMScoreAdj)
	rows := []row{
		s.memoryRow(i, at, e),
		cpu,
		limit{at + ".cpuShares", "shares", app.CPUShares, spec.KindCPUShares, "1024", "as all others", share(e.Limits.CPUShares),
			"2 to 262144; others have 1024", func(p *spec.Pod) *string { return &p.Apps[i].CPUShares }}.row(e),
		limit{at + ".pids", "pids", app.PIDs, spec.KindPIDs, "—", "processes and threads", "processes and threads at most",
			"the most processes and threads", func(p *spec.Pod) *string { return &p.Apps[i].PIDs }}.row(e),
		rlimitsRow(i, at, app, e),
		oom,
	}
	return append(rows, blockRows(e)...)
}

// blockRows are the limits that no flag has.
func blockRows(e spec.Effective) []row {
	var rows []row
	for _, l := range []struct{ kind, label, means string }{
		{spec.KindBlockBandwidth, "disk", "bytes a second of each device"},
		{spec.KindBlockIOPS, "disk ops", "a second, of each device"},
	} {
		if iso := isolator(e, l.kind); given(iso) {
			rows = append(rows, row{key: l.kind, label: l.label, value: iso.Value, stays: true, note: beside(join(from(iso.From), l.means), iso)})
		}
	}
	return rows
}

func (s *Screen) memoryRow(i int, at string, e spec.Effective) row {
	of := func(p *spec.Pod) *string { return &p.Apps[i].Memory }
	r := limit{at + ".memory", "memory", s.draft.pod.Apps[i].Memory, spec.KindMemory, "—", "no limit", text.Bytes(e.Limits.Memory), "", of}.row(e)
	if s.exceeds(e.Limits.Memory) {
		r.alert = "! more than the host's " + text.Bytes(s.host.Memory)
	}
	s.sized(r.edit, of)
	return r
}

// exceeds reports whether a size is more than the host has.
func (s *Screen) exceeds(bytes int64) bool { return s.host.Memory > 0 && bytes > s.host.Memory }

// sized tells what a size amounts to while it is typed, and offers round ones.
func (s *Screen) sized(e *edit, of func(*spec.Pod) *string) {
	e.hint = "64Mi, 64M or bytes"
	e.set = func(p *spec.Pod, t string) { *of(p) = strings.TrimSpace(t) }
	e.below = func(p *spec.Pod) []string {
		bytes, err := spec.ParseMemory(*of(p))
		if err != nil || bytes == 0 {
			return nil
		}
		means := "→ " + text.Bytes(bytes)
		if s.host.Memory > 0 {
			means += " of the host's " + text.Bytes(s.host.Memory)
		}
		return []string{means}
	}
	e.offer = oneOf(func() []offer {
		var all []offer
		for bytes := int64(16 << 20); !s.exceeds(bytes) && bytes <= 1<<40; bytes *= 2 {
			word := strconv.FormatInt(bytes>>20, 10) + "Mi"
			if bytes >= 1<<30 {
				word = strconv.FormatInt(bytes>>30, 10) + "Gi"
			}
			all = append(all, offer{word, text.Bytes(bytes)})
		}
		return all
	})
}

// share says how much of a busy processor an app gets beside one of others.
func share(shares int64) string {
	const usual = 1024
	switch {
	case shares == 0 || shares == usual:
		return "as all others"
	case shares%usual == 0:
		return strconv.FormatInt(shares/usual, 10) + " times what others get"
	}
	return strconv.FormatFloat(float64(shares)/usual, 'g', 2, 64) + " of what others get"
}

func oomMeans(score *int) string {
	switch {
	case score == nil || *score == 0:
		return "as all others"
	case *score == -1000:
		return "never killed for memory"
	case *score < 0:
		return "killed after others"
	}
	return "killed before others"
}

// rlimitsRow are the limits of setrlimit(2).
func rlimitsRow(i int, at string, app spec.App, e spec.Effective) row {
	words := make([]string, len(app.Rlimits))
	for n, v := range app.Rlimits {
		words[n] = v.Name + "=" + v.Value
	}
	own := strings.Join(words, " ")
	r := row{path: at + ".rlimits", key: at + ".rlimits", label: "rlimits", value: "—", note: "default: podtui's own"}
	switch iso := isolator(e, spec.KindRlimits); {
	case own != "":
		r.value, r.own, r.note = own, true, "yours, soft:hard"
		r.note = beside(r.note, iso)
		r.reset = func(p *spec.Pod) { p.Apps[i].Rlimits = nil }
	case given(iso):
		r.value, r.stays, r.note = iso.Value, true, whence(iso.From, iso.Image)
	}
	r.edit = &edit{start: own, hint: "nofile=1024:4096 nproc=64", offer: listOf(" ,", rlimits),
		set: func(p *spec.Pod, t string) {
			p.Apps[i].Rlimits = nil
			for _, word := range listed(t) {
				p.Apps[i].Rlimits = append(p.Apps[i].Rlimits, parseVar(word))
			}
		}}
	return r
}

func rlimits() []offer {
	names := spec.RlimitNames()
	all := make([]offer, len(names))
	for n, name := range names {
		all[n].word = name + "="
	}
	return all
}

// listed are the words of a list, which commas or spaces part; nil if there is none.
func listed(t string) []string {
	words := strings.FieldsFunc(t, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
	if len(words) == 0 {
		return nil
	}
	return words
}

// cores puts thousandths of a core into words.
func cores(thousandths int64) string {
	switch {
	case thousandths == 250:
		return "a quarter of a core"
	case thousandths == 500:
		return "half a core"
	case thousandths == 1000:
		return "one core"
	case thousandths < 1000:
		return strconv.FormatFloat(float64(thousandths)/10, 'f', -1, 64) + "% of a core"
	}
	return strconv.FormatFloat(float64(thousandths)/1000, 'f', -1, 64) + " cores"
}
