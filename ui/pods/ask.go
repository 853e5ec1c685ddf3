package pods

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// deed is something that can be done to a pod.
type deed int

const (
	stop deed = iota
	kill
	again_
	run
	remove
)

// deeds tell of each what it is called, and what it means.
var deeds = [...]struct {
	verb, doing, did string
	title            string   // the question's first word
	body             []string // and what stands below
	not              string   // why it can't be done to a pod
}{
	stop: {"stop", "stopping", "stopped", "Stop",
		[]string{"Apps are asked to end, and killed if they take too long. Logs stay."}, "does not run"},
	kill: {"kill", "killing", "killed", "Kill",
		[]string{"Every process of it ends at once, without a chance to save anything. Logs stay."}, "does not run"},
	again_: {"restart", "restarting", "restarted", "Restart",
		[]string{"A pod that runs is stopped first. What apps wrote into their own roots is lost; volumes and logs stay."}, "can't be restarted"},
	run: {"run", "starting", "started", "", nil, "can't be run"},
	remove: {"remove", "removing", "removed", "Remove",
		[]string{"What apps wrote into their own roots, empty volumes and logs go with it. Images and folders of the host stay."}, "runs; stop it first"},
}

// deedOf says what an action does, on this screen or on a pod's page.
func deedOf(a keymap.Action) (deed, bool) {
	switch a {
	case keymap.PodsStop, keymap.PageStop:
		return stop, true
	case keymap.PodsKill, keymap.PageKill:
		return kill, true
	case keymap.PodsRun, keymap.PageRun, keymap.WatchRun:
		return again_, true
	case keymap.PodsRemove, keymap.PageRemove, keymap.WatchRemove:
		return remove, true
	}
	return 0, false
}

// of is what is done to a pod: one that never ran has nothing to be restarted.
func (d deed) of(p *pod) deed {
	if d == again_ && p.State == poddir.Prepared {
		return run
	}
	return d
}

// fits reports whether something can be done to a pod as it is now.
func (d deed) fits(p *pod) bool {
	if p.start || p.doing != "" && d != kill {
		return false
	}
	switch d {
	case stop, kill:
		return p.State == poddir.Running
	case again_:
		return p.State == poddir.Running || p.State == poddir.Exited
	case run:
		return p.State == poddir.Prepared
	}
	return p.State != poddir.Running && p.State != poddir.Preparing && p.State != poddir.Deleting
}

// ActOn does what an action says to one pod, for whoever else shows it.
func (s *Screen) ActOn(a keymap.Action, uuid, app string) screen.Out {
	p := s.find(uuid)
	switch {
	case p == nil:
		return screen.Say(screen.Notice{Text: "the pod is gone"})
	case a == keymap.PodAttach, a == keymap.PodEnter:
		return s.terminal(a, p, app)
	}
	return s.ask(a, []*pod{p})
}

// answer is the user's yes.
type answer []task

// task is what is to be done to one pod.
type task struct {
	deed deed
	uuid string
}

// ask does something to pods, and asks first if it can't be undone. Of several
// pods those are left out that it does not fit.
func (s *Screen) ask(a keymap.Action, chosen []*pod) screen.Out {
	d, ok := deedOf(a)
	if !ok || len(chosen) == 0 {
		return screen.Out{}
	}
	if first := chosen[0]; len(chosen) == 1 && first.start && first.State == poddir.Preparing && d == stop {
		return screen.Say(StopStart{first.UUID})
	}
	fit := slices.DeleteFunc(slices.Clone(chosen), func(p *pod) bool { return !d.of(p).fits(p) })
	tasks, prepared := make(answer, len(fit)), 0
	for i, p := range fit {
		if tasks[i] = (task{d.of(p), p.UUID}); tasks[i].deed == run {
			prepared++
		}
	}
	switch {
	case len(fit) == 0:
		return screen.Say(screen.Notice{Text: s.whyNot(d, chosen)})
	case prepared == len(fit): // nothing is lost
		return s.agreed(tasks)
	}
	title, verb, body := deeds[d].title+" "+stages.PodLabel(fit[0].Status)+"?", deeds[d].verb, deeds[d].body
	if len(fit) > 1 {
		title = deeds[d].title + " " + text.Count(len(fit), "pod") + "?"
		body = append(namesOf(fit), append([]string{""}, body...)...)
	}
	if prepared > 0 {
		title = "Run " + text.Count(prepared, "prepared pod") + " and restart " + text.Number(len(fit)-prepared) + "?"
		verb = "run and restart"
	}
	if left := len(chosen) - len(fit); left > 0 {
		body = append(slices.Clone(body), text.Number(left)+" of those that are selected it does not concern.")
	}
	return screen.Say(screen.Ask{Dialog: dialog.NewConfirm(s.env.Now(), title, verb, tasks, body...)})
}

// whyNot says why something can't be done to any of some pods.
func (s *Screen) whyNot(d deed, chosen []*pod) string {
	p := chosen[0]
	switch {
	case len(chosen) > 1:
		return "none of the " + text.Number(len(chosen)) + " pods can be " + deeds[d].did + " now"
	case p.doing != "":
		return stages.PodLabel(p.Status) + ": " + p.doing + " already"
	case p.start && p.State == poddir.Failed:
		return stages.PodLabel(p.Status) + " did not start: there is nothing of it"
	case d == remove && p.State != poddir.Running:
		return stages.PodLabel(p.Status) + " is " + string(p.State)
	}
	return stages.PodLabel(p.Status) + " " + deeds[d].not
}

// namesOf are pods in a question, a line each, and not more than can be read.
func namesOf(pods []*pod) []string {
	const most = 8
	var lines []string
	for i, p := range pods {
		if i == most-1 && len(pods) > most {
			return append(lines, "and "+text.Number(len(pods)-i)+" more")
		}
		lines = append(lines, stages.PodLabel(p.Status))
	}
	return lines
}

// What is collected without being asked for more: as podtui gc does.
const (
	grace          = 30 * time.Minute
	expirePrepared = 24 * time.Hour
)

// collectAnswer is the user's yes to collecting.
type collectAnswer struct {
	asked time.Time     // what has ended since then is left: it was not named
	grace time.Duration // before that
}

// askCollect names what collecting would remove: what ended a while ago, and
// further away everything that has ended.
func (s *Screen) askCollect() screen.Out {
	now := s.env.Now()
	old, ended := s.garbage(now, grace), s.garbage(now, 0)
	later := len(ended) - len(old)
	d := dialog.NewConfirm(now, "Collect garbage?", "collect", collectAnswer{now, grace})
	switch {
	case len(old) > 0:
		d.Body = append([]string{"These pods ended more than 30 min ago, or were prepared more than a day ago, and go:"}, namesOf(old)...)
	default:
		d.Body = []string{"No pod ended more than 30 min ago. What crashes have left behind goes."}
	}
	if later > 0 {
		d.Also, d.Else = "all "+text.Number(len(ended)), collectAnswer{now, 0}
		d.Body = append(d.Body, "", "Ended since, and gone with all:")
		d.Body = append(d.Body, namesOf(slices.DeleteFunc(ended, func(p *pod) bool { return slices.Contains(old, p) }))...)
	}
	return screen.Say(screen.Ask{Dialog: d})
}

// garbage are the pods that collecting with a grace removes.
func (s *Screen) garbage(now time.Time, grace time.Duration) []*pod {
	var all []*pod
	for _, p := range s.all {
		waited := now.Sub(p.LastChange())
		switch {
		case p.start:
		case p.State == poddir.Prepared && now.Sub(p.Created) >= expirePrepared,
			(p.State == poddir.Exited || p.State == poddir.Failed) && waited >= grace:
			all = append(all, p)
		}
	}
	return all
}

// collected is the engine's answer.
type collected struct {
	pods int
	err  error
}

// collect does it. Time has passed since the question.
func (s *Screen) collect(a collectAnswer) tea.Cmd {
	o := collectOptions(a, s.env.Now())
	return func() tea.Msg {
		c, err := s.engine.GC(s.ctx, o)
		return collected{len(c.Pods), err}
	}
}
