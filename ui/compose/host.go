package compose

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
)

// host is what the form knows of the host that the pod is to run on.
type host struct {
	engine.Foreseen
	networks engine.NetworkChoices
	free     map[string]int // what ports of the images could be published on, by name
	instead  map[string]int // likewise, what ports that are taken could be, by hostSide

	of     spec.Pod // that was looked at: the draft may be another by now
	asked  int      // how often somebody looked
	pauses int      // how often somebody typed something to look at
}

// foreseen is what a look at the host said.
type foreseen struct {
	host
	asked int
}

// foresee returns the work of looking at what a run of the draft would find on the
// host. It is looked at again at each change: somebody may have made what was not
// there.
func (s *Screen) foresee() tea.Cmd {
	s.host.asked++
	pod, asked, images := clone(s.draft.pod), s.host.asked, s.manifests()
	return func() tea.Msg {
		seen := host{Foreseen: s.engine.Foresee(s.ctx, pod), networks: s.engine.NetworkChoices(), of: pod}
		taken := s.engine.ForeseePorts(pod, images)
		seen.Problems = slices.Concat(seen.Problems, taken)
		seen.free, seen.instead = s.freePorts(pod, images, taken)
		return foreseen{seen, asked}
	}
}

// takeForeseen takes what was seen, unless somebody looked again since.
func (s *Screen) takeForeseen(m foreseen) {
	if m.asked == s.host.asked {
		m.host.asked, m.host.pauses = s.host.asked, s.host.pauses
		s.host = m.host
		s.refresh()
		s.found()
	}
}

// settle is how long a path rests before somebody looks whether it is there: half
// of one rarely is.
const settle = 250 * time.Millisecond

// paused is said after each letter of a path.
type paused struct{ pauses int }

// pause returns the work of waiting whether more is typed.
func (s *Screen) pause() tea.Cmd {
	s.host.pauses++
	m := paused{s.host.pauses}
	return tea.Tick(settle, func(time.Time) tea.Msg { return m })
}

// lookAfter looks at the host once nothing more was typed for a while.
func (s *Screen) lookAfter(m paused) tea.Cmd {
	if s.editing == nil || m.pauses != s.host.pauses {
		return nil
	}
	return tea.Batch(s.foresee(), s.seePlaces())
}

// around is what the pod would find where it is run.
func (s *Screen) around() spec.Surroundings {
	a := spec.Surroundings{Environ: s.options.Environ}
	if slices.Equal(s.host.of.EnvFiles, s.draft.pod.EnvFiles) {
		a.EnvFile = s.host.EnvFile
	}
	return a
}

// refuted are the problems that the host has with the draft: what was looked at and
// has changed since has none any more.
func (s *Screen) refuted() []spec.Problem {
	var all []spec.Problem
	for _, p := range s.host.Problems {
		if path, still := s.stillAt(p.Path); still {
			all = append(all, spec.Problem{Path: path, Message: p.Message})
		}
	}
	return all
}

// stillAt finds the field of the pod that was looked at in the draft as it is now.
func (s *Screen) stillAt(path string) (string, bool) {
	was, now := &s.host.of, &s.draft.pod
	if i, rest, ok := element(path, "volumes", len(was.Volumes)); ok {
		j := slices.IndexFunc(now.Volumes, func(v spec.Volume) bool { return reflect.DeepEqual(v, was.Volumes[i]) })
		return fmt.Sprintf("volumes[%d]%s", j, rest), j >= 0
	}
	if i, rest, ok := element(path, "envFiles", len(was.EnvFiles)); ok {
		j := slices.Index(now.EnvFiles, was.EnvFiles[i])
		return fmt.Sprintf("envFiles[%d]%s", j, rest), j >= 0
	}
	if i, rest, ok := element(path, "network.names", len(was.Network.Names)); ok {
		j := slices.Index(now.Network.Names, was.Network.Names[i])
		return fmt.Sprintf("network.names[%d]%s", j, rest), j >= 0
	}
	if i, rest, ok := element(path, "ports", len(was.Ports)); ok {
		j := slices.IndexFunc(now.Ports, func(p spec.Port) bool { return reflect.DeepEqual(p, was.Ports[i]) })
		return fmt.Sprintf("ports[%d]%s", j, rest), j >= 0
	}
	return path, same(*was, *now)
}

// element reads the N of list[N]…, which is below a bound.
func element(path, list string, bound int) (n int, rest string, ok bool) {
	path, ok = strings.CutPrefix(path, list+"[")
	number, rest, closed := strings.Cut(path, "]")
	if !ok || !closed {
		return 0, "", false
	}
	_, err := fmt.Sscanf(number, "%d", &n)
	return n, rest, err == nil && n >= 0 && n < bound
}

// missing is the folder of a volume if it is not there and can be created, else "".
func (s *Screen) missing(v spec.Volume) string {
	if v.Kind == spec.HostVolume && slices.Contains(s.host.Missing, v.Source) {
		return v.Source
	}
	return ""
}

// makeAnswer is the user's yes to creating a folder of the host.
type makeAnswer struct{ path string }

// folderMade is how that went.
type folderMade struct {
	path string
	err  error
}

// askMake asks whether to create the folder that the field names. The path in the
// question is the one that is created, whatever the field holds by then.
func (s *Screen) askMake() screen.Out {
	r := s.current()
	if !s.right || r == nil || r.make == "" {
		return screen.Out{}
	}
	d := dialog.NewConfirm(s.env.Now(), "Create the folder "+r.make+" on the host?", "create it", makeAnswer{r.make},
		"It will be empty and belong to root: others can read it and not write to it.",
		"Folders above it that are missing are created as well.")
	return screen.Say(screen.Ask{Dialog: d})
}

func (s *Screen) makeFolder(a makeAnswer) tea.Cmd {
	return func() tea.Msg { return folderMade{a.path, s.engine.MakeFolder(a.path)} }
}

func (s *Screen) takeMade(m folderMade) screen.Out {
	out := screen.Say(screen.Notice{Text: m.path + " is there now"})
	if m.err != nil {
		out = screen.Say(screen.Notice{Text: m.err.Error(), Wrong: true})
	}
	out.Cmd = s.foresee()
	return out
}
