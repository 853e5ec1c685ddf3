package compose

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/text"
)

// lifeRows are an app's limits, and how it ends and begins again. Most apps have
// none of their own: what nobody has asked for is one row, which shows them all.
func (s *Screen) lifeRows(i int, at string, e spec.Effective) []row {
	var rows, rest []row
	for _, r := range allLifeRows(i, at, s.draft.pod.Apps[i], e) {
		s.shown[r.key] = s.shown[r.key] || r.own // it does not go from under the cursor when it is given back
		if s.shown[r.key] {
			rows = append(rows, r)
		} else {
			rest = append(rest, r)
		}
	}
	if len(rest) > 0 {
		rows = append(rows, foldedRow(rest))
	}
	rows[0].gap = true
	return rows
}

func allLifeRows(i int, at string, app spec.App, e spec.Effective) []row {
	restart := choice(at+".restart", "restart", app.Restart, func(p *spec.Pod) *string { return &p.Apps[i].Restart },
		option{string(spec.RestartNever), "default: not again"},
		option{string(spec.RestartOnFailure), "when it fails" + times(e.Life.Restart.Most)},
		option{string(spec.RestartAlways), "however it ends"})
	restart.edit = &edit{start: app.Restart, hint: "no, on-failure[:N] or always",
		set: func(p *spec.Pod, t string) { p.Apps[i].Restart = t }}
	return []row{
		lifeRow(at+".memory", "memory", app.Memory, "—", "no limit", text.Bytes(e.Limits.Memory),
			"64Mi, 64M or bytes", func(p *spec.Pod) *string { return &p.Apps[i].Memory }),
		lifeRow(at+".cpu", "cpu", app.CPU, "—", "no limit", cores(e.Limits.CPU),
			"0.5, 2 or 500m", func(p *spec.Pod) *string { return &p.Apps[i].CPU }),
		restart,
		lifeRow(at+".stopSignal", "stop", app.StopSignal, "SIGTERM", "asks it to end", asks(e.Life.StopSignal),
			"SIGINT, INT or 2", func(p *spec.Pod) *string { return &p.Apps[i].StopSignal }),
		lifeRow(at+".stopTimeout", "timeout", app.StopTimeout, spec.DefaultStopTimeout.String(), "then SIGKILL", patience(e.Life),
			"30s, 2m or 0s", func(p *spec.Pod) *string { return &p.Apps[i].StopTimeout }),
	}
}

// lifeRow is a field that no image has a value for.
func lifeRow(path, label, own, without, instead, means, hint string, of func(*spec.Pod) *string) row {
	r := row{path: path, key: path, label: label, value: without, note: "default: " + instead}
	if own != "" {
		r.value, r.own, r.note = own, true, "yours, "+means
		r.reset = func(p *spec.Pod) { *of(p) = "" }
	}
	r.edit = &edit{start: own, hint: hint, set: func(p *spec.Pod, t string) { *of(p) = t }}
	return r
}

// foldedRow stands for several rows that hold nothing but defaults.
func foldedRow(rest []row) row {
	r := row{key: "folded", label: "more", note: "default"}
	labels := make([]string, len(rest))
	for i, f := range rest {
		labels[i] = f.label
		r.folds = append(r.folds, f.key)
	}
	r.value = strings.Join(labels, ", ")
	return r
}

// unfold shows the fields that a row stands for, with the cursor on the first.
func (s *Screen) unfold(keys []string) {
	for _, key := range keys {
		s.shown[key] = true
	}
	s.refresh()
	s.stay(keys[0])
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

func times(most int) string {
	if most == 0 {
		return ""
	}
	return fmt.Sprintf(", %s at most", text.Count(most, "time"))
}

// asks says what a stop signal does, by its name.
func asks(signal int) string {
	if signal == int(unix.SIGKILL) {
		return "kills it at once"
	}
	name := unix.SignalName(unix.Signal(signal))
	if name == "" {
		name = "signal " + strconv.Itoa(signal)
	}
	return name + " asks it to end"
}

func patience(l spec.Life) string {
	if l.StopTimeout == 0 {
		return "SIGKILL at once"
	}
	return "then SIGKILL"
}
