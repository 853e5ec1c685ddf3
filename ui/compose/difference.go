package compose

import (
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/screen"
)

// differs reports whether a field says something else than its image does, or than
// is so by default. What a volume is says nothing else than anybody: it is only there
// because somebody wanted it.
func (r *row) differs() bool { return r.own && !r.itself }

// differences counts the fields of a section that say something else, as the list
// shows it. It is worked out once after each change.
func (s *Screen) differences(c section) int {
	if n, known := s.counted[c]; known {
		return n
	}
	n := 0
	for _, r := range s.build(c) {
		if r.differs() {
			n++
		}
	}
	if s.counted == nil {
		s.counted = make(map[section]int)
	}
	s.counted[c] = n
	return n
}

// toDifference goes to the next field that says something else, through all sections
// and around.
func (s *Screen) toDifference() screen.Out {
	if s.toNext((*row).differs) {
		return screen.Out{}
	}
	return screen.Say(screen.Notice{Text: "nothing is changed: all is as the images say, or the default"})
}

// toNext goes to the next field of a kind, and reports whether there is any.
func (s *Screen) toNext(fits func(*row) bool) bool {
	all := sections(&s.draft.pod)
	at := max(slices.Index(all, s.at), 0)
	from := -1
	if s.right {
		from = s.cursor
	}
	for n := range len(all) + 1 { // back in the first one, from its beginning
		c := all[(at+n)%len(all)]
		rows := s.rows
		if n > 0 {
			rows, from = s.build(c), -1
		}
		for i := from + 1; i < len(rows); i++ {
			if fits(&rows[i]) {
				s.open(c, true)
				s.cursor = i
				return true
			}
		}
	}
	return false
}

// resetApp gives all that an app says back to its image. What of its volumes no other
// app mounts goes with it.
func (s *Screen) resetApp() screen.Out {
	if s.at.kind != appSection || s.at.app >= len(s.draft.pod.Apps) {
		return screen.Say(screen.Notice{Text: "this gives an app back to its image: go to one"})
	}
	i := s.at.app
	name, others := s.appName(i), s.mountedByOthers(i)
	var kept []string
	changed := s.draft.change(func(p *spec.Pod) {
		app := p.Apps[i]
		p.Apps[i] = spec.App{Image: app.Image, ImageName: app.ImageName, Says: app.Says}
		if s.taken(p, i) {
			p.Apps[i].Name = app.Name
			kept = append(kept, "its name, which tells it apart")
		}
		p.Volumes = slices.DeleteFunc(p.Volumes, func(v spec.Volume) bool {
			if !s.mounts(i, v.Name) {
				return false
			}
			if others[v.Name] {
				kept = append(kept, "volume "+v.Name+", which others mount")
			}
			return !others[v.Name]
		})
		if len(p.Volumes) == 0 {
			p.Volumes = nil
		}
	})
	if !changed {
		return screen.Say(screen.Notice{Text: name + " says nothing else than its image"})
	}
	out := screen.Do(s.follow())
	words := name + " is as its image says"
	if len(kept) > 0 {
		words += ", but for " + strings.Join(kept, ", ")
	}
	out.Wish = screen.Notice{Text: words}
	return out
}

// taken reports whether another app of a pod is called as app i is by its image.
func (s *Screen) taken(p *spec.Pod, i int) bool {
	for j := range p.Apps {
		if j != i && s.nameIn(p, j) == s.nameIn(p, i) {
			return true
		}
	}
	return false
}

// mounts reports whether app i mounts a volume, by a mount point or by itself.
func (s *Screen) mounts(i int, volume string) bool {
	for _, b := range s.draft.pod.ResolveApp(i, s.manifest(i), spec.Surroundings{}).Bindings {
		if b.Volume == volume && !b.Implicit && b.From != spec.FromPod {
			return true
		}
	}
	return false
}

// mountedByOthers are the volumes that somebody else than app i mounts: another app, or the pod
// in all of them.
func (s *Screen) mountedByOthers(i int) map[string]bool {
	all := make(map[string]bool)
	for _, m := range s.draft.pod.Mounts {
		all[m.Volume] = true
	}
	for j := range s.draft.pod.Apps {
		if j == i {
			continue
		}
		for _, b := range s.draft.pod.ResolveApp(j, s.manifest(j), spec.Surroundings{}).Bindings {
			all[b.Volume] = all[b.Volume] || !b.Implicit
		}
	}
	return all
}
