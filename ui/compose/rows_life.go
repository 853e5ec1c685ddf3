package compose

import (
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/text"
)

// moreRows are an app's limits, how it is kept apart, how it ends and begins again,
// and what others are told of it. Most apps have nothing of their own here: what
// nobody has asked for is two rows, which show them all.
func (s *Screen) moreRows(i int, at string, e spec.Effective) []row {
	limits, apart := s.limitRows(i, at, e), s.apartRows(i, at, e)
	k := s.of(i)
	if k.elsewhere() {
		unknown(limits)
		unknown(apart)
	}
	rows, more := s.fold("more", slices.Concat(limits, lifeRows(i, at, s.draft.pod.Apps[i], e), s.toldRows(i, at)))
	kept, isolation := s.fold("isolation", apart)
	folded := append(isolation, more...)
	if k.elsewhere() {
		unknown(folded)
	}
	return grouped(slices.Concat(rows, kept, handlerRows(e, s.sayer(i)), folded))
}

func lifeRows(i int, at string, app spec.App, e spec.Effective) []row {
	restart := choice(at+".restart", "restart", app.Restart, func(p *spec.Pod) *string { return &p.Apps[i].Restart },
		option{string(spec.RestartNever), "default: not again"},
		option{string(spec.RestartOnFailure), "when it fails" + times(e.Life.Restart.Most)},
		option{string(spec.RestartAlways), "however it ends"})
	restart.edit = &edit{start: app.Restart, hint: "no, on-failure[:N] or always",
		set: func(p *spec.Pod, t string) { p.Apps[i].Restart = t }}
	return []row{
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
