package stages

import (
	"strings"
	"time"

	"github.com/podtui/podtui/ui/text"
)

// Said is one line of how far a pod is, or one of its images, in words.
type Said struct {
	Key   string // the same as long as it is of the same thing
	Words string
}

// Say is how far all of it is, an image or an app a line.
func (s *Stages) Say(now time.Time) []Said {
	var all []Said
	say := func(key, words string) {
		if words != "" {
			all = append(all, Said{key, words})
		}
	}
	for _, img := range s.Images {
		words := "image " + s.nameOf(img)
		if how := img.now(now, unbounded); how != "" {
			words += ": " + strings.ReplaceAll(strings.ReplaceAll(how, NotVerified, NotVerified[len("! "):]), " · ", ", ")
		}
		if why := img.cause(); why != "" {
			words += ", " + why
		}
		if !s.Halted && img.Retry != "" {
			words += ", " + img.Retry
		}
		say("image "+img.Ref, words)
	}
	if words := strings.TrimSpace(string(s.Prepare.State)); words != "" {
		say("prepare", "prepare "+words)
	}
	if s.Network.State != "" {
		say("network", strings.TrimSpace("network "+string(s.Network.State)+" "+s.Network.Message))
	}
	for _, a := range s.Apps {
		words := ""
		switch {
		case a.Status != nil && s.Stopped(a.Status):
			words = "stopped"
		case a.Status != nil || a.Err != "":
			words = orElse(Ending(a.Status, a.Cause), a.Err)
		case !a.Started.IsZero():
			words = "running"
		}
		if words != "" {
			say("app "+a.Name, "app "+a.Name+" "+words)
		}
	}
	if s.Exit != nil {
		words := s.ending()
		if s.Stopped(s.Exit) {
			words = "stopped"
		}
		say("pod", "the pod ended: "+words)
	}
	say("err", s.Err)
	for _, w := range s.Warnings[max(len(s.Warnings)-20, 0):] {
		say("warning "+text.OneLine(w), "warning: "+w)
	}
	return all
}

// unbounded is room enough for any words.
const unbounded = 1 << 10
