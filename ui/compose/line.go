package compose

import (
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/stages"
)

// Line is the command line that runs the same pod without a screen.
func (s *Screen) Line() string { return spec.Quote(s.words(s.outward())) }

// shownLine is that line as it stands on the screen.
func (s *Screen) shownLine() string { return spec.Quote(s.words(s.covered(s.outward()))) }

// words are those of the line of a pod as it leaves the form.
func (s *Screen) words(pod spec.Pod) []string {
	words := append(s.command(), "--batch")
	if s.options.AllowUnverified || len(s.doubts()) > 0 {
		words = append(words, stages.SkipsImages)
	}
	words = append(words, "run")
	return append(words, pod.CommandLine()...)
}

// command is how podtui was called.
func (s *Screen) command() []string {
	if len(s.options.Command) == 0 {
		return []string{"podtui"}
	}
	return slices.Clone(s.options.Command)
}

// lax reports whether the line has a flag that lets more through than what the form
// asks about.
func (s *Screen) lax() bool { return !s.options.AllowUnverified && len(s.doubts()) > 0 }

// without is what makes the line do without the flag: nothing, if nothing that is
// known here does.
func (s *Screen) without() []string {
	lines := []string{"Once the content is approved the flag is not needed:"}
	for _, d := range s.doubts() {
		if d.pin == "" {
			return nil
		}
		const enough = len("sha512-") + 32
		if d.id != "" {
			d.pin = d.pin[:min(len(d.pin), enough)]
		}
		lines = append(lines, spec.Quote(append(s.command(), "trust", "--digest="+d.pin)))
	}
	return lines
}

// Warning tells why nobody vouches for the image of the app that is open, and else
// that the command line lets more through than the form does, or podtui to apps.
func (s *Screen) Warning() string {
	if s.at.kind == appSection && s.at.app < len(s.draft.pod.Apps) {
		if d, ok := s.doubtful(s.at.app); ok && !d.why.Plain() {
			return strings.TrimSpace(d.name) + " is not verified: " + d.why.Text
		}
	}
	if s.written != nil { // the line has it beside it
		return ""
	}
	if s.lax() && s.Whole() == "" { // whoever looks at a field wants to know all of that
		return "the flag of the line lets every image in it run, whatever its signature"
	}
	if s.options.Relax.Paths { // which has no field
		return "--insecure-options: nothing of /proc and /sys is hidden from apps"
	}
	return ""
}
