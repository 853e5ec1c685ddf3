package ui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// progress is what goes on in the background, for the terminal's title, and for the
// task bar of those that have one (OSC 9;4).
type progress struct {
	bar bool // the terminal is not known to take that for something else

	fetching, starting int
	percent            int
	known              bool // the percent
	failures           int  // that stand somewhere
	alarm              bool // one of them is news: no key was pressed since
}

// noteProgress looks what goes on.
func (r *root) noteProgress() {
	p, failures := &r.progress, 0
	var sum stages.Progress
	p.fetching, failures = r.images.Progress(&sum)
	p.starting = r.starting()
	for _, w := range r.watches {
		w.Progress(&sum)
		if w.Failed() {
			failures++
		}
	}
	p.percent, p.known = sum.Percent()
	p.alarm = p.alarm && failures > 0 || failures > p.failures
	p.failures = failures
}

// words tell it in a title: "fetching 2 · 61 %"; "" if nothing goes on.
func (p *progress) words() string {
	if p.fetching+p.starting == 0 && !p.alarm { // as at each key
		return ""
	}
	var doing, parts []string
	for _, one := range []struct {
		what string
		n    int
	}{{"fetching", p.fetching}, {"starting", p.starting}} {
		if one.n > 0 {
			doing = append(doing, one.what+" "+text.Number(one.n))
		}
	}
	if len(doing) > 0 {
		parts = append(parts, strings.Join(doing, ", "))
		if p.known {
			parts = append(parts, strconv.Itoa(p.percent)+" %")
		}
	} else if p.alarm {
		parts = append(parts, "failed")
	}
	return strings.Join(parts, " · ")
}

// shown is the bar in the task bar; nil: there is none, and one that was there goes.
func (p *progress) shown() *tea.ProgressBar {
	switch {
	case !p.bar:
		return nil
	case p.alarm && p.known: // what else goes on goes on: the bar has one colour
		return tea.NewProgressBar(tea.ProgressBarError, p.percent)
	case p.alarm:
		return tea.NewProgressBar(tea.ProgressBarError, 100)
	case p.fetching+p.starting == 0:
		return nil
	case !p.known:
		return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
	}
	return tea.NewProgressBar(tea.ProgressBarDefault, p.percent)
}

// hasBar reports whether a terminal may be sent OSC 9;4. Those that don't know it leave
// it out, but for a few: on these it would be a message to the user, or letters on the
// screen.
func hasBar(environ []string) bool {
	value := func(name string) string {
		for _, v := range environ {
			if value, is := strings.CutPrefix(v, name+"="); is {
				return value
			}
		}
		return ""
	}
	kind, _, _ := strings.Cut(value("TERM"), "-")
	switch kind {
	case "", "dumb", "linux", "screen", "rxvt", "vt100", "vt102", "vt220", "cons25", "sun":
		return false
	}
	const knownToVTE = 7900
	vte, _ := strconv.Atoi(value("VTE_VERSION"))
	switch {
	case value("STY") != "": // screen, whatever it says that it is
		return false
	case vte > 0 && vte < knownToVTE:
		return false
	case value("TERM_PROGRAM") == "iTerm.app":
		return version(value("TERM_PROGRAM_VERSION")) >= version("3.6.6")
	}
	return true
}

// version is "3.6.6" as a number that compares: 3006006.
func version(s string) int {
	n := 0
	parts := append(strings.Split(s, "."), "0", "0")
	for _, part := range parts[:3] {
		digits := strings.TrimLeft(part, "0123456789")
		one, _ := strconv.Atoi(part[:len(part)-len(digits)])
		n = n*1000 + min(one, 999)
	}
	return n
}
