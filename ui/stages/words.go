package stages

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui/text"
)

// Ending puts an exit status into words; the cause is the engine's, if it gave
// one: "exited 0", "killed by signal 9 (SIGKILL, 137)".
func Ending(status *int, cause string) string {
	if status == nil {
		return cause
	}
	n := strconv.Itoa(*status)
	switch {
	case cause == "status "+n:
	case cause != "" && strings.Contains(cause, n):
		return cause
	case strings.HasSuffix(cause, ")"):
		return strings.TrimSuffix(cause, ")") + ", " + n + ")"
	case cause != "":
		return cause + " (" + n + ")"
	case *status > 128 && *status <= 128+64:
		return "killed by signal " + strconv.Itoa(*status-128) + " (" + n + ")"
	}
	return "exited " + n
}

// BySignal reports whether a status is of a process that was ended in the way
// that stopping a pod ends it: asked by SIGTERM, or killed.
func BySignal(status *int) bool { return status != nil && (*status == 128+15 || *status == 128+9) }

// Stopped reports whether a status is that of being stopped, as was asked for.
func (s *Stages) Stopped(status *int) bool { return s.Asked && BySignal(status) }

// Summary puts what is being done now into words that take so many cells.
func (s *Stages) Summary(now time.Time, room int) string {
	img, ready := s.active()
	if img == nil {
		return ""
	}
	before := ""
	if n := len(s.Images); n > 1 && ready < n {
		before = text.Number(ready+1) + " of " + text.Count(n, "image") + " · "
	}
	return before + img.now(now, room-text.Width(before))
}

// active is the image that something happens to, and how many are ready.
func (s *Stages) active() (img *Image, ready int) {
	for _, i := range s.Images {
		switch {
		case i.ready():
			ready++
			if img == nil {
				img = i
			}
		case img == nil || img.ready() || i.counting() != nil && img.counting() == nil:
			img = i
		}
	}
	return img, ready
}

// now is the step that is under way.
func (img *Image) now(now time.Time, room int) string {
	fetching, unpacking := img.Fetch.Under(), img.Unpack.Under()
	st := img.counting()
	switch {
	case fetching && !unpacking && img.Fetch.Bytes == 0:
		return strings.TrimSpace(img.fetching() + " " + img.Fetch.Message)
	case fetching:
		return img.Fetch.fitting(img.fetching(), now, room)
	case unpacking && st != nil:
		return img.Unpack.fitting("unpack", now, room)
	}
	return img.words(true)
}

// words tells how far an image is: what was done, and what is being done; with
// its verification if that has no row of its own.
func (img *Image) words(verification bool) string {
	var all []string
	say := func(s string) {
		if s != "" && !slices.Contains(all, s) { // two steps may be skipped for one cause
			all = append(all, s)
		}
	}
	say(img.search())
	if verification {
		say(img.verification(inWords))
	}
	if img.failed() {
		say(img.stopped())
	} else if img.Fetch.Under() && img.Unpack.Under() {
		say(img.Fetch.under(img.fetching() + " and unpack")) // one pass over the same bytes
	} else {
		say(step(&img.Fetch, img.fetching(), img.fetched()))
		say(step(&img.Unpack, "unpack", "unpacked"))
	}
	return strings.Join(all, " · ")
}

// stopped tells how far the bytes were when it failed. What was under way then
// has stopped too, though no event says so.
func (img *Image) stopped() string {
	var doing []string
	for _, st := range []struct {
		*Step
		doing string
	}{{&img.Fetch, img.fetching()}, {&img.Unpack, "unpack"}} {
		if st.Under() || st.State == event.Failed {
			doing = append(doing, st.doing)
		}
	}
	if len(doing) == 0 {
		return ""
	}
	words := strings.Join(doing, " and ") + " stopped"
	if n := max(img.Fetch.Bytes, img.Unpack.Bytes); n > 0 {
		words += " at " + text.Part(n, max(img.Fetch.Total, img.Unpack.Total))
	}
	return words
}

func (img *Image) search() string {
	switch {
	case img.here:
		return "in the store"
	case img.Search.State == event.Failed:
		return "search stopped"
	case img.Search.Under():
		return strings.TrimSpace("search " + img.Search.Message)
	}
	return ""
}

// fetching is what bringing the bytes is called: a file is read.
func (img *Image) fetching() string {
	if strings.HasPrefix(img.Ref, "/") || strings.HasPrefix(img.Ref, ".") || strings.HasPrefix(img.Ref, "file:") {
		return "read"
	}
	return "fetch"
}

func (img *Image) fetched() string {
	done := "fetched"
	if img.fetching() == "read" {
		done = "read"
	}
	if img.Fetch.Bytes > 0 {
		done += " " + text.Bytes(img.Fetch.Bytes)
	}
	return done
}

// step tells one step; by what it is called while it runs and once it is done.
func step(st *Step, doing, done string) string {
	switch st.State {
	case event.Started:
		return st.under(doing)
	case event.Done:
		return done
	case event.Skipped:
		return st.Message
	}
	return ""
}

// under tells a step that is under way. How fast it goes stands beside its bar.
func (st *Step) under(doing string) string {
	if p := st.percent(); p != "" {
		return doing + " " + p
	}
	return doing
}
