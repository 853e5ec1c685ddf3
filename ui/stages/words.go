package stages

import (
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine/event"
)

// Ending puts an exit status into words; the cause is the engine's, if it gave
// one: "exited 0", "killed by signal 9 (137)".
func Ending(status *int, cause string) string {
	if status == nil {
		return cause
	}
	n := strconv.Itoa(*status)
	switch {
	case cause != "" && strings.Contains(cause, n):
		return cause
	case cause != "":
		return cause + " (" + n + ")"
	case *status > 128 && *status <= 128+64:
		return "killed by signal " + strconv.Itoa(*status-128) + " (" + n + ")"
	}
	return "exited " + n
}

// Summary puts the step that is under way into a few words.
func (s *Stages) Summary() string {
	for _, img := range s.Images {
		if words := img.words(); words != "" {
			return words
		}
	}
	return ""
}

// words tells how far an image is: what was done, and what is being done. An
// untrusted image is never "verified by" anything but what the engine said.
func (img *Image) words() string {
	var all []string
	say := func(s string) {
		if s != "" {
			all = append(all, s)
		}
	}
	say(step(&img.Search, "search", "", img.Search.Message))
	say(step(&img.Fetch, "fetch", "", "fetched"))
	say(img.verification())
	say(step(&img.Unpack, "unpack", "", "unpacked"))
	return strings.Join(all, " · ")
}

// step tells one step; by what it is called while it runs and once it is done.
func step(st *Step, doing, skipped, done string) string {
	switch st.State {
	case event.Started:
		return join(doing, st.progress(), st.percent())
	case event.Done:
		return done
	case event.Skipped:
		return skipped
	case event.Failed:
		at := ""
		if st.Bytes > 0 {
			at = " at " + st.progressOnly()
		}
		return doing + " stopped" + at
	}
	return ""
}

func join(doing, progress, percent string) string {
	switch {
	case progress == "":
		return doing
	case percent == "":
		return doing + " " + progress
	}
	return doing + " " + percent + " · " + progress
}

func (st *Step) progressOnly() string {
	still := Step{Bytes: st.Bytes, Total: st.Total}
	return still.progress()
}

func (img *Image) verification() string {
	switch img.Verify.State {
	case event.Started:
		return "verify"
	case event.Done:
		switch by := img.Verify.Message; {
		case by == "":
			return "verified"
		case strings.HasPrefix(by, "verified"):
			return by
		default:
			return "verified by " + by
		}
	case event.Skipped:
		return NotVerified
	case event.Failed:
		return "verify failed"
	}
	return ""
}

// NotVerified is how an image that nobody vouches for is marked everywhere.
const NotVerified = "! not verified"
